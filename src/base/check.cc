#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace moldau {

void check_failed(const char* file, int line, const char* what) {
  check_failed(file, line, what, {});
}

void check_failed(const char* file, int line, const char* what, const std::string& values) {
  fmt::print(stderr, "{}:{}: {} failed{}{}\n", file, line, what, values.empty() ? "" : ": ",
             values);
  std::fflush(stderr);
  std::abort();
}

}  // namespace moldau
