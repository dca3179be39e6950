#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/limits.h"
#include "bytes/shared_bytes.h"
#include "env/env.h"
#include "telemetry/counters.h"

namespace moldau::rpc {

class FrameMemory;

// Memory that a frame is read into. What it is charged counts against the budget of its shard until
// its last holder lets it go, on whatever shard that is.
class FrameBuffer {
 public:
  FrameBuffer(const FrameBuffer&) = delete;
  FrameBuffer& operator=(const FrameBuffer&) = delete;
  ~FrameBuffer();
  [[nodiscard]] std::byte* data() { return bytes_.get(); }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  friend class FrameMemory;
  struct Home;  // of one FrameMemory; stays until its last buffer has gone
  FrameBuffer(std::shared_ptr<Home> home, std::unique_ptr<std::byte[]> bytes, std::size_t capacity);
  std::shared_ptr<Home> home_;
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t capacity_;
  std::size_t charged_ = 0;
};

// The memory of all request frames of one shard: a budget, and buffers kept warm, because the first
// touch of fresh pages is what costs. Buffers that lay unused for a while are given back.
// Buffers of k_chunk_capacity are for small frames and not charged: they are bounded by the number
// of connections, and a client with small requests must not notice that others use up the budget.
// Context: one shard; a FrameBuffer may be dropped on any.
class FrameMemory {
 public:
  static constexpr std::size_t k_chunk_capacity = std::size_t{32} << 10U;
  static constexpr std::size_t k_shelves = 7;  // sizes that are kept warm: 32 KB, 64 KB, ... 2 MB

  FrameMemory(env::Env& env, telemetry::Counters& counters,
              Limit budget = k_frame_bytes_per_shard_max);
  FrameMemory(const FrameMemory&) = delete;
  FrameMemory& operator=(const FrameMemory&) = delete;
  ~FrameMemory();

  // At least `capacity` bytes, not charged.
  [[nodiscard]] std::shared_ptr<FrameBuffer> take(std::size_t capacity);
  // How many of `wanted` bytes may be read into `buffer` now; 0: wait for room(). When the budget
  // is used up, one buffer at a time may go on over it, or all would wait for each other.
  [[nodiscard]] std::size_t admit(FrameBuffer& buffer, std::size_t wanted);
  // Counts bytes that were read into it, after admit().
  void charge(FrameBuffer& buffer, std::size_t size);
  // Completes after a moment in which others may have given memory back.
  [[nodiscard]] env::Task<void> room();

  [[nodiscard]] std::size_t charged() const;    // of all buffers alive
  [[nodiscard]] std::size_t kept_warm() const;  // bytes of the buffers that wait for reuse
  // Somebody waits for room: who holds memory without using it should lose it.
  [[nodiscard]] bool under_pressure() const { return waiting_ > 0; }

 private:
  // Buffers of one size that wait for reuse.
  struct Shelf {
    std::vector<std::unique_ptr<std::byte[]>> buffers;
    std::size_t unused = 0;  // the fewest that lay here since the last look
  };
  void collect();
  void look_after();

  env::Env* env_;
  telemetry::Counter* limit_reached_;
  Limit budget_;
  std::shared_ptr<FrameBuffer::Home> home_;
  std::array<Shelf, k_shelves> shelves_;
  std::size_t kept_warm_ = 0;
  std::optional<env::Timers::TimerId> look_timer_;
  std::size_t waiting_ = 0;
};

}  // namespace moldau::rpc
