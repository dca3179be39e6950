#pragma once
#include <memory>

#include "env/network.h"
#include "os/acceptor.h"
#include "os/shard.h"
#include "os/thread_pool.h"

namespace moldau::os {

// TCP of this machine. A connect that gets no answer gives up after k_connect_time_max.
// Context: one shard; `acceptors` is the process's.
class PosixNetwork final : public env::Network {
 public:
  PosixNetwork(Shard& shard, ThreadPool& readers, Acceptors& acceptors)
      : shard_(&shard), readers_(&readers), acceptors_(&acceptors) {}

  [[nodiscard]] env::Task<Result<std::unique_ptr<env::Listener>>> listen(env::Endpoint at) override;
  [[nodiscard]] env::Task<Result<std::unique_ptr<env::Stream>>> connect(env::Endpoint to) override;

 private:
  // A number is taken as it is; a name goes to the resolver.
  [[nodiscard]] env::Task<Result<std::vector<Address>>> addresses_of(env::Endpoint at,
                                                                     bool passive);
  [[nodiscard]] env::Task<Result<std::unique_ptr<env::Stream>>> connect_one(Address address);

  Shard* shard_;
  ThreadPool* readers_;
  Acceptors* acceptors_;
};

// Applies to each address of a host.
inline constexpr Milliseconds k_connect_time_max = std::chrono::seconds{10};

}  // namespace moldau::os
