#pragma once
#include <algorithm>

#include "base/time.h"

namespace moldau::client {

// Waits that double up to a second (KIP-580, without its jitter: one client retries here, not a
// crowd). Context: a value.
class Backoff {
 public:
  [[nodiscard]] Duration next(Milliseconds first) {
    constexpr Milliseconds k_most{1000};
    const Milliseconds wait = std::min(k_most, first * factor_);
    if (wait < k_most) factor_ *= 2;
    return wait;
  }

 private:
  int factor_ = 1;
};

}  // namespace moldau::client
