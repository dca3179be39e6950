#include "cli/dump_records.h"

#include <fmt/core.h>

#include <array>
#include <nlohmann/json.hpp>
#include <variant>

#include "bytes/endian.h"
#include "cli/coordinator_text.h"
#include "cli/java_text.h"
#include "cli/joined.h"
#include "cli/remote_text.h"
#include "cli/session.h"
#include "protocol/data/k_raft_version_record.h"
#include "protocol/data/leader_change_message.h"
#include "protocol/data/snapshot_footer_record.h"
#include "protocol/data/snapshot_header_record.h"
#include "protocol/data/voters_record.h"
#include "protocol/record_frame.h"
#include "protojson/json.h"
#include "protojson/json_text.h"
#include "record/control.h"

namespace moldau::cli {
namespace {

using protojson::Json;
constexpr std::size_t k_body_size_max = 1U << 30U;

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
  return protojson::json_text(json);
}

std::string remote_text(const record::RecordView& record) {
  const auto text = remote_metadata_text(record.value.value_or(Bytes{}));
  if (text) return *text;
  return fmt::format("Error at offset {}, skipping. {}", record.offset, text_of(text.error()));
}

Result<std::string> decoded_text(RecordDecoder decoder, Bytes bytes) {
  if (decoder == RecordDecoder::int32 || decoder == RecordDecoder::int64) {
    const std::size_t size = decoder == RecordDecoder::int32 ? 4 : 8;
    if (bytes.size() < size) return thrown("java.nio.BufferUnderflowException", "");
    return size == 4 ? std::to_string(load_big<std::int32_t>(bytes.data()))
                     : std::to_string(load_big<std::int64_t>(bytes.data()));
  }
  return java_text(bytes);
}

template <class Message>
Result<std::string> control_json(Bytes value) {
  if (value.size() < 2) return fail(Errc::invalid_record, "A control record without a version");
  const ApiVersion version{load_big<std::int16_t>(value.data())};
  if (!Message::k_versions.contains(version)) {
    return fail(Errc::invalid_record, "A control record of version {}", version);
  }
  TRY(const Message message, Message::decode(value, version));
  return protojson::json_text(protojson::to_json(message, version));
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
    return thrown("java.lang.RuntimeException",
                  fmt::format("Failed to decode message at offset {} using the specified decoder "
                              "(message had a missing key)",
                              record.offset));
  }
  switch (choices_.value) {
    case RecordDecoder::cluster_metadata:
      out += fmt::format("{}payload: {}", prefix, metadata_text(record));
      return {};
    case RecordDecoder::remote_metadata:
      out += fmt::format("{}payload: {}", prefix, remote_text(record));
      return {};
    case RecordDecoder::offsets:
      pair(group_text(record));
      return {};
    case RecordDecoder::transactions:
      pair(transaction_text(record));
      return {};
    case RecordDecoder::share_state:
      pair(share_text(record));
      return {};
    case RecordDecoder::text:
    case RecordDecoder::int32:
    case RecordDecoder::int64:
      break;
  }
  std::string text;  // nothing of it when one of them cannot be read
  if (record.key) {
    TRY(const std::string key, decoded_text(choices_.key, *record.key));
    text += fmt::format("{}key: {}", prefix, key);
    prefix = " ";
  }
  if (record.value) {
    TRY(const std::string payload, decoded_text(choices_.value, *record.value));
    text += fmt::format("{}payload: {}", prefix, payload);
  }
  out += text;
  return {};
}

Result<void> RecordDumper::dump_record(const record::BatchView& batch,
                                       const record::RecordView& record,
                                       const record::LegacyEntry* legacy, std::string& out) {
  if (record.offset != last_offset_ + 1) gaps_[last_offset_] = record.offset;
  last_offset_ = record.offset;
  const bool control = !batch.is_legacy() && batch.is_control();
  if (!choices_.skip_metadata) {
    out += fmt::format("| offset: {} {}: {} keySize: {} valueSize: {}", record.offset,
                       type_name(timestamp_type_of(batch)), to_millis(record.timestamp),
                       size_of(record.key), size_of(record.value));
    if (!batch.is_legacy()) {
      std::vector<std::string_view> keys;
      for (const record::HeaderView& header : record.headers.all()) keys.push_back(header.key);
      out += fmt::format(" sequence: {} headerKeys: [{}]", record.sequence, joined(keys, ","));
    }
    if (legacy != nullptr) {
      out += fmt::format(" isValid: {} crc: {}", legacy->crc_matches(), legacy->crc());
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
  if (batch.is_legacy()) return dump_legacy(batch, out);
  const auto records = record::Records::read(batch, k_body_size_max);
  if (!records && batch.is_compressed() && records.error().code() == Errc::corrupt_message) {
    return thrown("org.apache.kafka.common.KafkaException", "Failed to decompress record stream");
  }
  if (!records) return fail(records.error());
  for (const record::RecordView& record : *records)
    TRY_OK(dump_record(batch, record, nullptr, out));
  return {};
}

Result<void> RecordDumper::dump_legacy(const record::BatchView& batch, std::string& out) {
  TRY(const record::LegacyEntry wrapper, record::LegacyEntry::read(batch));
  TRY(const record::LegacyRecords read, record::read_legacy_records(batch, k_body_size_max));
  record::BatchesView inside(read.body);
  for (const record::RecordView& record : read.records) {
    if (!wrapper.is_compressed()) {
      TRY_OK(dump_record(batch, record, &wrapper, out));
      continue;
    }
    TRY(const auto message, inside.next());
    if (!message) return fail(Errc::invalid_record, "A compressed message ends early");
    TRY(const record::LegacyEntry entry, record::LegacyEntry::read(*message));
    TRY_OK(dump_record(batch, record, &entry, out));
  }
  return {};
}

}  // namespace moldau::cli
