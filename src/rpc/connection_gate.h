#pragma once
#include <string>
#include <string_view>

#include "env/call_on.h"
#include "rpc/connection_quotas.h"

namespace moldau::rpc {

// Counts the connections of all shards in one place.
// Context: the quotas are the home shard's; the functions may be called on any shard.
class ConnectionGate {
 public:
  ConnectionGate(env::ShardPort& home, ConnectionLimits limits)
      : home_(home), quotas_(std::move(limits)) {}
  ConnectionGate(const ConnectionGate&) = delete;
  ConnectionGate& operator=(const ConnectionGate&) = delete;

  // As ConnectionQuotas has them; `here` is the asking shard.
  [[nodiscard]] env::Task<Milliseconds> arrived(env::Env& here, std::string listener);
  [[nodiscard]] env::Task<ConnectionQuotas::Verdict> enter(env::Env& here, std::string listener,
                                                           std::string address);
  [[nodiscard]] env::Task<void> left(env::Env& here, std::string address);

 private:
  [[nodiscard]] env::Task<Milliseconds> count_arrival(std::string listener);
  [[nodiscard]] env::Task<ConnectionQuotas::Verdict> decide(std::string listener,
                                                            std::string address);
  [[nodiscard]] env::Task<bool> count_departure(std::string address);

  env::ShardPort& home_;
  ConnectionQuotas quotas_;
};

// "10.0.0.1" of "10.0.0.1:9092", "::1" of "[::1]:9092".
[[nodiscard]] std::string address_of(std::string_view peer);

}  // namespace moldau::rpc
