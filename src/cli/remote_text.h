#pragma once
#include <string>

#include "base/result.h"
#include "bytes/shared_bytes.h"

namespace moldau::cli {

// A value of __remote_log_metadata in the words of Kafka's toString().
// Context: pure. Source: RemoteLogMetadataSerde and the classes that it gives.
// Errors: corrupt_message; invalid_record for a state without a name.
[[nodiscard]] Result<std::string> remote_metadata_text(Bytes value);

}  // namespace moldau::cli
