#include "cli/coordinator_text.h"

#include <fmt/core.h>

#include <array>
#include <nlohmann/json.hpp>
#include <variant>

#include "bytes/endian.h"
#include "cli/session.h"
#include "protocol/data/consumer_protocol_assignment.h"
#include "protocol/data/consumer_protocol_subscription.h"
#include "protocol/record_frame.h"
#include "protojson/json.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

using protojson::Json;

// What a consumer put into a field that the coordinator does not read; left as bytes when it is
// not what consumers write.
template <class Message>
void open_field(Json& field, Bytes bytes) {
  if (bytes.size() < sizeof(std::int16_t)) return;
  const ApiVersion version{load_big<std::int16_t>(bytes.data())};
  if (!Message::k_versions.contains(version)) return;
  const auto message = Message::decode(bytes.subspan(sizeof(std::int16_t)), version);
  if (message) field = protojson::to_json(*message, version);
}

void open_members(Json& data, const protocol::GroupMetadataValue& value) {
  if (value.protocol_type != "consumer" || !data.contains("members")) return;
  Json& members = data["members"];
  for (std::size_t i = 0; i < value.members.size() && i < members.size(); ++i) {
    open_field<protocol::ConsumerProtocolSubscription>(members[i]["subscription"],
                                                       value.members[i].subscription);
    open_field<protocol::ConsumerProtocolAssignment>(members[i]["assignment"],
                                                     value.members[i].assignment);
  }
}

void name_state(Json& data) {
  if (!data.contains("transactionStatus")) return;
  data["transactionStatus"] = transaction_state_name(data["transactionStatus"].get<int>());
}

template <class Body>
Json value_json(const Body& body, ApiVersion version) {
  Json data = protojson::to_json(body, version);
  if constexpr (std::is_same_v<Body, protocol::GroupMetadataValue>) open_members(data, body);
  if constexpr (std::is_same_v<Body, protocol::TransactionLogValue>) name_state(data);
  return data;
}

template <class Key, class Value>
KeyAndPayload coordinator_text(const record::RecordView& record, Result<Key> (*read_key)(Bytes),
                               Result<protocol::Versioned<Value>> (*read_value)(std::int16_t,
                                                                                Bytes)) {
  const auto skipped = [&](std::string_view why) {
    return KeyAndPayload{fmt::format("Error at offset {}, skipping. {}", record.offset, why),
                         std::nullopt};
  };
  const auto has_version = [](Bytes bytes) { return bytes.size() >= sizeof(std::int16_t); };
  if (!has_version(*record.key)) return skipped("Could not read version from key's buffer.");
  const auto id = load_big<std::int16_t>(record.key->data());
  const Result<Key> key = read_key(*record.key);
  if (!key && key.error().code() == Errc::unsupported_version) {
    return {fmt::format("Unknown record type {} at offset {}, skipping.", id, record.offset),
            std::nullopt};
  }
  if (!key) return skipped(text_of(key.error()));
  Json key_json;
  key_json["type"] = std::to_string(id);
  key_json["data"] =
      std::visit([](const auto& body) { return protojson::to_json(body, ApiVersion{0}); }, *key);
  if (!record.value) return {protojson::json_text(key_json), "<DELETE>"};
  if (!has_version(*record.value)) return skipped("Could not read version from value's buffer.");
  const auto value = read_value(id, *record.value);
  if (!value && value.error().code() == Errc::unsupported_version) {
    return skipped(fmt::format("Found an unknown record version {} for {} type",
                               load_big<std::int16_t>(record.value->data()), id));
  }
  if (!value) return skipped(text_of(value.error()));
  Json json;
  json["version"] = std::to_string(value->version.value());
  json["data"] =
      std::visit([&](const auto& body) { return value_json(body, value->version); }, value->record);
  return {protojson::json_text(key_json), protojson::json_text(json)};
}

}  // namespace

KeyAndPayload group_text(const record::RecordView& record) {
  return coordinator_text(record, protocol::decode_group_key, protocol::decode_group_value);
}

KeyAndPayload transaction_text(const record::RecordView& record) {
  return coordinator_text(record, protocol::decode_transaction_key,
                          protocol::decode_transaction_value);
}

KeyAndPayload share_text(const record::RecordView& record) {
  return coordinator_text(record, protocol::decode_share_key, protocol::decode_share_value);
}

std::string transaction_state_name(int state) {
  constexpr auto k_names = std::to_array<std::string_view>(
      {"Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort",
       "Dead", "PrepareEpochFence"});
  if (state < 0 || static_cast<std::size_t>(state) >= k_names.size()) return std::to_string(state);
  return std::string(k_names[static_cast<std::size_t>(state)]);
}

}  // namespace moldau::cli
