#pragma once
#include <filesystem>

namespace moldau {

// tests/data of this checkout. A function of a source of its own, so that the path of the checkout
// is on one command line only and the compiler cache is shared between clones.
[[nodiscard]] const std::filesystem::path& test_data();

}  // namespace moldau
