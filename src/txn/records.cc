#include "txn/records.h"

#include <utility>

#include "bytes/reader.h"
#include "protocol/data/transaction_log_key.h"
#include "protocol/data/transaction_log_value.h"

namespace moldau::txn {
namespace {

using protocol::TransactionLogKey;
using protocol::TransactionLogValue;

constexpr ApiVersion k_key_version{0};
constexpr ApiVersion k_plain{0};
constexpr ApiVersion k_flexible{1};

Result<TransactionLogValue> read_value(const std::vector<std::byte>& bytes) {
  Reader in(bytes);
  const ApiVersion version{in.i16()};
  if (!in.ok() || !TransactionLogValue::k_versions.contains(version)) {
    return fail(Errc::corrupt_data, "a value of version {} of a transaction record", version);
  }
  auto value = TransactionLogValue::decode(in.rest(), version);
  if (!value) return fail(Errc::corrupt_data, "value: {}", value.error().describe());
  return std::move(*value);
}

Result<Transaction> transaction_of(const TransactionLogValue& value) {
  const auto state = state_of_record(value.transaction_status);
  if (!state) {
    return fail(Errc::corrupt_data, "a transaction in state {}", value.transaction_status);
  }
  Transaction out;
  out.producer_id = value.producer_id;
  out.previous_producer_id = value.previous_producer_id;
  out.next_producer_id = value.next_producer_id;
  out.epoch = value.producer_epoch;
  out.timeout = value.transaction_timeout_ms;
  out.state = *state;
  out.started = value.transaction_start_timestamp_ms;
  out.updated = value.transaction_last_update_timestamp_ms;
  out.client_version = version_of_level(value.client_transaction_version);
  if (*state == TransactionState::empty || !value.transaction_partitions) return out;
  for (const auto& topic : *value.transaction_partitions) {
    out.partitions[topic.topic].insert(topic.partition_ids.begin(), topic.partition_ids.end());
  }
  return out;
}

}  // namespace

Result<std::optional<TransactionEntry>> read_record(const coordinator::Record& record) {
  Reader in(record.key);
  const std::int16_t type = in.i16();
  if (!in.ok()) return fail(Errc::corrupt_data, "a record key without type");
  if (type != TransactionLogKey::k_id) return std::optional<TransactionEntry>();
  const auto key = TransactionLogKey::decode(in.rest(), k_key_version);
  if (!key) return fail(Errc::corrupt_data, "key: {}", key.error().describe());
  TransactionEntry entry{.transactional_id = key->transactional_id, .value = std::nullopt};
  if (record.value) {
    TRY(const TransactionLogValue value, read_value(*record.value));
    TRY(entry.value, transaction_of(value));
  }
  return std::optional(std::move(entry));
}

coordinator::Record transaction_record(const std::string& transactional_id,
                                       const Transaction& transaction, TransactionVersion server) {
  TransactionLogValue value;
  value.producer_id = transaction.producer_id;
  value.producer_epoch = transaction.epoch;
  value.transaction_timeout_ms = transaction.timeout;
  value.transaction_status = static_cast<std::int8_t>(transaction.state);
  value.transaction_last_update_timestamp_ms = transaction.updated;
  value.transaction_start_timestamp_ms = transaction.started;
  if (transaction.state == TransactionState::empty) {
    value.transaction_partitions.reset();
  } else {
    for (const auto& [topic, partitions] : transaction.partitions) {
      auto& out = value.transaction_partitions->emplace_back();
      out.topic = topic;
      out.partition_ids.assign(partitions.begin(), partitions.end());
    }
  }
  const bool flexible = server >= TransactionVersion::v1;
  if (flexible) {
    value.previous_producer_id = transaction.previous_producer_id;
    value.next_producer_id = transaction.next_producer_id;
    value.client_transaction_version = static_cast<std::int16_t>(transaction.client_version);
  }
  return coordinator::make_record(TransactionLogKey{.transactional_id = transactional_id}, value,
                                  flexible ? k_flexible : k_plain);
}

coordinator::Record transaction_tombstone(const std::string& transactional_id) {
  return coordinator::make_tombstone(TransactionLogKey{.transactional_id = transactional_id});
}

}  // namespace moldau::txn
