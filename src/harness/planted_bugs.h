#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "sim/volume.h"

namespace moldau::harness {

// Mistakes that the node could make, made for it by a filter on the disk's answers. A simulation
// that does not find one of them within 200 seeds is not good enough; a test holds that.
struct PlantedBug {
  std::string_view name;
  std::string_view about;
  std::unique_ptr<sim::DiskFilter> (*plant)();
};

// Sorted by name.
[[nodiscard]] std::span<const PlantedBug> planted_bugs();
// nullptr when there is none of this name.
[[nodiscard]] const PlantedBug* find_planted_bug(std::string_view name);

}  // namespace moldau::harness
