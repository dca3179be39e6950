// What most sources include from outside, parsed once for each build directory. Only headers of the
// system belong here: a change of one of ours must not compile everything anew. A source includes
// what it uses all the same; builds with sanitizers have no precompiled header and show it.
#pragma once
#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>

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
