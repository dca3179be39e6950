#include "cli/file_window.h"

#include "record/builder.h"
#include "sim/disk.h"
#include "sim/volume.h"
#include "unit/cli/tool_run.h"

namespace moldau::cli {
namespace {

class FileWindowTest : public testing::Test {
 protected:
  FileWindow open(Bytes content, std::size_t window = FileWindow::k_window) {
    EXPECT_TRUE(env::replace_file(disk_, "f", SharedBytes::copy_of(content)).take_result());
    return *FileWindow::open(disk_, "f", window).take_result();
  }
  static std::string at(FileWindow& file, std::uint64_t position, std::size_t size) {
    return std::string(as_text(*file.at(position, size).take_result()));
  }
  sim::Volume volume_;
  sim::Disk disk_{volume_};
};

TEST_F(FileWindowTest, ReadsAnywhereInAFileLargerThanItsWindow) {
  FileWindow file = open(as_bytes("0123456789"), 4);
  EXPECT_EQ(at(file, 0, 3), "012");
  EXPECT_EQ(at(file, 7, 2), "78");
  EXPECT_EQ(at(file, 1, 6), "123456");
  EXPECT_EQ(at(file, 8, 9), "89");
  EXPECT_EQ(at(file, 10, 1), "");
}

TEST_F(FileWindowTest, AMissingFileIsNotFound) {
  EXPECT_EQ(FileWindow::open(disk_, "g").take_result().error().code(), Errc::not_found);
}

std::vector<std::byte> batches(int count) {
  std::vector<std::byte> out;
  for (int i = 0; i < count; ++i) {
    record::BatchBuilder builder({.base_offset = Offset{i}, .leader_epoch = LeaderEpoch{0}});
    builder.append({.timestamp = timestamp_of(i), .key = {}, .value = as_bytes("value")});
    const std::vector<std::byte> bytes = builder.build();
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  return out;
}

TEST_F(FileWindowTest, BatchesComeOneByOneAndTheRestIsCounted) {
  std::vector<std::byte> bytes = batches(3);
  bytes.resize(bytes.size() - 5);
  FileWindow file = open(bytes, 32);
  BatchFile run(file, "f", 0, file.size());
  EXPECT_EQ((**run.next().take_result()).view.base_offset(), Offset{0});
  const auto second = *run.next().take_result();
  EXPECT_EQ(second->view.base_offset(), Offset{1});
  EXPECT_EQ(second->position, second->view.size());
  EXPECT_FALSE((*run.next().take_result()).has_value());
  EXPECT_EQ(run.rest(), second->view.size() - 5);
}

TEST_F(FileWindowTest, ALengthThatCannotBeIsCorrupt) {
  const std::vector<std::byte> zeros(100);
  FileWindow file = open(zeros);
  BatchFile run(file, "f", 0, file.size());
  EXPECT_EQ(run.next().take_result().error().text(),
            "Found record size 0 smaller than minimum record overhead (14) in file f.");
}

TEST_F(FileWindowTest, ABatchBehindTheEndIsLeftAlone) {
  const std::vector<std::byte> bytes = batches(1);
  FileWindow file = open(bytes);
  BatchFile run(file, "f", 0, bytes.size() - 1);
  EXPECT_FALSE((*run.next().take_result()).has_value());
}

}  // namespace
}  // namespace moldau::cli
