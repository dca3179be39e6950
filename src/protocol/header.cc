#include "protocol/header.h"

#include "protocol/codec.h"

namespace moldau::protocol {

ApiVersion request_header_version(const ApiFacts& api, ApiVersion version) {
  return ApiVersion{static_cast<std::int16_t>(api.is_flexible(version) ? 2 : 1)};
}

ApiVersion response_header_version(const ApiFacts& api, ApiVersion version) {
  const bool flexible = api.is_flexible(version) && api.key != ApiKey::api_versions;
  return ApiVersion{static_cast<std::int16_t>(flexible ? 1 : 0)};
}

Result<RequestHeader> read_request_header(Reader& in) {
  Reader ahead = in;
  const std::int16_t key = ahead.i16();
  const ApiVersion version{ahead.i16()};
  TRY_OK(ahead.status());
  const ApiFacts* api = find_api(key);
  if (api == nullptr) return fail(Errc::unsupported_version, "no API has the key {}", key);
  RequestHeader header;
  decode_prefix(RequestHeader::k_message, in, request_header_version(*api, version), &header);
  TRY_OK(in.status());
  return header;
}

Result<ResponseHeader> read_response_header(Reader& in, const ApiFacts& api, ApiVersion version) {
  ResponseHeader header;
  decode_prefix(ResponseHeader::k_message, in, response_header_version(api, version), &header);
  TRY_OK(in.status());
  return header;
}

}  // namespace moldau::protocol
