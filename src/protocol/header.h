#pragma once
#include "base/result.h"
#include "bytes/reader.h"
#include "bytes/writer.h"
#include "protocol/api_table.h"
#include "protocol/data/request_header.h"
#include "protocol/data/response_header.h"

// What stands before the body in a frame, behind its int32 size (which rpc/ reads and writes).
// RequestHeader and ResponseHeader are generated structs; these are the rules around them.
namespace moldau::protocol {

// Bytes of the size field of a frame.
inline constexpr std::size_t k_frame_prefix_size = 4;

// Version 2 in the flexible versions of the API, else 1. Works for versions that do not exist too:
// the header must be read before one can answer that.
[[nodiscard]] ApiVersion request_header_version(const ApiFacts& api, ApiVersion version);
// Version 1 in flexible versions, else 0; of ApiVersions always 0, as a client that knows no
// version yet must be able to read it (KIP-511).
[[nodiscard]] ApiVersion response_header_version(const ApiFacts& api, ApiVersion version);

// Reads the header at the front of `in`; the body is then in.rest(). Key and version are looked at
// first, as they say which header version it is.
// Errors: unsupported_version for an unknown key; bad_frame. A version that the API lacks is no
// error here.
[[nodiscard]] Result<RequestHeader> read_request_header(Reader& in);
// `api` and `version` are those of the request that is answered.
[[nodiscard]] Result<ResponseHeader> read_response_header(Reader& in, const ApiFacts& api,
                                                          ApiVersion version);

}  // namespace moldau::protocol
