// songhua: the one program. See verbs.h for what it can do.
#include <iostream>
#include <string>
#include <vector>

#include "api/cli/client.h"
#include "api/cli/verbs.h"

int main(int argc, char** argv) {
  const songhua::api::cli::Io io{&std::cin, &std::cout, &std::cerr, songhua::api::cli::ConnectGrpc};
  return songhua::api::cli::MakeRegistry().Run(std::vector<std::string>(argv + 1, argv + argc), io);
}
