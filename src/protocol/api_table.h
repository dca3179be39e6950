#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/api_key.h"
#include "protocol/versions.h"

// What is known of each API, from schema/rpc.
namespace moldau::protocol {

struct MessageFacts;

struct ApiFacts {
  ApiKey key;
  std::string_view name;     // as Kafka spells it: CreateTopics
  VersionRange versions;     // that can be decoded
  ApiVersion flexible_from;  // k_never_flexible: never
  VersionRange unstable;     // served only with unstable.api.versions.enable
  // What ApiVersions advertises on a listener of that kind; empty: not there. May begin below
  // `versions`: Produce says 0, which librdkafka needs, and closes the connection on 0 to 2.
  VersionRange on_broker;
  VersionRange on_controller;
  bool broker = false;          // may be asked on a broker listener
  bool controller = false;      // may be asked on a controller listener
  bool forwarded = false;       // a broker passes it to the active controller inside Envelope
  bool cluster_action = false;  // needs ClusterAction on Cluster
  bool holds_buffer = false;    // the received bytes must live as long as the request
  const MessageFacts* request;
  const MessageFacts* response;

  [[nodiscard]] bool is_flexible(ApiVersion version) const { return version >= flexible_from; }
};

// Ordered by key.
[[nodiscard]] std::span<const ApiFacts> all_apis();
// nullptr: no such API. For keys from the wire.
[[nodiscard]] const ApiFacts* find_api(std::int16_t key);
// REQUIRES: one of the enum's values.
[[nodiscard]] const ApiFacts& facts(ApiKey key);
// "CreateTopics", or "?" for a key from the wire that is none.
[[nodiscard]] std::string_view name_of(ApiKey key);

}  // namespace moldau::protocol
