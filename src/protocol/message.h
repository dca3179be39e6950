#pragma once
// What every generated message header includes.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "base/uuid.h"
#include "bytes/shared_bytes.h"
#include "protocol/api_key.h"
#include "protocol/records.h"
#include "protocol/tagged.h"
#include "protocol/versions.h"

namespace moldau {
class Writer;
}

namespace moldau::protocol {

struct StructFacts;
struct MessageFacts;
[[nodiscard]] bool equal(const StructFacts& facts, const void* a, const void* b);

}  // namespace moldau::protocol
