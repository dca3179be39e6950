#include "os/acceptor.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "os/socket.h"
#include "os/system_error.h"

namespace moldau::os {
namespace {

// Descriptors come back when connections end; looking more often would only burn the core.
constexpr Milliseconds k_exhausted_pause{100};
constexpr Milliseconds k_full_pause{10};

bool exhausted(int error_number) {
  return error_number == EMFILE || error_number == ENFILE || error_number == ENOBUFS ||
         error_number == ENOMEM;
}

struct Accepted {
  Descriptor fd;
  Address peer;
};

}  // namespace

struct PosixListener::Queue {
  explicit Queue(Shard& its_shard) : shard(its_shard) {}
  Shard& shard;
  std::atomic<std::int64_t> waiting = 0;  // dealt and not yet taken; counted by both sides
  std::deque<Accepted> accepted;          // from here on the shard's own
  bool closed = false;
  bool descriptors_used_up = false;
  std::coroutine_handle<> waiter;

  void deliver(Accepted connection) {
    if (closed) return;
    accepted.push_back(std::move(connection));
    wake();
  }
  void wake() {
    if (waiter) shard.post(std::exchange(waiter, nullptr));
  }
  struct Wait {
    Queue& queue;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) noexcept {
      CHECK(!queue.waiter);
      queue.waiter = handle;
    }
    void await_resume() const noexcept {}
  };
};

PosixListener::PosixListener(Shard& shard, std::shared_ptr<Acceptor> acceptor, env::Endpoint local)
    : queue_(std::make_shared<Queue>(shard)),
      acceptor_(std::move(acceptor)),
      local_(std::move(local)) {}

PosixListener::~PosixListener() { close(); }

env::Task<Result<std::unique_ptr<env::Stream>>> PosixListener::accept() {
  const std::shared_ptr<Queue> queue = queue_;
  while (!queue->closed && queue->accepted.empty() && !queue->descriptors_used_up) {
    co_await Queue::Wait{*queue};
  }
  if (queue->closed) co_return fail(Errc::cancelled);
  if (queue->accepted.empty()) {
    queue->descriptors_used_up = false;
    co_return fail(Errc::limit_reached,
                   "no connection can be accepted: file descriptors or socket memory are used up. "
                   "Raise the limit of open files (ulimit -n).");
  }
  Accepted next = std::move(queue->accepted.front());
  queue->accepted.pop_front();
  --queue->waiting;
  co_return std::make_unique<PosixStream>(queue->shard, std::move(next.fd), next.peer.text(),
                                          false);
}

void PosixListener::close() {
  if (queue_->closed) return;
  queue_->closed = true;
  queue_->accepted.clear();
  acceptor_->leave(*queue_);
  queue_->wake();
}

Acceptor::Acceptor(Shard& shard, Descriptor socket)
    : shard_(&shard), socket_(std::move(socket)), congestion_control_(socket_.get()) {
  token_ = shard_->poller().add(socket_.get(), *this);
}

Acceptor::~Acceptor() { CHECK(!socket_.open()); }

bool Acceptor::join(std::shared_ptr<PosixListener::Queue> queue) {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  for (const auto& other : queues_) {
    if (&other->shard == &queue->shard) return false;
  }
  queues_.push_back(std::move(queue));
  return true;
}

void Acceptor::leave(const PosixListener::Queue& queue) {
  const bool ours = &queue.shard == shard_;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(queues_, [&queue](const auto& other) { return other.get() == &queue; });
    closed_ |= ours;
  }
  if (!ours) return;
  if (retry_) shard_->timers().cancel(*std::exchange(retry_, std::nullopt));
  shard_->poller().remove(token_, socket_.get());
  socket_.reset();
}

void Acceptor::on_ready(Readiness ready) {
  if (ready.readable && !retry_) accept_all();
}

std::shared_ptr<PosixListener::Queue> Acceptor::next_with_room() {
  const std::lock_guard lock(mutex_);
  for (std::size_t tried = 0; tried < queues_.size(); ++tried) {
    const auto& queue = queues_[(next_ + tried) % queues_.size()];
    if (queue->waiting < k_accepted_waiting_max.value) return queue;
  }
  return nullptr;
}

void Acceptor::accept_all() {
  while (socket_.open()) {
    const std::shared_ptr<PosixListener::Queue> queue = next_with_room();
    if (!queue) return pause(k_full_pause);
    Accepted connection;
    connection.peer.size = sizeof connection.peer.storage;
    connection.fd = Descriptor(::accept4(socket_.get(), connection.peer.get(),
                                         &connection.peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection.fd.open()) {
      congestion_control_.apply(connection.fd.get(), connection.peer);
      ++next_;
      ++queue->waiting;
      if (&queue->shard == shard_) {
        queue->deliver(std::move(connection));
      } else {
        queue->shard.inbox().push([queue, connection = std::move(connection)]() mutable {
          queue->deliver(std::move(connection));
        });
      }
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    // Everything else is about the connection that was to be accepted: it is gone, the next comes.
    if (exhausted(errno)) return descriptors_used_up();
  }
}

void Acceptor::descriptors_used_up() {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& queue : queues_) {
      if (&queue->shard != shard_) continue;
      queue->descriptors_used_up = true;
      queue->wake();
    }
  }
  pause(k_exhausted_pause);
}

void Acceptor::pause(Milliseconds time) {
  retry_ = shard_->timers().arm(shard_->now() + time, [this] {
    retry_.reset();
    accept_all();
  });
}

namespace {

Result<Descriptor> bind_one(const Address& address, bool every) {
  Descriptor fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.open()) return fail(Errc::bad_configuration, "{}", system_text(errno));
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Accepted sockets inherit both, which saves two calls for each connection.
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (every && address.family() == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  if (::bind(fd.get(), address.get(), address.size) != 0 || ::listen(fd.get(), SOMAXCONN) != 0) {
    switch (errno) {
      case EADDRINUSE:
        return fail(Errc::bad_configuration,
                    "{} is in use by another process. Stop it, or choose another port in "
                    "`listeners`.",
                    address.text());
      case EADDRNOTAVAIL:
        return fail(Errc::bad_configuration,
                    "{} is not an address of this machine. Choose one of `ip address` in "
                    "`listeners`.",
                    address.text());
      case EACCES:
        return fail(Errc::bad_configuration,
                    "{}: this user may not bind the port. Choose one above 1023 in `listeners`.",
                    address.text());
      default:
        return fail(Errc::bad_configuration, "{}: {}", address.text(), system_text(errno));
    }
  }
  return fd;
}

Result<Descriptor> bind_first(const env::Endpoint& at, const std::vector<Address>& addresses) {
  CHECK(!addresses.empty());
  Result<Descriptor> bound = fail(Errc::bad_configuration);
  for (const Address& address : addresses) {
    bound = bind_one(address, at.host.empty());
    if (bound) break;
  }
  return bound;
}

}  // namespace

Result<std::unique_ptr<env::Listener>> Acceptors::listen(Shard& shard, const env::Endpoint& at,
                                                         const std::vector<Address>& addresses) {
  const std::lock_guard lock(mutex_);
  std::erase_if(bound_, [](const Bound& bound) { return bound.acceptor.expired(); });
  for (const Bound& bound : bound_) {
    if (bound.local != at) continue;
    const std::shared_ptr<Acceptor> acceptor = bound.acceptor.lock();
    auto listener = std::make_unique<PosixListener>(shard, acceptor, at);
    if (acceptor && acceptor->join(listener->queue_)) return listener;
    listener->queue_->closed = true;
  }
  TRY(Descriptor fd, bind_first(at, addresses));
  Address local;
  local.size = sizeof local.storage;
  CHECK_OP(::getsockname(fd.get(), local.get(), &local.size), ==, 0);
  const env::Endpoint real{at.host, local.port()};
  auto acceptor = std::make_shared<Acceptor>(shard, std::move(fd));
  bound_.push_back({real, acceptor});
  auto listener = std::make_unique<PosixListener>(shard, acceptor, real);
  CHECK(acceptor->join(listener->queue_));
  return listener;
}

}  // namespace moldau::os
