#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "log/producer_state.h"

namespace moldau::log {

// The file "<end offset>.snapshot": the producers of a log below that offset, so that a restart
// need not read the log for them. docs/format/producer_snapshot.md. Pure.
// Source: ProducerStateManager.writeSnapshot, readSnapshot; message ProducerSnapshot version 1.

// Bytes of a snapshot without producers: such a file need not be read.
inline constexpr std::size_t k_empty_snapshot_size = 10;

[[nodiscard]] std::vector<std::byte> write_producer_snapshot(
    std::span<const ProducerEntry> entries);
// Entries come with their last batch only. Errors: corrupt_data (version, checksum, lengths, or one
// producer twice); Kafka removes such a file and takes the one before it.
[[nodiscard]] Result<std::vector<ProducerEntry>> parse_producer_snapshot(Bytes bytes);

}  // namespace moldau::log
