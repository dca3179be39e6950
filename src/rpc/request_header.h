#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "bytes/writer.h"
#include "protocol/api_key.h"

namespace moldau::rpc {

// The head of a request frame (header version 1 or 2, chosen by api and version), decoded without
// copies; protocol::RequestHeader is the same as a struct that owns its text.
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

// What stands in front of a body: its size field, and the header where that is short.
struct FrameFront {
  std::array<std::byte, 9> bytes{};
  std::size_t size = 0;
  [[nodiscard]] Bytes view() const { return Bytes{bytes}.first(size); }
};
// Size field and header of a response, ready to go in front of a body of `body_size` bytes.
[[nodiscard]] FrameFront response_front(protocol::ApiKey api, ApiVersion version,
                                        CorrelationId correlation, std::size_t body_size);

// The other half: what stands before the body in an answer's frame, tagged fields skipped.
struct ResponseHeader {
  CorrelationId correlation;
  std::size_t body_at;
};
// The correlation id alone, which tells whose answer it is. Errors: bad_frame.
[[nodiscard]] Result<CorrelationId> parse_correlation(Bytes frame);
[[nodiscard]] Result<ResponseHeader> parse_response_header(Bytes frame, protocol::ApiKey api,
                                                           ApiVersion version);

}  // namespace moldau::rpc
