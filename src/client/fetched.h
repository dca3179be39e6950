#pragma once
#include <vector>

#include "base/result.h"
#include "client/reader.h"
#include "protocol/api/fetch.h"

namespace moldau::client {

struct FetchedRecords {
  std::vector<IncomingRecord> records;
  Offset next;  // where to go on
};

// The records at and above `position` in one partition's part of a Fetch answer, without control
// records and, in read_committed, without those of aborted transactions.
// Errors: corrupt_message, and those of decompressing.
[[nodiscard]] Result<FetchedRecords> read_fetched(
    const protocol::FetchResponse::PartitionData& data, Offset position,
    const ReaderSettings& settings);

}  // namespace moldau::client
