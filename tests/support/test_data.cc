#include "support/test_data.h"

namespace moldau {

const std::filesystem::path& test_data() {
  static const std::filesystem::path folder = MOLDAU_TEST_DATA;
  return folder;
}

}  // namespace moldau
