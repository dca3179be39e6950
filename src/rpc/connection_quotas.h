#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace moldau::rpc {

// How many connections the listeners of a role take: in all, from one address, and how many new
// ones in a second. `protected_listener` (that of the other brokers) takes connections beyond the
// first and the last of these, so that clients cannot keep brokers from each other.
struct ConnectionLimits {
  std::int32_t total = INT32_MAX;                                  // max.connections
  std::int32_t of_address = INT32_MAX;                             // max.connections.per.ip
  std::int32_t in_a_second = INT32_MAX;                            // max.connection.creation.rate
  std::vector<std::pair<std::string, std::int32_t>> of_addresses;  // ...per.ip.overrides
  std::string protected_listener;                                  // empty: none
  // Whether there is anything to count for.
  [[nodiscard]] bool any() const;
};

// Counts connections and decides about new ones: too many in all wait until another has gone, too
// many from an address are refused, too many in a second wait.
// Context: pure.
// Source: ConnectionQuotas of Kafka's SocketServer; Rate and QuotaUtils of its metrics.
class ConnectionQuotas {
 public:
  explicit ConnectionQuotas(ConnectionLimits limits) : limits_(std::move(limits)) {}

  // One has come: how long it must stand at the door because of those before it.
  [[nodiscard]] Milliseconds arrived(std::string_view listener, Instant now);
  // Whether it may come in now; it counts from then on, until left().
  enum class Verdict : std::uint8_t { taken, wait, refused };
  [[nodiscard]] Verdict enter(std::string_view listener, std::string_view address);
  // REQUIRES: enter() of the same address answered `taken`.
  void left(std::string_view address);

  [[nodiscard]] std::int32_t limit_of(std::string_view address) const;
  [[nodiscard]] std::int32_t total() const { return total_; }

 private:
  // A second in which connections came.
  struct Sample {
    Instant begun;
    std::int32_t count = 0;
  };
  using Counts = std::vector<std::pair<std::string, std::int32_t>>;  // sorted, no zeros
  [[nodiscard]] Counts::iterator find(std::string_view address);

  ConnectionLimits limits_;
  Counts counts_;
  std::int32_t total_ = 0;
  std::deque<Sample> samples_;
};

}  // namespace moldau::rpc
