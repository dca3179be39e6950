#pragma once
#include <cstdint>
#include <limits>

#include "base/time.h"
#include "record/batch.h"

namespace moldau::log {

using record::TimestampType;

// What one partition log needs to know of its topic's configuration, resolved by the caller. Many
// logs share one (std::shared_ptr<const LogConfig>); a change of configuration is a new object,
// given to PartitionLog::configure().
// Defaults are Kafka's. Names in comments are the topic's keys.
struct LogConfig {
  std::int32_t segment_bytes = 1 << 30;                                    // segment.bytes
  Milliseconds segment_time{7LL * 24 * 3600 * 1000};                       // segment.ms
  Milliseconds segment_jitter{0};                                          // segment.jitter.ms
  std::int32_t index_bytes_max = 10 << 20;                                 // segment.index.bytes
  std::int32_t index_interval_bytes = 4096;                                // index.interval.bytes
  std::int32_t message_bytes_max = 1'048'588;                              // max.message.bytes
  std::int64_t flush_messages = std::numeric_limits<std::int64_t>::max();  // flush.messages
  // cleanup.policy contains compact: offsets may be missing between segments, so that recovery
  // cannot tell a lost tail of a segment from a compacted one.
  bool compacted = false;
  TimestampType timestamp_type = TimestampType::create_time;  // message.timestamp.type
  Milliseconds producer_id_expiration{24LL * 3600 * 1000};    // producer.id.expiration.ms (node)
  bool verify_transactions = false;  // transaction.partition.verification.enable (node)
};

}  // namespace moldau::log
