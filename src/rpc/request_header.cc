#include "rpc/request_header.h"

#include <fmt/core.h>

#include "base/limits.h"
#include "bytes/reader.h"
#include "protocol/api_table.h"
#include "protocol/header.h"

namespace moldau::rpc {
namespace {

// Tagged fields of a header are for nobody yet; Kafka skips what it does not know.
void skip_tags(Reader& in) {
  const std::uint32_t count = in.uvarint();
  if (count > k_tagged_fields_max.value) return in.breach("too many tagged fields");
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    (void)in.uvarint();
    in.skip(in.uvarint());
  }
}

Result<void> readable(const Reader& in) {
  const Result<void> status = in.status();
  if (status) return {};
  return fail(Errc::bad_frame, "sends a request header that does not decode: {}.",
              status.error().text());
}

std::size_t position(Bytes frame, const Reader& in) { return frame.size() - in.remaining(); }

}  // namespace

Result<RequestHeader> parse_request_header(Bytes frame) {
  Reader in(frame);
  RequestHeader header;
  const std::int16_t key = in.i16();
  header.version = ApiVersion{in.i16()};
  header.correlation = CorrelationId{in.i32()};
  TRY_OK(readable(in));
  const protocol::ApiFacts* api = protocol::find_api(key);
  if (api == nullptr) {
    return fail(Errc::unsupported_version, "asks for API {}, which Kafka 4.4 does not have.", key);
  }
  header.api = api->key;
  header.version_exists = api->versions.contains(header.version);
  if (!header.version_exists && header.api != protocol::ApiKey::api_versions) {
    return fail(Errc::unsupported_version,
                "asks for {} in version {}; there are {} to {}. The client did not look at "
                "ApiVersions, or is too old for Kafka 4.4.",
                api->name, header.version, api->versions.first, api->versions.last);
  }
  const std::int16_t client_id_size = in.i16();
  if (client_id_size >= 0) {
    header.client_id = in.text(static_cast<std::size_t>(client_id_size));
  } else if (client_id_size != -1) {
    in.breach("a client id of negative length");
  }
  if (protocol::request_header_version(*api, header.version) >= ApiVersion{2}) skip_tags(in);
  TRY_OK(readable(in));
  header.body_at = position(frame, in);
  return header;
}

void write_request_header(Writer& out, protocol::ApiKey api, ApiVersion version,
                          CorrelationId correlation, std::optional<std::string_view> client_id) {
  out.i16(static_cast<std::int16_t>(api));
  out.i16(version.value());
  out.i32(correlation.value());
  if (client_id) {
    CHECK_OP(client_id->size(), <=, 0x7fffU);
    out.i16(static_cast<std::int16_t>(client_id->size()));
    out.text(*client_id);
  } else {
    out.i16(-1);
  }
  if (protocol::request_header_version(protocol::facts(api), version) >= ApiVersion{2}) {
    out.uvarint(0);
  }
}

FrameFront response_front(protocol::ApiKey api, ApiVersion version, CorrelationId correlation,
                          std::size_t body_size) {
  const bool tags =
      protocol::response_header_version(protocol::facts(api), version) > ApiVersion{0};
  const std::size_t header_size = sizeof(std::int32_t) + (tags ? 1 : 0);
  CHECK_OP(body_size, <=, 0x7fffffffU - header_size);
  FrameFront front;
  store_big(front.bytes.data(), static_cast<std::int32_t>(header_size + body_size));
  store_big(front.bytes.data() + sizeof(std::int32_t), correlation.value());
  front.size = sizeof(std::int32_t) + header_size;
  return front;
}

Result<CorrelationId> parse_correlation(Bytes frame) {
  Reader in(frame);
  const CorrelationId correlation{in.i32()};
  TRY_OK(in.status());
  return correlation;
}

Result<ResponseHeader> parse_response_header(Bytes frame, protocol::ApiKey api,
                                             ApiVersion version) {
  Reader in(frame);
  ResponseHeader header{CorrelationId{in.i32()}, 0};
  if (protocol::response_header_version(protocol::facts(api), version) > ApiVersion{0}) {
    skip_tags(in);
  }
  TRY_OK(in.status());
  header.body_at = position(frame, in);
  return header;
}

}  // namespace moldau::rpc
