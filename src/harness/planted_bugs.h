#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "sim/volume.h"

namespace moldau::harness {

// Mistakes that are made for the node on the way to it: what reaches it says what it fails to ask.
enum class WireBug : std::uint8_t {
  none,
  commits_not_fenced,      // whoever commits, does so as the member that owns the partition
  revocation_not_awaited,  // members say that they own what they are to own
};

// Mistakes that the node could make, made for it by a filter on the disk's answers or on the
// requests that it gets. A simulation that does not find one of them within 200 seeds is not good
// enough; a test holds that.
struct PlantedBug {
  std::string_view name;
  std::string_view about;
  std::unique_ptr<sim::DiskFilter> (*plant)() = nullptr;
  WireBug on_the_wire = WireBug::none;
};

// Sorted by name.
[[nodiscard]] std::span<const PlantedBug> planted_bugs();
// nullptr when there is none of this name.
[[nodiscard]] const PlantedBug* find_planted_bug(std::string_view name);

}  // namespace moldau::harness
