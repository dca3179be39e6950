#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bytes/endian.h"
#include "bytes/shared_bytes.h"

namespace moldau::sim {

// A 64-bit hash over everything that happened in a run, in order: same seed, same hash, on any
// machine. Only values are folded in, never an address, a pointer order or real time.
class EventHash {
 public:
  void fold(std::uint64_t word) {
    state_ = (state_ ^ word) * 0x9fb21c651e98df25U;
    state_ ^= state_ >> 29U;
  }
  void fold(Bytes bytes) {
    fold(static_cast<std::uint64_t>(bytes.size()));
    while (bytes.size() >= 8) {
      fold(load_big<std::uint64_t>(bytes.data()));
      bytes = bytes.subspan(8);
    }
    std::uint64_t rest = 0;
    for (const std::byte byte : bytes) rest = (rest << 8U) | std::to_integer<std::uint64_t>(byte);
    fold(rest);
  }
  void fold(std::string_view text) { fold(as_bytes(text)); }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0x6d6f6c646175U;
};

}  // namespace moldau::sim
