// What most sources include, parsed once for each build directory: headers of the system, and those
// of ours on which nearly every source stands anyway. A source includes what it uses all the same;
// builds with sanitizers have no precompiled header and show it.
#pragma once
#include <absl/container/flat_hash_map.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "base/uuid.h"
#include "bytes/shared_bytes.h"
