#include "simulations/bench_report.h"

#include <sys/utsname.h>
#include <sys/vfs.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "api/cli/table.h"
#include "api/cli/text.h"

namespace songhua::simulations {
namespace {

using api::cli::Thousands;

void AppendNumber(double value, std::string* out) {
  if (!std::isfinite(value)) value = 0;
  char digits[32];
  // Never with an exponent, and in as few digits as give the value back.
  const auto end = std::to_chars(digits, digits + sizeof(digits), value, std::fabs(value) < 1e15 ? std::chars_format::fixed : std::chars_format::general);
  out->append(digits, end.ptr);
}

double RoundedTo(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  return std::round(value * scale) / scale;
}

void AppendString(const std::string& text, std::string* out) {
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out->push_back('\\');
    if (static_cast<unsigned char>(c) >= 0x20) out->push_back(c);  // names and units hold nothing else
  }
  out->push_back('"');
}

void AppendResult(const BenchResult& result, std::string* out) {
  *out += "{\"name\":";
  AppendString(result.name, out);
  *out += ",\"value\":";
  AppendNumber(RoundedTo(result.value, 1), out);
  *out += ",\"unit\":";
  AppendString(result.unit, out);
  *out += ",\"p50_ns\":" + std::to_string(result.p50_ns) + ",\"p99_ns\":" + std::to_string(result.p99_ns) +
          ",\"p999_ns\":" + std::to_string(result.p999_ns) + ",\"limit\":";
  AppendNumber(RoundedTo(result.limit, 1), out);
  *out += ",\"ratio\":";
  AppendNumber(RoundedTo(result.ratio, 4), out);
  *out += "}";
}

std::string Fixed(double value, int decimals) {
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value, std::chars_format::fixed, decimals);
  return std::string(digits, end.ptr);
}

// "85 ns", "1.3 us", "12 ms": three digits at most; empty for nothing.
std::string Duration(int64_t ns) {
  if (ns == 0) return "";
  const char* const units[] = {" ns", " us", " ms", " s"};
  double value = static_cast<double>(ns);
  size_t unit = 0;
  while (value >= 1000 && unit < 3) {
    value /= 1000;
    ++unit;
  }
  return Fixed(value, unit > 0 && value < 10 ? 1 : 0) + units[unit];
}

std::string Figure(double value, const std::string& unit) {
  if (unit == "ns") return Duration(static_cast<int64_t>(value));
  const std::string number = value < 1000 ? Fixed(value, 1) : Thousands(static_cast<int64_t>(value));
  return unit.empty() ? number : number + " " + unit;
}

// The first value of a key in a file of /proc, such as "model name : AMD EPYC".
std::string ProcValue(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(':');
    if (line.rfind(key, 0) == 0 && colon != std::string::npos) return api::cli::Trim(line.substr(colon + 1));
  }
  return "";
}

std::string FileSystem(const std::string& directory) {
  struct statfs about {};
  if (statfs(directory.c_str(), &about) != 0) return "unknown file system";
  switch (static_cast<uint32_t>(about.f_type)) {
    case 0xEF53: return "ext4";
    case 0x58465342: return "xfs";
    case 0x9123683E: return "btrfs";
    case 0x794C7630: return "overlayfs";
    case 0x01021994: return "tmpfs, which syncs nothing";
    default: return "file system " + std::to_string(about.f_type);
  }
}

}  // namespace

std::string BenchJson(const std::vector<BenchResult>& results) {
  std::string json = "{\"results\":[";
  for (size_t i = 0; i < results.size(); ++i) {
    if (i > 0) json += ",";
    AppendResult(results[i], &json);
  }
  return json + "]}";
}

void PrintBenchTable(const std::vector<BenchResult>& results, std::ostream& out) {
  api::cli::Table table({{"what"}, {"ratio", true}, {"measured", true}, {"limit", true}, {"p50", true}, {"p99", true}, {"p99.9", true}, {""}});
  for (const BenchResult& result : results) {
    table.Add({result.name, Fixed(result.ratio, 2), Figure(result.value, result.unit), Figure(result.limit, result.unit), Duration(result.p50_ns),
               Duration(result.p99_ns), Duration(result.p999_ns), result.note});
  }
  table.Print(out);
}

std::string MachineLine(const std::string& directory) {
  utsname system{};
  uname(&system);
  std::string model = ProcValue("/proc/cpuinfo", "model name");
  if (model.empty()) model = system.machine;
  const int64_t memory_kib = std::strtoll(ProcValue("/proc/meminfo", "MemTotal").c_str(), nullptr, 10);
  double load = 0;
  (void)getloadavg(&load, 1);
  return std::to_string(std::thread::hardware_concurrency()) + " x " + model + ", " + std::to_string((memory_kib + (1 << 19)) >> 20) + " GiB, " +
         system.sysname + " " + system.release + ", " + FileSystem(directory) + ", load " + Fixed(load, 1) + " before";
}

}  // namespace songhua::simulations
