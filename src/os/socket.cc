#include "os/socket.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "os/file.h"
#include "os/system_error.h"

namespace moldau::os {
namespace {

constexpr std::size_t k_gather_parts_max = 64;

bool try_later(int error_number) {
  return error_number == EAGAIN || error_number == EWOULDBLOCK || error_number == EINTR;
}

std::unexpected<Error> connection_error(int error_number) {
  // The common ends of a connection need no sentence.
  if (error_number == ECONNRESET || error_number == EPIPE) return fail(Errc::connection_closed);
  return fail(Errc::connection_closed, "{}", system_text(error_number));
}

}  // namespace

// Readiness is remembered between the edges that the poller tells.
class PosixStream::State final : public Pollable {
 public:
  State(Shard& shard, Descriptor fd, bool connecting)
      : shard_(&shard), fd_(std::move(fd)), may_write_(!connecting) {
    token_ = shard_->poller().add(fd_.get(), *this);
  }
  ~State() override { close(); }

  void on_ready(Readiness ready) override {
    may_read_ |= ready.readable;
    may_write_ |= ready.writable;
    peer_closed_ |= ready.peer_closed;
    if (may_read_) wake(reader_);
    if (may_write_) wake(writer_);
  }

  void close() {
    if (!fd_.open()) return;
    shard_->poller().remove(token_, fd_.get());
    fd_.reset();
    wake(reader_);
    wake(writer_);
  }

  struct Wait {
    std::coroutine_handle<>& place;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) noexcept {
      CHECK(!place);
      place = waiter;
    }
    void await_resume() const noexcept {}
  };
  [[nodiscard]] bool open() const { return fd_.open(); }
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool may_read() const { return may_read_; }
  [[nodiscard]] bool may_write() const { return may_write_; }
  [[nodiscard]] Wait until_readable() { return {reader_}; }
  [[nodiscard]] Wait until_writable() { return {writer_}; }
  // Less came than was asked for: the next edge tells of more. A closed peer makes no more edges.
  void drained() { may_read_ = peer_closed_; }
  void stuffed() { may_write_ = false; }

 private:
  void wake(std::coroutine_handle<>& waiter) {
    if (waiter) shard_->post(std::exchange(waiter, nullptr));
  }

  Shard* shard_;
  Descriptor fd_;
  Poller::Token token_;
  bool may_read_ = false;
  bool may_write_;
  bool peer_closed_ = false;
  std::coroutine_handle<> reader_;
  std::coroutine_handle<> writer_;
};

PosixStream::PosixStream(Shard& shard, Descriptor fd, std::string peer, bool connecting)
    : state_(std::make_shared<State>(shard, std::move(fd), connecting)), peer_(std::move(peer)) {}

PosixStream::~PosixStream() { close(); }

Result<std::size_t> PosixStream::try_read(std::span<std::byte> into) {
  if (!state_->open()) return fail(Errc::cancelled);
  if (!state_->may_read() || into.empty()) return std::size_t{0};
  const ssize_t got = ::recv(state_->fd(), into.data(), into.size(), 0);
  if (got > 0) {
    const auto size = static_cast<std::size_t>(got);
    if (size < into.size()) state_->drained();
    return size;
  }
  if (got == 0) return fail(Errc::connection_closed);
  if (!try_later(errno)) return connection_error(errno);
  state_->drained();
  return std::size_t{0};
}

Result<std::size_t> PosixStream::try_write(std::span<const Bytes> parts) {
  if (!state_->open()) return fail(Errc::cancelled);
  if (!state_->may_write()) return std::size_t{0};
  std::array<iovec, k_gather_parts_max> gather;
  const std::size_t count = std::min(parts.size(), gather.size());
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) {
    gather[i] = {const_cast<std::byte*>(parts[i].data()), parts[i].size()};
    size += parts[i].size();
  }
  msghdr message{};
  message.msg_iov = gather.data();
  message.msg_iovlen = count;
  const ssize_t put =
      ::sendmsg(state_->fd(), &message, MSG_NOSIGNAL | (more_follows_ ? MSG_MORE : 0));
  if (put < 0) {
    if (!try_later(errno)) return connection_error(errno);
    state_->stuffed();
    return std::size_t{0};
  }
  if (static_cast<std::size_t>(put) < size) state_->stuffed();
  return static_cast<std::size_t>(put);
}

Result<std::size_t> PosixStream::try_send_file(const env::FileRange& range) {
  if (!state_->open()) return fail(Errc::cancelled);
  if (!state_->may_write() || range.size == 0) return std::size_t{0};
  const auto* file = dynamic_cast<const PosixFile*>(range.file.get());
  CHECK(file != nullptr);
  auto position = static_cast<off_t>(range.position);
  const ssize_t put = ::sendfile(state_->fd(), file->descriptor(), &position, range.size);
  if (put > 0) {
    if (static_cast<std::size_t>(put) < range.size) state_->stuffed();
    return static_cast<std::size_t>(put);
  }
  if (put == 0) {
    return fail(Errc::io_failure, "{}: ends before position {}", file->path(), range.position);
  }
  if (try_later(errno)) {
    state_->stuffed();
    return std::size_t{0};
  }
  if (errno == EIO) return file_error(file->path(), "sendfile", errno);
  return connection_error(errno);
}

env::Task<Result<void>> PosixStream::readable() {
  const std::shared_ptr<State> state = state_;
  while (state->open() && !state->may_read()) co_await state->until_readable();
  if (!state->open()) co_return fail(Errc::cancelled);
  co_return Result<void>{};
}

env::Task<Result<void>> PosixStream::writable() {
  const std::shared_ptr<State> state = state_;
  while (state->open() && !state->may_write()) co_await state->until_writable();
  if (!state->open()) co_return fail(Errc::cancelled);
  co_return Result<void>{};
}

void PosixStream::shutdown_write() {
  if (state_->open()) ::shutdown(state_->fd(), SHUT_WR);
}

void PosixStream::close() { state_->close(); }

int PosixStream::take_connect_error() {
  int error_number = 0;
  socklen_t size = sizeof error_number;
  if (::getsockopt(state_->fd(), SOL_SOCKET, SO_ERROR, &error_number, &size) != 0) return errno;
  return error_number;
}

}  // namespace moldau::os
