#pragma once
#include <cstdint>

#include "base/ids.h"

namespace moldau::protocol {

// Versions of an API or record, both ends inside. A default one is empty.
struct VersionRange {
  ApiVersion first{0};
  ApiVersion last{-1};
  [[nodiscard]] constexpr bool empty() const { return first > last; }
  [[nodiscard]] constexpr bool contains(ApiVersion version) const {
    return first <= version && version <= last;
  }
  friend constexpr bool operator==(const VersionRange&, const VersionRange&) = default;
};

}  // namespace moldau::protocol
