#include "rpc/frame_writer.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <coroutine>
#include <utility>

#include "base/check.h"
#include "base/limits.h"

namespace moldau::rpc {
namespace {

constexpr std::size_t k_gather_parts_max = 64;

// Lets everything else that is ready run first.
struct Yield {
  env::Scheduler& scheduler;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) const { scheduler.post(self); }
  void await_resume() const noexcept {}
};

std::size_t memory_size(const std::vector<Piece>& pieces) {
  std::size_t size = 0;
  for (const Piece& piece : pieces) {
    if (const auto* bytes = std::get_if<SharedBytes>(&piece)) size += bytes->size();
  }
  return size;
}

}  // namespace

const env::FileRange* FrameWriter::Frame::file(std::size_t index) const {
  return index == 0 ? nullptr : std::get_if<env::FileRange>(&pieces[index - 1]);
}

Bytes FrameWriter::Frame::memory(std::size_t index) const {
  const Bytes all = index == 0 ? front.view() : std::get<SharedBytes>(pieces[index - 1]).view();
  return index == at ? all.subspan(written) : all;
}

FrameWriter::FrameWriter(env::Env& env, env::Stream& stream)
    : env_(&env),
      stream_(&stream),
      last_write_(env.clock.now()),
      filled_(env.scheduler),
      progress_(env.scheduler) {}

FrameWriter::Slot FrameWriter::reserve() {
  CHECK(!finishing_);
  queue_.emplace_back();
  return Slot{front_slot_.value() + queue_.size() - 1};
}

FrameWriter::Frame& FrameWriter::frame(Slot slot) {
  CHECK_OP(slot, >=, front_slot_);
  CHECK_OP(slot.value() - front_slot_.value(), <, queue_.size());
  return queue_[slot.value() - front_slot_.value()];
}

void FrameWriter::fill(Slot slot, const FrameFront& front, std::vector<Piece> pieces, Left* left) {
  if (ended_) {
    if (left != nullptr) left->complete(fail(Errc::connection_closed));
    return;
  }
  Frame& place = frame(slot);
  CHECK(!place.ready);
  unsent_bytes_ += memory_size(pieces);
  place.front = front;
  place.pieces = std::move(pieces);
  place.left = left;
  place.ready = true;
  if (slot == front_slot_) filled_.ring();
}

void FrameWriter::skip(Slot slot) { fill(slot, FrameFront{}, {}); }

void FrameWriter::finish() {
  finishing_ = true;
  filled_.ring();
}

env::Task<Result<void>> FrameWriter::run() {
  Result<void> outcome;
  while (outcome && !(finishing_ && queue_.empty())) {
    if (blocked()) {
      outcome = co_await write_some();
    } else {
      file_bytes_in_turn_ = 0;
      co_await filled_;
    }
  }
  ended_ = true;
  for (const Frame& unwritten : queue_) {
    if (unwritten.left != nullptr) unwritten.left->complete(outcome);
  }
  queue_.clear();
  unsent_bytes_ = 0;
  progress_.ring();
  co_return outcome;
}

env::Task<Result<void>> FrameWriter::write_some() {
  drop_finished();
  if (!blocked()) co_return Result<void>{};
  if (const env::FileRange* range = queue_.front().file(queue_.front().at)) {
    co_return co_await send_file(*range);
  }
  CO_TRY(const std::size_t put, gather());
  if (put == 0) co_return co_await stream_->writable();
  advance(put);
  drop_finished();
  co_return Result<void>{};
}

// One write of everything in memory that is ready, up to the next range of a file.
Result<std::size_t> FrameWriter::gather() {
  std::array<Bytes, k_gather_parts_max> parts;
  std::size_t count = 0;
  bool file_next = false;
  for (const Frame& next : queue_) {
    if (!next.ready || file_next) break;
    for (std::size_t i = next.at; i < next.count() && count < parts.size(); ++i) {
      file_next = next.file(i) != nullptr;
      if (file_next) break;
      parts[count++] = next.memory(i);
    }
    if (count == parts.size()) break;
  }
  stream_->more_follows(file_next);
  return stream_->try_write(std::span{parts}.first(count));
}

void FrameWriter::advance(std::size_t size) {
  last_write_ = env_->clock.now();
  while (size > 0) {
    Frame* front = &queue_.front();
    if (front->at == front->count()) {
      drop_finished();
      continue;
    }
    const std::size_t left = front->memory(front->at).size();
    const std::size_t step = std::min(size, left);
    size -= step;
    if (front->at > 0) unsent_bytes_ -= step;
    front->written += step;
    if (step < left) return;
    ++front->at;
    front->written = 0;
  }
}

// Takes out what is written to its end, empty pieces included.
void FrameWriter::drop_finished() {
  while (blocked()) {
    Frame& front = queue_.front();
    while (front.at < front.count()) {
      const env::FileRange* range = front.file(front.at);
      if (range != nullptr ? range->size > 0 : !front.memory(front.at).empty()) return;
      ++front.at;
      front.written = 0;
    }
    if (front.left != nullptr) front.left->complete({});
    queue_.pop_front();
    front_slot_ = front_slot_.next();
    progress_.ring();
  }
}

env::Task<Result<void>> FrameWriter::send_file(env::FileRange range) {
  const auto turn_max = static_cast<std::size_t>(k_send_bytes_per_turn_max.value);
  if (file_bytes_in_turn_ >= turn_max) {
    file_bytes_in_turn_ = 0;
    co_await Yield{env_->scheduler};
  }
  range.size = std::min(range.size, turn_max - file_bytes_in_turn_);
  CO_TRY_OK(co_await range.file->make_resident(range.position, range.size));
  stream_->more_follows(false);
  CO_TRY(const std::size_t put, stream_->try_send_file(range));
  if (put == 0) co_return co_await stream_->writable();
  last_write_ = env_->clock.now();
  file_bytes_in_turn_ += put;
  Frame& front = queue_.front();
  auto& left = std::get<env::FileRange>(front.pieces[front.at - 1]);
  left.position += put;
  left.size -= put;
  drop_finished();
  co_return Result<void>{};
}

}  // namespace moldau::rpc
