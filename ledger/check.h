// CHECK: an invariant of money, units or state that stays on in release builds. A failed CHECK prints the condition and the place and ends
// the process before the broken state can be journaled or shown. It is for our own mistakes only: whatever a caller can cause is an
// absl::Status.
#ifndef SONGHUA_LEDGER_CHECK_H_
#define SONGHUA_LEDGER_CHECK_H_

#include <cstdio>
#include <cstdlib>

namespace songhua {
[[noreturn]] inline void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, condition);
  std::fflush(stderr);
  std::abort();
}
}  // namespace songhua

#define SONGHUA_CHECK(condition)                                              \
  (__builtin_expect(static_cast<bool>(condition), 1) ? static_cast<void>(0) \
                                                     : ::songhua::CheckFailed(#condition, __FILE__, __LINE__))

#endif  // SONGHUA_LEDGER_CHECK_H_
