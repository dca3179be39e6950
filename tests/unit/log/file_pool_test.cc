#include "log/file_pool.h"

#include <gtest/gtest.h>

#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

class FilePoolTest : public ::testing::Test {
 protected:
  std::shared_ptr<env::File> open(PooledFile& slot, const std::string& path) {
    return world.ok(pool.open(slot, path, env::OpenMode::create));
  }
  LogWorld world;
  FilePool pool{world.disk, 2};
};

TEST_F(FilePoolTest, OpenFileIsFoundAgain) {
  PooledFile a;
  EXPECT_EQ(pool.find(a), nullptr);
  const auto file = open(a, "a");
  EXPECT_EQ(pool.find(a), file);
  EXPECT_EQ(open(a, "a"), file);
  EXPECT_EQ(pool.open_count(), 1U);
}

TEST_F(FilePoolTest, LeastRecentlyUsedIsClosedAtTheLimit) {
  PooledFile a;
  PooledFile b;
  PooledFile c;
  open(a, "a");
  open(b, "b");
  (void)pool.find(a);
  open(c, "c");
  EXPECT_NE(pool.find(a), nullptr);
  EXPECT_EQ(pool.find(b), nullptr);
  EXPECT_EQ(pool.open_count(), 2U);
}

TEST_F(FilePoolTest, EvictedFileStaysReadableForItsHolder) {
  PooledFile a;
  PooledFile b;
  PooledFile c;
  const auto held = open(a, "a");
  world.ok(held->write_at(0, {SharedBytes::copy_of(as_bytes("x"))}));
  open(b, "b");
  open(c, "c");
  EXPECT_EQ(pool.find(a), nullptr);
  EXPECT_EQ(as_text(world.ok(held->read_at(0, 1)).view()), "x");
}

TEST_F(FilePoolTest, FileLeavesThePoolWithItsSlot) {
  {
    PooledFile a;
    open(a, "a");
  }
  EXPECT_EQ(pool.open_count(), 0U);
}

TEST_F(FilePoolTest, MissingFileIsAnErrorAndTakesNoPlace) {
  PooledFile a;
  EXPECT_EQ(world.errc(pool.open(a, "nowhere", env::OpenMode::read)), Errc::not_found);
  EXPECT_EQ(pool.open_count(), 0U);
}

}  // namespace
}  // namespace moldau::log
