#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/limits.h"
#include "bytes/shared_bytes.h"
#include "env/env.h"
#include "telemetry/counters.h"

namespace moldau::rpc {

class FrameMemory;

// Memory that a frame is read into. Its bytes are counted against the budget of its shard from
// charge() until its last holder lets it go, on whatever shard that is.
class FrameBuffer {
 public:
  FrameBuffer(const FrameBuffer&) = delete;
  FrameBuffer& operator=(const FrameBuffer&) = delete;
  ~FrameBuffer();
  [[nodiscard]] std::byte* data() { return bytes_.get(); }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::size_t charged() const { return charged_; }

 private:
  friend class FrameMemory;
  struct Home;  // what outlives the FrameMemory while buffers are out
  FrameBuffer(std::shared_ptr<Home> home, std::unique_ptr<std::byte[]> bytes, std::size_t capacity);
  std::shared_ptr<Home> home_;
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t capacity_;
  std::size_t charged_ = 0;
};

// The memory of all request frames of one shard: a budget (k_frame_bytes_per_shard_max) and a few
// buffers kept warm, because the first touch of fresh pages is what costs. Buffers that nobody used
// for a while are given back.
// Context: one shard; a FrameBuffer may be dropped on any.
class FrameMemory {
 public:
  FrameMemory(env::Env& env, telemetry::Counters& counters,
              Limit budget = k_frame_bytes_per_shard_max);
  FrameMemory(const FrameMemory&) = delete;
  FrameMemory& operator=(const FrameMemory&) = delete;
  ~FrameMemory();

  // At least `capacity` bytes, not charged yet.
  [[nodiscard]] std::shared_ptr<FrameBuffer> take(std::size_t capacity);
  // Counts `size` more bytes to the buffer. False, and nothing counted, when the budget has no room
  // for them; the caller stops reading and tries again after room().
  [[nodiscard]] bool charge(FrameBuffer& buffer, std::size_t size);
  // Moves what `from` is charged to `to`: the frame outgrew its buffer.
  void move_charge(FrameBuffer& from, FrameBuffer& to);
  // Completes after a moment in which others may have given memory back.
  [[nodiscard]] env::Task<void> room();
  // When nobody else can finish, one frame may go over the budget: true for one buffer at a time.
  [[nodiscard]] bool may_overdraw(FrameBuffer& buffer);

  [[nodiscard]] std::size_t charged() const;    // bytes of all frames alive
  [[nodiscard]] std::size_t kept_warm() const;  // bytes of the buffers that wait for reuse
  [[nodiscard]] bool under_pressure() const { return waiting_ > 0; }

 private:
  void collect();
  void arm_release();
  void release_unused();

  env::Env* env_;
  telemetry::Counter* limit_reached_;
  Limit budget_;
  std::shared_ptr<FrameBuffer::Home> home_;
  std::vector<std::unique_ptr<std::byte[]>> small_;  // k_small_capacity each
  std::vector<std::unique_ptr<std::byte[]>> large_;  // k_large_capacity each
  std::size_t small_unused_ = 0;  // the fewest that lay here since the last release
  std::size_t large_unused_ = 0;
  std::optional<env::Timers::TimerId> release_timer_;
  std::size_t waiting_ = 0;
};

}  // namespace moldau::rpc
