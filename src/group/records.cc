#include "group/records.h"

#include "bytes/reader.h"
#include "protocol/data/legacy_offset_commit_key.h"
#include "protocol/data/legacy_offset_commit_value.h"

namespace moldau::group {
namespace {

using coordinator::Record;

constexpr ApiVersion k_key_version{0};
constexpr ApiVersion k_group_metadata_version{3};
constexpr ApiVersion k_offset_commit_version{4};
constexpr ApiVersion k_offset_commit_with_expiry_version{1};

template <class Message>
Result<Message> read_message(Bytes bytes, ApiVersion version, const char* what) {
  auto message = Message::decode(bytes, version);
  if (!message) return fail(Errc::corrupt_data, "{}: {}", what, message.error().describe());
  return std::move(*message);
}

template <class Value>
Result<std::optional<Value>> read_value(const Record& record) {
  if (!record.value) return std::optional<Value>();
  Reader in(*record.value);
  const ApiVersion version{in.i16()};
  if (!in.ok() || !Value::k_versions.contains(version)) {
    return fail(Errc::corrupt_data, "a value of version {} of record type {}", version,
                Value::k_id);
  }
  TRY(Value value, read_message<Value>(in.rest(), version, "value"));
  return std::optional<Value>(std::move(value));
}

template <class E>
struct Parts;
template <class K, class V>
struct Parts<Entry<K, V>> {
  using Key = K;
  using Value = V;
};

template <class E>
Result<GroupRecord> read_entry(const Record& record, Bytes key_bytes) {
  using Key = typename Parts<E>::Key;
  using Value = typename Parts<E>::Value;
  TRY(Key key, read_message<Key>(key_bytes, k_key_version, "key"));
  TRY(std::optional<Value> value, read_value<Value>(record));
  return GroupRecord(E{std::move(key), std::move(value)});
}

Result<GroupRecord> read_legacy(const Record& record, Bytes key_bytes) {
  TRY(protocol::LegacyOffsetCommitKey key,
      read_message<protocol::LegacyOffsetCommitKey>(key_bytes, k_key_version, "key"));
  TRY(std::optional<protocol::LegacyOffsetCommitValue> value,
      read_value<protocol::LegacyOffsetCommitValue>(record));
  OffsetCommitEntry entry{{.group = key.group, .topic = key.topic, .partition = key.partition},
                          std::nullopt};
  if (value) {
    entry.value = {.offset = value->offset,
                   .metadata = std::move(value->metadata),
                   .commit_timestamp = value->commit_timestamp};
  }
  return GroupRecord(std::move(entry));
}

}  // namespace

Result<GroupRecord> read_record(const Record& record) {
  Reader in(record.key);
  const std::int16_t type = in.i16();
  if (!in.ok()) return fail(Errc::corrupt_data, "a record key without type");
  const Bytes key = in.rest();
  switch (type) {
    case protocol::LegacyOffsetCommitKey::k_id:
      return read_legacy(record, key);
    case protocol::OffsetCommitKey::k_id:
      return read_entry<OffsetCommitEntry>(record, key);
    case protocol::GroupMetadataKey::k_id:
      return read_entry<GroupMetadataEntry>(record, key);
    case protocol::ConsumerGroupMetadataKey::k_id:
      return read_entry<ConsumerMetadataEntry>(record, key);
    case protocol::ConsumerGroupPartitionMetadataKey::k_id:
      return read_entry<ConsumerPartitionMetadataEntry>(record, key);
    case protocol::ConsumerGroupMemberMetadataKey::k_id:
      return read_entry<ConsumerMemberEntry>(record, key);
    case protocol::ConsumerGroupTargetAssignmentMetadataKey::k_id:
      return read_entry<ConsumerTargetMetadataEntry>(record, key);
    case protocol::ConsumerGroupTargetAssignmentMemberKey::k_id:
      return read_entry<ConsumerTargetMemberEntry>(record, key);
    case protocol::ConsumerGroupCurrentMemberAssignmentKey::k_id:
      return read_entry<ConsumerCurrentAssignmentEntry>(record, key);
    case protocol::ConsumerGroupRegularExpressionKey::k_id:
      return read_entry<ConsumerRegexEntry>(record, key);
    default:
      return GroupRecord();
  }
}

Record group_metadata_record(const std::string& group, const protocol::GroupMetadataValue& value) {
  return coordinator::make_record(protocol::GroupMetadataKey{.group = group}, value,
                                  k_group_metadata_version);
}

Record group_metadata_tombstone(const std::string& group) {
  return coordinator::make_tombstone(protocol::GroupMetadataKey{.group = group});
}

Record offset_commit_record(const protocol::OffsetCommitKey& key,
                            const protocol::OffsetCommitValue& value) {
  return coordinator::make_record(key, value,
                                  value.expire_timestamp == k_no_timestamp
                                      ? k_offset_commit_version
                                      : k_offset_commit_with_expiry_version);
}

Record offset_commit_tombstone(const std::string& group, const std::string& topic,
                               PartitionIndex partition) {
  return coordinator::make_tombstone(
      protocol::OffsetCommitKey{.group = group, .topic = topic, .partition = partition});
}

}  // namespace moldau::group
