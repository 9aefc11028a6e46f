// The results of `songhua bench`, for people and for programs.
#ifndef SONGHUA_SIMULATIONS_BENCH_REPORT_H_
#define SONGHUA_SIMULATIONS_BENCH_REPORT_H_

#include <ostream>
#include <string>
#include <vector>

#include "simulations/bench_result.h"

namespace songhua::simulations {

// One object on one line:
//   {"results":[{"name":"matcher/normal","value":12345678,"unit":"msgs/s","p50_ns":50,"p99_ns":180,"p999_ns":400,"limit":3900000,"ratio":3.17}, ...]}
// Numbers are JSON numbers whatever the machine's language; what was not measured is 0.
std::string BenchJson(const std::vector<BenchResult>& results);

// A table: the ratio beside the two figures that it compares, then latencies, then what the figures mean.
void PrintBenchTable(const std::vector<BenchResult>& results, std::ostream& out);

// What the figures were measured on, in one line: processors, memory, kernel, the file system of `directory`, and the load before it began.
std::string MachineLine(const std::string& directory);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_BENCH_REPORT_H_
