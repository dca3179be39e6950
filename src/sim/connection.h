#pragma once
#include <array>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "env/network.h"
#include "env/scheduler.h"
#include "sim/network.h"

namespace moldau::sim {

// One waiter that is posted when something changed; rings without a waiter are forgotten, so the
// waiter looks at the state first.
class Bell {
 public:
  void ring(env::Scheduler& scheduler) {
    if (waiter_) scheduler.post(std::exchange(waiter_, nullptr));
  }
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept {
    CHECK(!waiter_);
    waiter_ = waiter;
  }
  void await_resume() const noexcept {}

 private:
  std::coroutine_handle<> waiter_;
};

enum class End : std::uint8_t { connector = 0, acceptor = 1 };

// Both ends of one TCP connection. Held by its streams and by what is on the way.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Fabric& fabric, std::uint64_t id, ShardEnv& connector, ShardEnv& acceptor);

  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] Result<std::size_t> read(End end, std::span<std::byte> into);
  // As much of the parts as the window takes.
  [[nodiscard]] Result<std::size_t> write(End end, std::span<const Bytes> parts);
  [[nodiscard]] Result<void> check_writable(End end) const;
  void shutdown_write(End end);
  void close(End end);
  // The end sees connection_closed; what is on the way to it and unread is lost.
  void break_end(End end);
  void break_end_later(End end, Duration after);
  void break_both();
  // The shard of this end is gone for ever.
  void lose_owner(End end, bool silently);
  // The partition between the hosts is over.
  void resume_arrivals();

  [[nodiscard]] bool open() const;
  [[nodiscard]] bool touches(const std::string& host) const;
  [[nodiscard]] bool is_between(const std::string& a, const std::string& b) const;
  [[nodiscard]] ShardEnv* owner(End end) const { return side(end).shard; }
  [[nodiscard]] const std::string& host(End end) const { return side(end).host; }

  [[nodiscard]] static env::Task<Result<void>> readable(std::shared_ptr<Connection> self, End end);
  [[nodiscard]] static env::Task<Result<void>> writable(std::shared_ptr<Connection> self, End end);

 private:
  struct Chunk {
    std::vector<std::byte> bytes;
    bool last = false;  // the other end will send no more
  };
  struct Side {
    ShardEnv* shard = nullptr;  // nullptr when its boot has ended
    std::string host;
    std::deque<Chunk> arriving;
    Instant last_arrival;
    std::size_t held = 0;    // arrivals that a partition keeps back
    std::size_t unread = 0;  // bytes on the way to this side or received and not read
    std::vector<std::byte> received;
    std::size_t read_at = 0;
    bool ended = false;  // the other end sends no more, and all of it is in `received`
    bool broken = false;
    bool closed = false;  // by its own program
    bool write_shut = false;
    Bell readable;
    Bell writable;
  };
  [[nodiscard]] Side& side(End end) { return sides_[static_cast<std::size_t>(end)]; }
  [[nodiscard]] const Side& side(End end) const { return sides_[static_cast<std::size_t>(end)]; }
  [[nodiscard]] static End other(End end) {
    return end == End::connector ? End::acceptor : End::connector;
  }
  [[nodiscard]] std::size_t room(End from) const;
  void send(End from, Chunk chunk);
  void schedule_arrival(End at);
  void arrive(End at);
  void ring(Side& side);

  Fabric& fabric_;
  std::uint64_t id_;
  std::array<Side, 2> sides_;
};

// A listening port of one shard.
class ListenerCore final {
 public:
  ListenerCore(Fabric& fabric, ShardEnv& shard, env::Endpoint at)
      : fabric_(fabric), shard_(&shard), at_(std::move(at)) {}
  [[nodiscard]] bool offer(std::shared_ptr<Connection> connection);
  [[nodiscard]] static env::Task<Result<std::unique_ptr<env::Stream>>> accept(
      std::shared_ptr<ListenerCore> self);
  void close();
  [[nodiscard]] ShardEnv* owner() const { return shard_; }
  [[nodiscard]] const env::Endpoint& local() const { return at_; }

 private:
  Fabric& fabric_;
  ShardEnv* shard_;  // nullptr when closed
  env::Endpoint at_;
  std::deque<std::shared_ptr<Connection>> backlog_;
  Bell arrived_;
};

}  // namespace moldau::sim
