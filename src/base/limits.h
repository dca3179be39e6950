#pragma once
#include <cstdint>

namespace moldau {

// What happens when a limit is reached. Every queue and buffer has a line below.
enum class AtLimit : std::uint8_t {
  stop_reading,      // back-pressure: the socket is not read until there is room
  refuse,            // an error code in the answer
  close_connection,  // one log line, then the connection is closed
  evict_oldest,      // the oldest entry goes
  wait,              // the caller's await completes when there is room
};

struct Limit {
  std::int64_t value;
  AtLimit at_limit;
};

// The Java producer leaves 5 requests unanswered by default; more would only queue here.
inline constexpr Limit k_inflight_per_connection_max{.value = 5, .at_limit = AtLimit::stop_reading};

// Decoder limits of Kafka 4.4: each breach fails the request.
inline constexpr Limit k_array_elements_max{.value = 1'000'000,
                                            .at_limit = AtLimit::close_connection};
inline constexpr Limit k_tagged_fields_max{.value = 10'000, .at_limit = AtLimit::close_connection};

// Bytes that all connections of one shard may hold in frames announced but not yet complete. A
// frame takes memory as its bytes arrive, never from its announced length alone.
inline constexpr Limit k_frame_bytes_per_shard_max{.value = 512 << 20,
                                                   .at_limit = AtLimit::stop_reading};

// What one compressed batch may grow to while it is checked or rewritten; a larger one is refused.
// Checking holds only a piece of it at a time: this bounds the time a shard spends on one batch
// (about 100 ms), which a small batch of zeros could make as long as it likes.
inline constexpr Limit k_decompressed_batch_bytes_max{.value = 256 << 20,
                                                      .at_limit = AtLimit::refuse};

// Errors of single records that one refused batch may name in the answer; the rest are counted.
inline constexpr Limit k_record_errors_max{.value = 1000, .at_limit = AtLimit::refuse};

// Descriptors that the logs of one node keep open; the least recently used is closed.
inline constexpr Limit k_open_log_files_max{.value = 4096, .at_limit = AtLimit::evict_oldest};

// Messages that wait in one shard's mailbox from one other shard.
inline constexpr Limit k_mailbox_messages_max{.value = 16'384, .at_limit = AtLimit::wait};

}  // namespace moldau
