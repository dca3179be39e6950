#pragma once
#include <map>
#include <optional>

#include "base/ids.h"
#include "base/time.h"
#include "metadata/image.h"

namespace moldau::controller {

// Where a broker stands between its registration and its end.
enum class BrokerState : std::uint8_t { fenced, unfenced, controlled_shutdown, shutdown_now };

// When brokers were last heard of and how far they follow the metadata log. This is no record: it
// begins afresh when a controller becomes active, with all unfenced brokers just heard of.
// Context: pure; active controller only. Written by Controller alone, read by deciders.
// Source:  BrokerHeartbeatManager, BrokerHeartbeatTracker.
class Heartbeats {
 public:
  explicit Heartbeats(Milliseconds session_timeout) : session_timeout_(session_timeout) {}

  void begin(const metadata::Cluster& cluster, Instant now);
  void clear();

  // The replayed registration of a broker, new or changed.
  void registered(const metadata::BrokerRegistration& broker, bool new_incarnation);
  void unregistered(BrokerId id);
  // A heartbeat of this incarnation came, whatever it says.
  void contact(BrokerId id, BrokerEpoch epoch, Instant now);
  // This incarnation said that it ends and was told to go: its id is free at once. (Kafka keeps it
  // until the session times out, so that a broker restarted quickly has to wait.)
  void end_session(BrokerId id, BrokerEpoch epoch);
  // A heartbeat was decided on.
  void touch(BrokerId id, bool fenced, Offset metadata_offset);
  // The broker's shutdown waits until the others have read the log up to here.
  void begin_controlled_shutdown(BrokerId id, Offset log_end);
  // Takes one session that is over, if any; it is not reported again.
  struct Session {
    BrokerId id;
    BrokerEpoch epoch;
  };
  [[nodiscard]] std::optional<Session> take_expired(Instant now);

  [[nodiscard]] bool has_session(BrokerId id, BrokerEpoch epoch, Instant now) const;
  [[nodiscard]] BrokerState state(BrokerId id) const;  // fenced for an unknown broker
  [[nodiscard]] std::optional<Offset> controlled_shutdown_offset(BrokerId id) const;
  // The metadata offset of the slowest active broker; nullopt without active brokers.
  [[nodiscard]] std::optional<Offset> lowest_active_offset() const;
  // When the next session would be over.
  [[nodiscard]] std::optional<Instant> next_expiry() const;

 private:
  struct Broker {
    bool fenced = true;
    Offset metadata_offset = k_no_offset;
    std::optional<Offset> controlled_shutdown_offset;
  };
  Milliseconds session_timeout_;
  std::map<BrokerId, Broker> brokers_;
  std::map<std::pair<BrokerId, BrokerEpoch>, Instant> contacts_;
};

}  // namespace moldau::controller
