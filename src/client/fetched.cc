#include "client/fetched.h"

#include <absl/container/flat_hash_set.h>

#include <algorithm>

#include "record/batch.h"
#include "record/message_set.h"
#include "record/records.h"

namespace moldau::client {
namespace {

using PartitionData = protocol::FetchResponse::PartitionData;

// Which producers' transactions are aborted at the batch that is read (read_committed): the list
// comes in the order of first offsets, and an abort marker ends a producer's entry.
class AbortedRanges {
 public:
  explicit AbortedRanges(const PartitionData& data) {
    if (data.aborted_transactions) left_ = *data.aborted_transactions;
    std::ranges::sort(left_, {}, [](const auto& it) { return it.first_offset; });
  }
  // Whether the batch's records are to be left out.
  [[nodiscard]] bool hides(const record::BatchView& batch) {
    while (next_ < left_.size() && left_[next_].first_offset <= batch.last_offset()) {
      aborted_.insert(left_[next_++].producer_id);
    }
    if (!batch.has_producer_id() || !aborted_.contains(batch.producer_id())) return false;
    if (batch.is_control()) {
      aborted_.erase(batch.producer_id());
      return true;
    }
    return batch.is_transactional();
  }

 private:
  std::vector<protocol::FetchResponse::AbortedTransaction> left_;
  std::size_t next_ = 0;
  absl::flat_hash_set<ProducerId> aborted_;
};

std::optional<SharedBytes> copy_of(const std::optional<Bytes>& bytes) {
  return bytes ? std::optional(SharedBytes::copy_of(*bytes)) : std::nullopt;
}

IncomingRecord incoming(const record::RecordView& record, const record::BatchView& batch) {
  IncomingRecord out;
  out.offset = record.offset;
  out.timestamp = record.timestamp;
  out.key = copy_of(record.key);
  out.value = copy_of(record.value);
  if (!batch.is_legacy()) {
    out.leader_epoch = batch.leader_epoch();
    out.log_append_time = batch.timestamp_type() == record::TimestampType::log_append_time;
  }
  for (const record::HeaderView& header : record.headers.all()) {
    Header copy{std::string(header.key), std::nullopt};
    if (header.value) copy.value.emplace(header.value->begin(), header.value->end());
    out.headers.push_back(std::move(copy));
  }
  return out;
}

}  // namespace

Result<FetchedRecords> read_fetched(const PartitionData& data, Offset position,
                                    const ReaderSettings& settings) {
  FetchedRecords out{{}, position};
  if (data.records.is_null()) return out;
  AbortedRanges aborted(data);
  record::BatchesView batches(data.records.bytes().view());
  while (true) {
    TRY(const std::optional<record::BatchView> batch, batches.next());
    if (!batch) return out;
    if (settings.check_crcs && !batch->is_legacy() && !batch->crc_matches()) {
      return fail(Errc::corrupt_message, "the batch at offset {} has a wrong checksum",
                  batch->base_offset());
    }
    const bool hidden = !batch->is_legacy() && settings.isolation == Isolation::read_committed &&
                        aborted.hides(*batch);
    const bool control = !batch->is_legacy() && batch->is_control();
    if (!hidden && !control) {
      TRY(const record::Records records,
          record::Records::read(*batch, settings.decompressed_bytes_max));
      for (const record::RecordView& record : records) {
        if (record.offset >= position) out.records.push_back(incoming(record, *batch));
      }
    }
    out.next = std::max(out.next, batch->next_offset());
  }
}

}  // namespace moldau::client
