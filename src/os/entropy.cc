#include "os/entropy.h"

#include <sys/random.h>

#include <cerrno>
#include <utility>

#include "base/check.h"

namespace moldau::os {

std::uint64_t SystemEntropy::next() {
  while (left_ == 0) {
    // Up to 256 bytes come whole or not at all.
    const ssize_t got = ::getrandom(pool_.data(), sizeof pool_, 0);
    if (got == static_cast<ssize_t>(sizeof pool_)) {
      left_ = pool_.size();
    } else {
      CHECK_OP(errno, ==, EINTR);
    }
  }
  // What was handed out does not stay in memory.
  return std::exchange(pool_[--left_], 0);
}

}  // namespace moldau::os
