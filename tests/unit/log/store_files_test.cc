#include <gtest/gtest.h>

#include "log/store.h"
#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

class FrontScanTest : public LogTest {
 protected:
  // Sizes of the batches found in [0, end) of a file with these batches.
  std::vector<std::size_t> scan(const std::vector<std::size_t>& values, std::size_t cut) {
    std::vector<std::byte> all;
    for (const std::size_t value : values) {
      const auto one = batch(1, timestamp_of(1), value);
      all.insert(all.end(), one.begin(), one.end());
    }
    all.resize(all.size() - cut);
    world.write("f", all);
    FrontScan fronts(world.ok(world.disk.open("f", env::OpenMode::read)), 0, all.size());
    std::vector<std::size_t> sizes;
    while (const auto found = world.ok(fronts.next())) sizes.push_back(found->facts.size);
    at_end = fronts.position() == all.size();
    return sizes;
  }
  bool at_end = false;
};

TEST_F(FrontScanTest, SmallAndLargeBatchesAreWalked) {
  EXPECT_EQ(scan({10, 5000, 10, 3000, 900, 4096, 1}, 0).size(), 7U);
  EXPECT_TRUE(at_end);
}

TEST_F(FrontScanTest, TornLastBatchIsNotGiven) {
  for (const std::size_t cut : {1U, 30U, 75U}) {
    EXPECT_EQ(scan({10, 20}, cut).size(), 1U) << cut;
    EXPECT_FALSE(at_end);
  }
}

TEST_F(FrontScanTest, EmptyFileHasNone) {
  EXPECT_TRUE(scan({}, 0).empty());
  EXPECT_TRUE(at_end);
}

}  // namespace
}  // namespace moldau::log
