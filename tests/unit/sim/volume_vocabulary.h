#pragma once
#include <gtest/gtest.h>

#include <string>

#include "sim/volume.h"

namespace moldau::sim {

// Words for tests of a Volume. Calls that must work here fail the test when they do not.
class VolumeTest : public testing::Test {
 protected:
  Volume::NodePtr open(const std::string& path, env::OpenMode mode = env::OpenMode::create) {
    auto node = volume_.open(path, mode);
    EXPECT_TRUE(node.has_value());
    return *node;
  }
  void write(const std::string& path, std::uint64_t position, const std::string& text) {
    const Bytes bytes = as_bytes(text);
    EXPECT_TRUE(volume_.write(*open(path), position, {bytes.begin(), bytes.end()}).has_value());
  }
  void append(const std::string& path, const std::string& text) {
    write(path, Volume::size(*open(path)), text);
  }
  void sync(const std::string& path) {
    const auto node = open(path);
    Volume::finish_sync(*node, Volume::begin_sync(*node));
  }
  void sync_folder(const std::string& path) {
    EXPECT_TRUE(volume_.sync_directory(path).has_value());
  }
  std::string text(const std::string& path) {
    const auto bytes = volume_.peek(path);
    return bytes ? std::string(as_text(*bytes)) : "<" + std::string(bytes.error().text()) + ">";
  }
  bool there(const std::string& path) { return volume_.peek(path).has_value(); }

  Volume volume_{7};
};

}  // namespace moldau::sim
