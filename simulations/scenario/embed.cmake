# cmake -D INPUTS="a.scenario;b.scenario" -D OUTPUT=embedded.cc -D TABLE=kEmbeddedFiles -D HEADER=simulations/demo/embedded.h -P embed.cmake
# Writes the files as C++ arrays and a table of them, which the header declares.
set(arrays "")
set(table "")
set(count 0)
foreach(input ${INPUTS})
  get_filename_component(name ${input} NAME_WE)
  file(READ ${input} bytes HEX)
  string(LENGTH "${bytes}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
  string(APPEND arrays "const unsigned char k${count}[] = {\n${bytes}\n};\n")
  string(APPEND table "    {\"${name}\", k${count}, ${size}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE ${OUTPUT} "#include \"${HEADER}\"

namespace songhua::simulations {
namespace {
${arrays}
}  // namespace

const EmbeddedFile ${TABLE}[] = {
${table}};
const size_t ${TABLE}Count = ${count};

}  // namespace songhua::simulations
")
