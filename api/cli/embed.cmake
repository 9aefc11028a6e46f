# cmake -D INPUT=file -D OUTPUT=file.cc -P embed.cmake
# Writes a file's bytes as a C++ array.
file(READ ${INPUT} bytes HEX)
string(LENGTH "${bytes}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "#include \"api/cli/schema.h\"
namespace songhua::api::cli {
const unsigned char kEmbeddedSchema[] = {
${bytes}
};
const unsigned long kEmbeddedSchemaSize = ${size};
}  // namespace songhua::api::cli
")
