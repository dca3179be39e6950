#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "bytes/writer.h"

namespace moldau::protocol {
enum class ApiKey : std::int16_t;
}

namespace moldau::rpc {

// The head of a request frame (header version 1 or 2, chosen by api and version), decoded without
// copies. Source: RequestHeader.
struct RequestHeader {
  protocol::ApiKey api{};
  ApiVersion version;
  CorrelationId correlation;
  std::optional<std::string_view> client_id;  // a view into the frame
  std::size_t body_at = 0;                    // where the body begins in the frame
  // False only for ApiVersions in a version that does not exist: it is answered, in version 0, with
  // UNSUPPORTED_VERSION. Its body is not to be decoded.
  bool version_exists = true;
};

// Errors: bad_frame (cut off, a length past the end, too many tags); unsupported_version (a key or
// version that no Kafka has; the connection is closed, as Kafka closes it).
[[nodiscard]] Result<RequestHeader> parse_request_header(Bytes frame);

// The other half: size prefix left out.
void write_request_header(Writer& out, protocol::ApiKey api, ApiVersion version,
                          CorrelationId correlation, std::optional<std::string_view> client_id);

// Bytes of the response header of `api` in `version`: 4, or 5 where it ends with tagged fields.
[[nodiscard]] std::size_t response_header_size(protocol::ApiKey api, ApiVersion version);

// Size prefix and header of a response, ready to go in front of a body of `body_size` bytes.
struct ResponseFront {
  std::array<std::byte, 9> bytes;
  std::size_t size;
  [[nodiscard]] Bytes view() const { return Bytes{bytes}.first(size); }
};
[[nodiscard]] ResponseFront response_front(protocol::ApiKey api, ApiVersion version,
                                           CorrelationId correlation, std::size_t body_size);

}  // namespace moldau::rpc
