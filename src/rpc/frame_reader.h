#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "bytes/shared_bytes.h"
#include "env/env.h"
#include "env/task.h"
#include "rpc/frame_memory.h"

namespace moldau::rpc {

struct FrameLimits {
  std::size_t frame_bytes_max;
  Milliseconds stall_max;  // see ConnectionSettings; negative: never
};

// Reads frames (an int32 size, then that many bytes) from a stream. Memory is taken as bytes
// arrive, never because a size was announced. Small frames that come together share one buffer and
// one system call; a connection that waits between frames, or with a short piece of one, holds
// none. Source: NetworkReceive. Context: one shard; the stream outlives it. One caller.
class FrameReader {
 public:
  FrameReader(env::Env& env, env::Stream& stream, FrameMemory& memory, FrameLimits limits);
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;
  ~FrameReader();

  // The next frame without its size field. After an error there is none.
  // Errors: connection_closed (without text: between two frames), cancelled (the stream was closed
  // here), bad_frame (a size below zero or over the limit, HTTP, TLS), timed_out (the sender
  // stalls). Texts go on after "<peer> ".
  [[nodiscard]] env::Task<Result<SharedBytes>> next();

  // When the last bytes came; the start of the reader before any did.
  [[nodiscard]] Instant last_read() const { return last_read_; }

 private:
  static constexpr std::size_t k_prefix_size = 4;
  [[nodiscard]] Result<std::size_t> announced_size() const;
  [[nodiscard]] std::size_t have() const { return end_ - begin_; }
  void make_room(std::size_t frame_size);
  void put_aside();
  void take_back();
  [[nodiscard]] env::Task<Result<void>> fill();
  [[nodiscard]] env::Task<Result<SharedBytes>> read_large(std::size_t size);
  [[nodiscard]] std::shared_ptr<FrameBuffer> grown(std::shared_ptr<FrameBuffer> buffer,
                                                   std::size_t got, std::size_t size);
  [[nodiscard]] env::Task<Result<void>> wait_readable();
  [[nodiscard]] std::unexpected<Error> ended(Error error) const;
  void watch_for_stall();
  void look_for_stall();
  void frame_complete();

  env::Env* env_;
  env::Stream* stream_;
  FrameMemory* memory_;
  FrameLimits limits_;
  std::shared_ptr<FrameBuffer> chunk_;  // [begin_, end_) of it is read and not yet handed out
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::vector<std::byte> aside_;  // a short piece of a frame, while no chunk is held
  bool first_frame_ = true;
  bool in_large_frame_ = false;
  Instant last_read_;

  std::optional<env::Timers::TimerId> stall_timer_;
  Instant stall_window_start_;
  std::size_t window_bytes_ = 0;  // came in the window
  std::size_t look_bytes_ = 0;    // came since the last look
  std::optional<std::string> stalled_;
};

}  // namespace moldau::rpc
