#pragma once
#include <array>
#include <cstdint>

#include "base/check.h"

namespace moldau {

// A seeded generator whose sequence is the same on every machine (xoshiro256**, by Blackman and
// Vigna; seeded through splitmix64). Not for secrets. Owned by one user, never shared.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) {
    for (auto& word : state_) {
      seed += 0x9e3779b97f4a7c15U;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
      z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
      word = z ^ (z >> 31U);
    }
  }

  [[nodiscard]] std::uint64_t next() {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }
  // Even over [0, end). REQUIRES: end > 0. The bias of the modulo is below 2^-32 for small ends.
  [[nodiscard]] std::uint64_t below(std::uint64_t end) {
    CHECK_OP(end, >, 0U);
    return next() % end;
  }
  // True once in `n` draws.
  [[nodiscard]] bool one_in(std::uint64_t n) { return below(n) == 0; }
  // An independent generator, so that one part's draws do not shift another's.
  [[nodiscard]] Rng fork() { return Rng(next()); }

 private:
  static std::uint64_t rotate(std::uint64_t x, unsigned k) { return (x << k) | (x >> (64U - k)); }
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace moldau
