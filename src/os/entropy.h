#pragma once
#include <array>
#include <cstddef>

#include "env/env.h"

namespace moldau::os {

// Random bits of the system, fetched a few at a time. Fit for secrets.
class SystemEntropy final : public env::Entropy {
 public:
  [[nodiscard]] std::uint64_t next() override;

 private:
  std::array<std::uint64_t, 32> pool_{};
  std::size_t left_ = 0;
};

}  // namespace moldau::os
