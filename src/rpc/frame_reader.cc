#include "rpc/frame_reader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/limits.h"
#include "bytes/endian.h"

namespace moldau::rpc {
namespace {

constexpr std::size_t k_put_aside_max = 1024;  // more of a frame stays in its chunk
constexpr std::size_t k_room_min = 4096;       // less room at the end of a chunk: take a new one
constexpr std::size_t k_read_size = 1 << 20;   // of one call, in a large frame
constexpr Milliseconds k_look_interval{2000};  // how often a begun frame is looked at

// What strangers send to a port of Kafka by mistake, known by its first bytes.
std::optional<std::string_view> known_stranger(Bytes first_bytes) {
  constexpr std::array<std::string_view, 8> k_http{"GET ", "POST", "HEAD", "PUT ",
                                                   "OPTI", "DELE", "PATC", "PRI "};
  constexpr std::byte k_tls_handshake{0x16};
  constexpr std::byte k_tls_major{0x03};
  const std::string_view text = as_text(first_bytes);
  if (std::ranges::find(k_http, text) != k_http.end()) {
    return "speaks HTTP. This port speaks Kafka's protocol: point the HTTP client elsewhere.";
  }
  if (first_bytes[0] == k_tls_handshake && first_bytes[1] == k_tls_major) {
    return "sends a TLS hello, but this listener is not encrypted. Set "
           "security.protocol=PLAINTEXT in the client, or point it to an SSL listener.";
  }
  return std::nullopt;
}

}  // namespace

FrameReader::FrameReader(env::Env& env, env::Stream& stream, FrameMemory& memory,
                         FrameLimits limits)
    : env_(&env),
      stream_(&stream),
      memory_(&memory),
      limits_(limits),
      last_read_(env.clock.now()) {}

FrameReader::~FrameReader() {
  if (stall_timer_) env_->timers.cancel(*stall_timer_);
}

env::Task<Result<SharedBytes>> FrameReader::next() {
  while (true) {
    take_back();
    if (have() >= k_prefix_size) {
      CO_TRY(const std::size_t size, announced_size());
      if (have() - k_prefix_size >= size) {
        const Bytes view{chunk_->data() + begin_ + k_prefix_size, size};
        begin_ += k_prefix_size + size;
        frame_complete();
        co_return SharedBytes{chunk_, view};
      }
      if (k_prefix_size + size > FrameMemory::k_chunk_capacity) {
        begin_ += k_prefix_size;
        co_return co_await read_large(size);
      }
      make_room(k_prefix_size + size);
    }
    CO_TRY_OK(co_await fill());
  }
}

Result<std::size_t> FrameReader::announced_size() const {
  const std::byte* prefix = chunk_->data() + begin_;
  const auto size = load_big<std::int32_t>(prefix);
  if (size >= 0 && static_cast<std::size_t>(size) <= limits_.frame_bytes_max) {
    return static_cast<std::size_t>(size);
  }
  if (first_frame_) {
    if (const auto what = known_stranger({prefix, k_prefix_size})) {
      return fail(Errc::bad_frame, "{}", *what);
    }
  }
  if (size < 0) {
    return fail(Errc::bad_frame,
                "announces a request of {} bytes: it does not speak Kafka's "
                "protocol, or lost its place in the stream.",
                size);
  }
  return fail(Errc::bad_frame,
              "announces a request of {} bytes; socket.request.max.bytes is {}. Raise that, or "
              "lower batch.size or max.request.size of the client.",
              size, limits_.frame_bytes_max);
}

// Sees to it that the frame at begin_, of `frame_size` bytes with its prefix, can be completed in
// the chunk: others may hold frames before it, so it moves to a new one rather than to the front.
void FrameReader::make_room(std::size_t frame_size) {
  if (begin_ + frame_size <= chunk_->capacity()) return;
  std::shared_ptr<FrameBuffer> fresh = memory_->take(FrameMemory::k_chunk_capacity);
  std::memcpy(fresh->data(), chunk_->data() + begin_, have());
  end_ = have();
  begin_ = 0;
  chunk_ = std::move(fresh);
}

// While nothing comes, a thousand connections should not hold a chunk each.
void FrameReader::put_aside() {
  if (!chunk_ || have() > k_put_aside_max) return;
  aside_.assign(chunk_->data() + begin_, chunk_->data() + end_);
  chunk_.reset();
  begin_ = end_ = 0;
}

void FrameReader::take_back() {
  if (chunk_ && chunk_->capacity() - end_ >= k_room_min) return;
  if (chunk_ && have() > 0) return;  // make_room() decides when the frame's size is known
  chunk_ = memory_->take(FrameMemory::k_chunk_capacity);
  std::ranges::copy(aside_, chunk_->data());
  begin_ = 0;
  end_ = aside_.size();
  aside_.clear();
}

env::Task<Result<void>> FrameReader::fill() {
  if (end_ == chunk_->capacity()) make_room(chunk_->capacity());
  while (true) {
    const Result<std::size_t> got =
        stream_->try_read({chunk_->data() + end_, chunk_->capacity() - end_});
    if (!got) co_return ended(got.error());
    if (*got > 0) {
      end_ += *got;
      window_bytes_ += *got;
      look_bytes_ += *got;
      last_read_ = env_->clock.now();
      co_return Result<void>{};
    }
    if (have() > 0) watch_for_stall();
    put_aside();
    CO_TRY_OK(co_await wait_readable());
    take_back();
  }
}

env::Task<Result<SharedBytes>> FrameReader::read_large(std::size_t size) {
  in_large_frame_ = true;
  const auto at_once = static_cast<std::size_t>(k_frame_bytes_at_once_max.value);
  std::shared_ptr<FrameBuffer> buffer = memory_->take(std::min(size, at_once));
  std::size_t got = have();
  std::memcpy(buffer->data(), chunk_->data() + begin_, got);
  memory_->charge(*buffer, got);
  chunk_.reset();
  begin_ = end_ = 0;
  while (got < size) {
    if (got == buffer->capacity()) buffer = grown(std::move(buffer), got, size);
    const std::size_t want = std::min({size - got, buffer->capacity() - got, k_read_size});
    const std::size_t admitted = memory_->admit(*buffer, want);
    if (admitted == 0) {
      watch_for_stall();
      stall_window_start_ = env_->clock.now();  // it is we who keep it waiting
      look_bytes_ = 1;
      co_await memory_->room();
      continue;
    }
    const Result<std::size_t> part = stream_->try_read({buffer->data() + got, admitted});
    if (!part) co_return ended(part.error());
    if (*part == 0) {
      watch_for_stall();
      CO_TRY_OK(co_await wait_readable());
      continue;
    }
    memory_->charge(*buffer, *part);
    got += *part;
    window_bytes_ += *part;
    look_bytes_ += *part;
    last_read_ = env_->clock.now();
  }
  in_large_frame_ = false;
  frame_complete();
  const Bytes view{buffer->data(), size};
  co_return SharedBytes{std::move(buffer), view};
}

// Doubling, and the exact size as soon as a quarter of it is there.
std::shared_ptr<FrameBuffer> FrameReader::grown(std::shared_ptr<FrameBuffer> buffer,
                                                std::size_t got, std::size_t size) {
  const std::size_t capacity = size / 4 <= got ? size : 2 * got;
  std::shared_ptr<FrameBuffer> larger = memory_->take(capacity);
  std::memcpy(larger->data(), buffer->data(), got);
  memory_->charge(*larger, got);
  return larger;
}

env::Task<Result<void>> FrameReader::wait_readable() {
  const Result<void> ready = co_await stream_->readable();
  if (!ready) co_return ended(ready.error());
  co_return Result<void>{};
}

std::unexpected<Error> FrameReader::ended(Error error) const {
  if (stalled_) return fail(Errc::timed_out, "{}", *stalled_);
  if (error.code() == Errc::connection_closed &&
      (have() > 0 || in_large_frame_ || !aside_.empty())) {
    return fail(Errc::connection_closed, "closed the connection in the middle of a request");
  }
  return fail(std::move(error));
}

void FrameReader::watch_for_stall() {
  if (stall_timer_ || limits_.stall_max < Milliseconds{0}) return;
  const Instant now = env_->clock.now();
  stall_window_start_ = now;
  window_bytes_ = 0;
  look_bytes_ = 0;
  stall_timer_ = env_->timers.arm(now + std::min(limits_.stall_max, k_look_interval),
                                  [this] { look_for_stall(); });
}

void FrameReader::look_for_stall() {
  stall_timer_.reset();
  const Instant now = env_->clock.now();
  const auto least = static_cast<std::size_t>(k_frame_progress_bytes_min.value);
  if (now - stall_window_start_ >= limits_.stall_max) {
    if (window_bytes_ < least) {
      stalled_ = fmt::format("began a request and sent {} bytes of it in the last {} ms.",
                             window_bytes_, limits_.stall_max.count());
    }
    stall_window_start_ = now;
    window_bytes_ = 0;
  } else if (in_large_frame_ && look_bytes_ == 0 && memory_->under_pressure()) {
    stalled_ = "holds memory for a request that does not go on, while others wait for it.";
  }
  if (stalled_) return stream_->close();
  look_bytes_ = 0;
  stall_timer_ = env_->timers.arm(now + std::min(limits_.stall_max, k_look_interval),
                                  [this] { look_for_stall(); });
}

void FrameReader::frame_complete() {
  first_frame_ = false;
  if (stall_timer_) env_->timers.cancel(*std::exchange(stall_timer_, std::nullopt));
}

}  // namespace moldau::rpc
