#pragma once
#include <fmt/core.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/plain_format.h"
#include "base/time.h"
#include "bytes/shared_bytes.h"

namespace moldau::client {

struct TopicPartition {
  std::string topic;
  PartitionIndex partition;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
  template <class H>
  friend H AbslHashValue(H state, const TopicPartition& it) {
    return H::combine(std::move(state), it.topic, it.partition);
  }
};

struct Header {
  std::string key;
  std::optional<std::vector<std::byte>> value;
  friend bool operator==(const Header&, const Header&) = default;
};

// A record that a program sends. Owns its bytes.
struct OutgoingRecord {
  std::optional<std::vector<std::byte>> key;
  std::optional<std::vector<std::byte>> value;
  std::vector<Header> headers;
  Timestamp timestamp = k_no_timestamp;  // k_no_timestamp: the time of the call
};

// Where a record ended up.
struct Delivery {
  TopicPartition partition;
  Offset offset = k_no_offset;  // k_no_offset with acks=0
  Timestamp timestamp = k_no_timestamp;
};

// Names one send() in its delivery report.
using DeliveryToken = Id<struct DeliveryTokenTag, std::uint64_t>;

// A record that came back. Owns its bytes; copies of it share key and value.
struct IncomingRecord {
  Offset offset;
  Timestamp timestamp;
  bool log_append_time = false;
  LeaderEpoch leader_epoch = k_no_leader_epoch;
  std::optional<SharedBytes> key;
  std::optional<SharedBytes> value;
  std::vector<Header> headers;
};

}  // namespace moldau::client

template <>
struct fmt::formatter<moldau::client::TopicPartition> : moldau::PlainFormat {
  auto format(const moldau::client::TopicPartition& it, fmt::format_context& context) const {
    return moldau::write_plain(context.out(), fmt::format("{}-{}", it.topic, it.partition));
  }
};
