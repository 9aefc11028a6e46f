# cmake -D SOURCE=dir -D VERSION=x.y.z -D OUTPUT=file.h -P version.cmake
# Writes the version and, where git knows it, the commit; touches the file only when it says something new.
set(commit "")
find_program(GIT git)
if(GIT)
  execute_process(COMMAND ${GIT} -C ${SOURCE} describe --always --dirty --abbrev=12
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
set(text "#define SONGHUA_VERSION \"${VERSION}\"\n#define SONGHUA_COMMIT \"${commit}\"\n")
set(before "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} before)
endif()
if(NOT before STREQUAL text)
  file(WRITE ${OUTPUT} "${text}")
endif()
