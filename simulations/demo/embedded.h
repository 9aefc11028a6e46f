// The scenario files of this folder as the build put them into the program.
#ifndef SONGHUA_SIMULATIONS_DEMO_EMBEDDED_H_
#define SONGHUA_SIMULATIONS_DEMO_EMBEDDED_H_

#include "simulations/scenario/embedded_file.h"

namespace songhua::simulations {

extern const EmbeddedFile kEmbeddedFiles[];
extern const size_t kEmbeddedFilesCount;

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_DEMO_EMBEDDED_H_
