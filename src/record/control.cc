#include "record/control.h"

#include <fmt/core.h>

#include "bytes/endian.h"

namespace moldau::record {

std::string_view name_of(ControlType type) {
  switch (type) {
    case ControlType::abort:
      return "ABORT";
    case ControlType::commit:
      return "COMMIT";
    case ControlType::leader_change:
      return "LEADER_CHANGE";
    case ControlType::snapshot_header:
      return "SNAPSHOT_HEADER";
    case ControlType::snapshot_footer:
      return "SNAPSHOT_FOOTER";
    case ControlType::kraft_version:
      return "KRAFT_VERSION";
    case ControlType::kraft_voters:
      return "KRAFT_VOTERS";
  }
  return "UNKNOWN";
}

ControlKey control_key(ControlType type) {
  ControlKey key{};
  store_big(key.data() + 2, static_cast<std::int16_t>(type));
  return key;
}

Result<std::optional<ControlType>> control_type_of(Bytes key) {
  if (key.size() < ControlKey{}.size()) {
    return fail(Errc::invalid_record, "a control record has a key of {} bytes", key.size());
  }
  const auto version = load_big<std::int16_t>(key.data());
  if (version < 0) {
    return fail(Errc::invalid_record, "a control record has a key of version {}", version);
  }
  // Later versions begin with the same field.
  const auto type = load_big<std::int16_t>(key.data() + 2);
  if (type < 0 || type > static_cast<std::int16_t>(ControlType::kraft_voters)) return std::nullopt;
  return static_cast<ControlType>(type);
}

void append_control(BatchBuilder& builder, ControlType type, Timestamp timestamp, Bytes value) {
  const ControlKey key = control_key(type);
  builder.append({.timestamp = timestamp, .key = Bytes{key}, .value = value});
}

std::vector<std::byte> control_batch(const BatchFields& fields, ControlType type,
                                     Timestamp timestamp, Bytes value) {
  CHECK(fields.is_control);
  CHECK(fields.compression.codec == compress::Codec::none);
  if (type == ControlType::abort || type == ControlType::commit) CHECK(fields.is_transactional);
  if (type == ControlType::leader_change) CHECK_OP(fields.leader_epoch, >, k_no_leader_epoch);
  BatchBuilder builder(fields);
  append_control(builder, type, timestamp, value);
  return builder.build();
}

}  // namespace moldau::record
