// The scenario files of this folder as the build put them into the program. Generated from *.scenario by embed.cmake.
#ifndef SONGHUA_SIMULATIONS_DEMO_EMBEDDED_H_
#define SONGHUA_SIMULATIONS_DEMO_EMBEDDED_H_

#include <cstddef>

namespace songhua::simulations {

struct EmbeddedFile {
  const char* name;  // without its ending
  const unsigned char* bytes;
  size_t size;
};

extern const EmbeddedFile kEmbeddedFiles[];
extern const size_t kEmbeddedFileCount;

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_DEMO_EMBEDDED_H_
