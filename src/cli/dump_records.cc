#include "cli/dump_records.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <variant>

#include "bytes/endian.h"
#include "cli/session.h"
#include "protocol/data/k_raft_version_record.h"
#include "protocol/data/leader_change_message.h"
#include "protocol/data/snapshot_footer_record.h"
#include "protocol/data/snapshot_header_record.h"
#include "protocol/data/voters_record.h"
#include "protocol/record_frame.h"
#include "protojson/json.h"
#include "record/control.h"
#include "record/message_set.h"

namespace moldau::cli {
namespace {

using protojson::Json;
constexpr std::size_t k_body_size_max = 1U << 30U;

std::string text_of_json(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// NO_OP_RECORD of NoOpRecord.
std::string enum_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !out.empty()) out += '_';
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

std::string metadata_text(const record::RecordView& record) {
  const auto decoded = protocol::decode_metadata_record(record.value.value_or(Bytes{}));
  if (!decoded) {
    return fmt::format("Error at {}, skipping. {}", record.offset, text_of(decoded.error()));
  }
  Json json;
  json["type"] = enum_name(protocol::name_of(decoded->record));
  json["version"] = decoded->version.value();
  json["data"] =
      std::visit([&](const auto& body) { return protojson::to_json(body, decoded->version); },
                 decoded->record);
  return text_of_json(json);
}

std::string remote_text(const record::RecordView& record) {
  const auto decoded = protocol::decode_tiered_record(record.value.value_or(Bytes{}));
  if (!decoded) {
    return fmt::format("Error at offset {}, skipping. {}", record.offset, text_of(decoded.error()));
  }
  return text_of_json(
      std::visit([&](const auto& body) { return protojson::to_json(body, decoded->version); },
                 decoded->record));
}

struct KeyAndPayload {
  std::string key;
  std::optional<std::string> payload;
};

// A record of a coordinator's topic: {"type":"1","data":{...}} and {"version":"4","data":{...}}.
template <class Key, class Value>
KeyAndPayload coordinator_text(const record::RecordView& record, Result<Key> (*read_key)(Bytes),
                               Result<protocol::Versioned<Value>> (*read_value)(std::int16_t,
                                                                                Bytes)) {
  const auto skipped = [&](const Error& error) {
    return KeyAndPayload{
        fmt::format("Error at offset {}, skipping. {}", record.offset, text_of(error)),
        std::nullopt};
  };
  const Result<Key> key = read_key(*record.key);
  if (!key && key.error().code() == Errc::unsupported_version && record.key->size() >= 2) {
    return {fmt::format("Unknown record type {} at offset {}, skipping.",
                        load_big<std::int16_t>(record.key->data()), record.offset),
            std::nullopt};
  }
  if (!key) return skipped(key.error());
  const auto id = load_big<std::int16_t>(record.key->data());
  Json key_json;
  key_json["type"] = std::to_string(id);
  key_json["data"] =
      std::visit([](const auto& body) { return protojson::to_json(body, ApiVersion{0}); }, *key);
  if (!record.value) return {text_of_json(key_json), "<DELETE>"};
  const auto value = read_value(id, *record.value);
  if (!value) return skipped(value.error());
  Json value_json;
  value_json["version"] = std::to_string(value->version.value());
  value_json["data"] = std::visit(
      [&](const auto& body) { return protojson::to_json(body, value->version); }, value->record);
  Json& data = value_json["data"];
  if (data.contains("transactionStatus") && data["transactionStatus"].is_number_integer()) {
    data["transactionStatus"] = transaction_state_name(data["transactionStatus"].get<int>());
  }
  return {text_of_json(key_json), text_of_json(value_json)};
}

Result<std::string> decoded_text(RecordDecoder decoder, Bytes bytes) {
  if (decoder == RecordDecoder::int32 || decoder == RecordDecoder::int64) {
    const std::size_t size = decoder == RecordDecoder::int32 ? 4 : 8;
    if (bytes.size() < size) {
      return fail(Errc::invalid_record, "{} bytes are too few for a number of {} bytes",
                  bytes.size(), size);
    }
    return size == 4 ? std::to_string(load_big<std::int32_t>(bytes.data()))
                     : std::to_string(load_big<std::int64_t>(bytes.data()));
  }
  return std::string(as_text(bytes));
}

template <class Message>
Result<std::string> control_json(Bytes value) {
  if (value.size() < 2) return fail(Errc::invalid_record, "A control record without a version");
  const ApiVersion version{load_big<std::int16_t>(value.data())};
  if (!Message::k_versions.contains(version)) {
    return fail(Errc::invalid_record, "A control record of version {}", version);
  }
  TRY(const Message message, Message::decode(value, version));
  return text_of_json(protojson::to_json(message, version));
}

Result<std::string> control_text(const record::RecordView& record) {
  TRY(const auto type, record::control_type_of(record.key.value_or(Bytes{})));
  const Bytes value = record.value.value_or(Bytes{});
  if (!type) {
    return fmt::format(" controlType: UNKNOWN({})", load_big<std::int16_t>(record.key->data() + 2));
  }
  const auto with = [](std::string_view name, Result<std::string> json) -> Result<std::string> {
    if (!json) return fail(json.error());
    return fmt::format(" {} {}", name, *json);
  };
  switch (*type) {
    case record::ControlType::abort:
    case record::ControlType::commit: {
      constexpr std::size_t k_marker_size = 6;  // int16 version, int32 epoch
      if (value.size() < k_marker_size) {
        return fail(Errc::invalid_record, "A transaction marker of {} bytes", value.size());
      }
      return fmt::format(" endTxnMarker: {} coordinatorEpoch: {}", record::name_of(*type),
                         load_big<std::int32_t>(value.data() + 2));
    }
    case record::ControlType::leader_change:
      return with("LeaderChange:", control_json<protocol::LeaderChangeMessage>(value));
    case record::ControlType::snapshot_header:
      return with("SnapshotHeader", control_json<protocol::SnapshotHeaderRecord>(value));
    case record::ControlType::snapshot_footer:
      return with("SnapshotFooter", control_json<protocol::SnapshotFooterRecord>(value));
    case record::ControlType::kraft_version:
      return with("KRaftVersion", control_json<protocol::KRaftVersionRecord>(value));
    case record::ControlType::kraft_voters:
      return with("KRaftVoters", control_json<protocol::VotersRecord>(value));
  }
  return std::string();
}

std::string_view type_name(const std::optional<record::TimestampType>& type) {
  if (!type) return "NoTimestampType";
  return *type == record::TimestampType::log_append_time ? "LogAppendTime" : "CreateTime";
}

Result<std::string> batch_line(const record::BatchView& batch, std::uint64_t position) {
  const auto codec_name = [](const std::optional<compress::Codec>& codec) {
    return codec ? compress::name_of(*codec) : std::string_view("unknown");
  };
  if (batch.is_legacy()) {
    TRY(const record::LegacyEntry entry, record::LegacyEntry::read(batch));
    return fmt::format(
        "offset: {} position: {} {}: {} size: {} magic: {} compresscodec: {} crc: {} isvalid: "
        "{}\n",
        batch.last_offset(), position, type_name(entry.timestamp_type()),
        to_millis(entry.timestamp()), batch.size(), batch.magic(), codec_name(entry.codec()),
        entry.crc(), entry.crc_matches());
  }
  const std::optional<Timestamp> horizon = batch.delete_horizon();
  return fmt::format(
      "baseOffset: {} lastOffset: {} count: {} baseSequence: {} lastSequence: {} producerId: {} "
      "producerEpoch: {} partitionLeaderEpoch: {} isTransactional: {} isControl: {} "
      "deleteHorizonMs: {} position: {} {}: {} size: {} magic: {} compresscodec: {} crc: {} "
      "isvalid: {}\n",
      batch.base_offset(), batch.last_offset(), batch.count(), batch.base_sequence(),
      batch.last_sequence(), batch.producer_id(), batch.producer_epoch(), batch.leader_epoch(),
      batch.is_transactional(), batch.is_control(),
      horizon ? fmt::format("OptionalLong[{}]", to_millis(*horizon)) : "OptionalLong.empty",
      position, type_name(batch.timestamp_type()), to_millis(batch.max_timestamp()), batch.size(),
      batch.magic(), codec_name(batch.codec()), batch.crc(), batch.crc_matches());
}

std::int64_t size_of(const std::optional<Bytes>& bytes) {
  return bytes ? static_cast<std::int64_t>(bytes->size()) : -1;
}

std::optional<record::TimestampType> timestamp_type_of(const record::BatchView& batch) {
  if (!batch.is_legacy()) return batch.timestamp_type();
  const auto entry = record::LegacyEntry::read(batch);
  return entry ? entry->timestamp_type() : std::nullopt;
}

}  // namespace

std::string transaction_state_name(int state) {
  constexpr auto k_names = std::to_array<std::string_view>(
      {"Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort",
       "Dead", "PrepareEpochFence"});
  if (state < 0 || static_cast<std::size_t>(state) >= k_names.size()) return std::to_string(state);
  return std::string(k_names[static_cast<std::size_t>(state)]);
}

Result<void> RecordDumper::dump_contents(const record::RecordView& record, std::string_view prefix,
                                         std::string& out) const {
  const auto pair = [&](const KeyAndPayload& texts) {
    out += fmt::format("{}key: {}", prefix, texts.key);
    if (texts.payload) out += " payload: " + *texts.payload;
  };
  const bool keyed = choices_.value == RecordDecoder::offsets ||
                     choices_.value == RecordDecoder::transactions ||
                     choices_.value == RecordDecoder::share_state;
  if (keyed && !record.key) {
    return fail(Errc::invalid_record,
                "Failed to decode message at offset {} using the specified decoder (message had a "
                "missing key)",
                record.offset);
  }
  switch (choices_.value) {
    case RecordDecoder::cluster_metadata:
      out += fmt::format("{}payload: {}", prefix, metadata_text(record));
      return {};
    case RecordDecoder::remote_metadata:
      out += fmt::format("{}payload: {}", prefix, remote_text(record));
      return {};
    case RecordDecoder::offsets:
      pair(coordinator_text(record, protocol::decode_group_key, protocol::decode_group_value));
      return {};
    case RecordDecoder::transactions:
      pair(coordinator_text(record, protocol::decode_transaction_key,
                            protocol::decode_transaction_value));
      return {};
    case RecordDecoder::share_state:
      pair(coordinator_text(record, protocol::decode_share_key, protocol::decode_share_value));
      return {};
    case RecordDecoder::text:
    case RecordDecoder::int32:
    case RecordDecoder::int64:
      break;
  }
  if (!record.value) return {};
  if (record.key) {
    TRY(const std::string key, decoded_text(choices_.key, *record.key));
    out += fmt::format("{}key: {}", prefix, key);
    prefix = " ";
  }
  TRY(const std::string payload, decoded_text(choices_.value, *record.value));
  out += fmt::format("{}payload: {}", prefix, payload);
  return {};
}

Result<void> RecordDumper::dump_record(const record::BatchView& batch,
                                       const record::RecordView& record, std::string& out) {
  if (record.offset != last_offset_ + 1) gaps_[last_offset_] = record.offset;
  last_offset_ = record.offset;
  const bool control = !batch.is_legacy() && batch.is_control();
  if (!choices_.skip_metadata) {
    out += fmt::format("| offset: {} {}: {} keySize: {} valueSize: {}", record.offset,
                       type_name(timestamp_type_of(batch)), to_millis(record.timestamp),
                       size_of(record.key), size_of(record.value));
    if (!batch.is_legacy()) {
      std::string keys;
      for (const record::HeaderView& header : record.headers.all()) {
        if (!keys.empty()) keys += ',';
        keys += header.key;
      }
      out += fmt::format(" sequence: {} headerKeys: [{}]", record.sequence, keys);
    }
    if (control) {
      TRY(const std::string text, control_text(record));
      out += text;
    }
  }
  if (choices_.contents && !control) {
    TRY_OK(dump_contents(record, choices_.skip_metadata ? "| " : " ", out));
  }
  out += '\n';
  return {};
}

Result<void> RecordDumper::dump(const record::BatchView& batch, std::uint64_t position,
                                std::string& out) {
  TRY(const std::string line, batch_line(batch, position));
  out += line;
  if (!choices_.records) return {};
  TRY(const record::Records records, record::Records::read(batch, k_body_size_max));
  for (const record::RecordView& record : records) TRY_OK(dump_record(batch, record, out));
  return {};
}

}  // namespace moldau::cli
