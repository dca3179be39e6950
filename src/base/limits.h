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
// Memory that the lists of one decoded message may take, beside four times the bytes it came in. An
// element in memory can be 40 times as large as the shortest one on the wire, so that 100 MB of
// empty ones would take 4 GB. Real messages of many megabytes are mostly records, which are views.
inline constexpr Limit k_decoded_lists_bytes_max{.value = 64 << 20,
                                                 .at_limit = AtLimit::close_connection};

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

// A frame up to this size gets all its memory when its first bytes arrive; a larger one grows by
// doubling as they come. Large enough for the batches of ordinary producers, small enough that a
// thousand liars do not matter.
inline constexpr Limit k_frame_bytes_at_once_max{.value = 2 << 20, .at_limit = AtLimit::wait};

// Bytes of frames that one connection may have under way, its unanswered requests included, before
// the next frame is read. One frame of any allowed size is always read.
inline constexpr Limit k_frame_bytes_per_connection_max{.value = 32 << 20,
                                                        .at_limit = AtLimit::stop_reading};

// Bytes that a frame must bring in each ConnectionSettings::stall_max once it has begun. The
// slowest link that deserves patience brings far more.
inline constexpr Limit k_frame_progress_bytes_min{.value = 4096,
                                                  .at_limit = AtLimit::close_connection};

// Bytes of answers in memory (not in files) that wait for a slow reader.
inline constexpr Limit k_response_bytes_per_connection_max{.value = 16 << 20,
                                                           .at_limit = AtLimit::stop_reading};

// Bytes of a file sent on one connection before the others of the shard get their turn.
inline constexpr Limit k_send_bytes_per_turn_max{.value = 1 << 20, .at_limit = AtLimit::wait};

// Requests without answer on one connection of ours to another node.
inline constexpr Limit k_client_inflight_max{.value = 1000, .at_limit = AtLimit::refuse};

// Connections of one shard; the system's limit of descriptors may come first.
inline constexpr Limit k_connections_per_shard_max{.value = 100'000,
                                                   .at_limit = AtLimit::close_connection};

// Connections that the system has accepted for a listener and that it has not taken up; more wait
// in the backlog of the socket.
inline constexpr Limit k_accepted_waiting_max{.value = 1024, .at_limit = AtLimit::wait};

// Descriptors that the logs of one node keep open; the least recently used is closed.
inline constexpr Limit k_open_log_files_max{.value = 4096, .at_limit = AtLimit::evict_oldest};

// A configuration file that is given to the server. Every key at its longest takes far less, so a
// larger one is something else.
inline constexpr Limit k_settings_file_bytes_max{.value = 4 << 20, .at_limit = AtLimit::refuse};

// Messages that wait in one shard's mailbox from one other shard.
inline constexpr Limit k_mailbox_messages_max{.value = 16'384, .at_limit = AtLimit::wait};

// Bytes of metadata operations that an active controller took on and that wait for the disk. More
// would only queue; the administrator's client tries again.
inline constexpr Limit k_metadata_pending_bytes_max{.value = 80 << 20, .at_limit = AtLimit::refuse};

// Member ids of one classic group that were given out and not joined with yet; each is kept for its
// session timeout. Far more than a group has members that start at once; one that comes with an id
// that went is told that it is unknown, and asks for another. Refusing new ones instead would let
// any stranger keep everybody out.
inline constexpr Limit k_pending_members_max{.value = 10'000, .at_limit = AtLimit::evict_oldest};

// Transactions that are about to begin in one partition while their coordinators are asked. Each
// takes its producer a request; a flood of made-up producer ids must not take memory without end.
// Whose verification went is refused and asks again.
inline constexpr Limit k_verifications_per_log_max{.value = 10'000,
                                                   .at_limit = AtLimit::evict_oldest};

// Producers that the logs of one shard remember together, about 300 bytes each; beyond it a log
// forgets its idle ones before producer.id.expiration.ms is over.
inline constexpr Limit k_producers_per_shard_max{.value = 500'000,
                                                 .at_limit = AtLimit::evict_oldest};

// Producers that one shard tells of in one answer to DescribeProducers.
inline constexpr Limit k_described_producers_max{.value = 500'000, .at_limit = AtLimit::refuse};

// Transaction markers of one request that are being written at once. A transaction has as many as
// it wrote to partitions; a coordinator that ends many at once sends them together.
inline constexpr Limit k_markers_at_once_max{.value = 1000, .at_limit = AtLimit::wait};

}  // namespace moldau
