#pragma once
#include <cstddef>
#include <deque>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "env/completion.h"
#include "env/env.h"
#include "env/task.h"
#include "rpc/request_header.h"
#include "rpc/response.h"

namespace moldau::rpc {

// Writes frames to a stream in the order their slots were reserved, whatever order they are filled
// in. Frames that are ready together leave in one gather call; ranges of files leave by sendfile,
// made resident before, and after k_send_bytes_per_turn_max of them others get their turn.
// Context: one shard; the stream outlives it.
class FrameWriter {
 public:
  using Slot = Id<struct FrameSlotTag, std::uint64_t>;

  FrameWriter(env::Env& env, env::Stream& stream);
  FrameWriter(const FrameWriter&) = delete;
  FrameWriter& operator=(const FrameWriter&) = delete;

  // The next place in the order.
  [[nodiscard]] Slot reserve();
  // `front`, then `pieces`. Written soon, not in this call. Once per slot. `left` is completed when
  // the stream has taken all of it, or with the error that ends run() before that.
  using Left = env::Completion<Result<void>>;
  void fill(Slot slot, const FrameFront& front, std::vector<Piece> pieces, Left* left = nullptr);
  // Nothing goes out for this slot.
  void skip(Slot slot);

  // Writes what is filled, until the stream fails or is closed, or until finish() and all is
  // written. Errors: those of the stream; io_failure of a file. Once.
  [[nodiscard]] env::Task<Result<void>> run();
  // No slot will be reserved any more.
  void finish();
  // run() has ended: what is reserved or filled from now on goes nowhere.
  [[nodiscard]] bool ended() const { return ended_; }
  // Rings when a slot has been written, and when run() has ended. One waiter.
  [[nodiscard]] env::Signal& progress() { return progress_; }

  [[nodiscard]] std::size_t unsent() const { return queue_.size(); }        // slots
  [[nodiscard]] std::size_t unsent_bytes() const { return unsent_bytes_; }  // in memory
  // Something is ready and waits for the peer to take it.
  [[nodiscard]] bool blocked() const { return !queue_.empty() && queue_.front().ready; }
  [[nodiscard]] Instant last_write() const { return last_write_; }

 private:
  struct Frame {
    FrameFront front;
    std::vector<Piece> pieces;
    bool ready = false;
    std::size_t at = 0;       // the piece to go on with; 0 is the front
    std::size_t written = 0;  // of it
    Left* left = nullptr;
    [[nodiscard]] std::size_t count() const { return pieces.size() + 1; }
    // The bytes of piece `index` that are left; nothing for a range of a file.
    [[nodiscard]] const env::FileRange* file(std::size_t index) const;
    [[nodiscard]] Bytes memory(std::size_t index) const;
  };
  [[nodiscard]] Frame& frame(Slot slot);
  [[nodiscard]] env::Task<Result<void>> write_some();
  [[nodiscard]] Result<std::size_t> gather();
  void advance(std::size_t size);
  void drop_finished();
  [[nodiscard]] env::Task<Result<void>> send_file(env::FileRange range);

  env::Env* env_;
  env::Stream* stream_;
  std::deque<Frame> queue_;
  Slot front_slot_{0};  // of queue_.front()
  std::size_t unsent_bytes_ = 0;
  std::size_t file_bytes_in_turn_ = 0;
  bool finishing_ = false;
  bool ended_ = false;
  Instant last_write_;
  env::Signal filled_;
  env::Signal progress_;
};

}  // namespace moldau::rpc
