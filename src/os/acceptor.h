#pragma once
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "env/network.h"
#include "os/address.h"
#include "os/congestion.h"
#include "os/descriptor.h"
#include "os/shard.h"

namespace moldau::os {

class Acceptor;

// One shard's end of a listening address. Connections arrive in its queue; accept() takes them out.
class PosixListener final : public env::Listener {
 public:
  PosixListener(Shard& shard, std::shared_ptr<Acceptor> acceptor, env::Endpoint local);
  ~PosixListener() override;
  [[nodiscard]] env::Task<Result<std::unique_ptr<env::Stream>>> accept() override;
  [[nodiscard]] const env::Endpoint& local() const override { return local_; }
  void close() override;

 private:
  friend class Acceptor;
  friend class Acceptors;
  struct Queue;
  std::shared_ptr<Queue> queue_;
  std::shared_ptr<Acceptor> acceptor_;
  env::Endpoint local_;
};

// The one listening socket of an address. The shard that bound it accepts, and deals connections
// out to the listeners of all shards in turn: that is even for two connections already, where
// SO_REUSEPORT spreads by a hash, and it lets nobody else bind the port (docs/decisions/0005).
// Context: join() and leave() from any shard; the rest from the shard that made it.
class Acceptor final : public Pollable, public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(Shard& shard, Descriptor socket);
  ~Acceptor() override;

  void on_ready(Readiness ready) override;
  // False when it is closed, or when this shard listens here already.
  [[nodiscard]] bool join(std::shared_ptr<PosixListener::Queue> queue);
  // The shard that bound the socket closes it by leaving.
  void leave(const PosixListener::Queue& queue);

 private:
  void accept_all();
  void descriptors_used_up();
  [[nodiscard]] std::shared_ptr<PosixListener::Queue> next_with_room();
  void pause(Milliseconds time);

  Shard* shard_;
  Descriptor socket_;
  AcceptedCongestionControl congestion_control_;
  Poller::Token token_;
  std::optional<env::Timers::TimerId> retry_;
  std::mutex mutex_;  // of what follows
  bool closed_ = false;
  std::vector<std::shared_ptr<PosixListener::Queue>> queues_;
  std::size_t next_ = 0;
};

// The listening addresses of the process, so that the shards find each other's.
// Context: any shard.
class Acceptors {
 public:
  // Binds `at`, or joins the socket that another shard bound. Errors: bad_configuration.
  [[nodiscard]] Result<std::unique_ptr<env::Listener>> listen(
      Shard& shard, const env::Endpoint& at, const std::vector<Address>& addresses);

 private:
  struct Bound {
    env::Endpoint local;
    std::weak_ptr<Acceptor> acceptor;
  };
  std::mutex mutex_;
  std::vector<Bound> bound_;
};

}  // namespace moldau::os
