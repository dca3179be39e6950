#include "os/settings_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "base/limits.h"

namespace moldau::os {
namespace {

class SettingsFileTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string write(const std::string& text) const {
    std::ofstream(folder / "file", std::ios::binary) << text;
    return folder / "file";
  }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("moldau-settings-" + std::to_string(::getpid()));
};

TEST_F(SettingsFileTest, TheTextIsGiven) {
  EXPECT_EQ(*read_settings_file(write("a=1\nb=2")), "a=1\nb=2");
  EXPECT_EQ(*read_settings_file(write("")), "");
}

TEST_F(SettingsFileTest, ADirectoryIsRefused) {
  const Result<std::string> text = read_settings_file(folder);
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().code(), Errc::bad_configuration);
  EXPECT_EQ(text.error().text(), folder.string() + " is a directory: give a configuration file");
}

TEST_F(SettingsFileTest, OneThatIsNotThereIsNamed) {
  EXPECT_EQ(read_settings_file("/nowhere/at/all").error().text(),
            "/nowhere/at/all cannot be read: No such file or directory");
}

TEST_F(SettingsFileTest, OneAtTheLimitIsReadAndALargerOneRefused) {
  const auto most = static_cast<std::size_t>(k_settings_file_bytes_max.value);
  EXPECT_EQ(read_settings_file(write(std::string(most, '#')))->size(), most);
  const Result<std::string> text = read_settings_file(write(std::string(most + 1, '#')));
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().code(), Errc::bad_configuration);
  EXPECT_NE(text.error().text().find("is larger than 4194304 bytes"), std::string_view::npos);
}

TEST_F(SettingsFileTest, AFileWithoutEndIsRefused) {
  EXPECT_EQ(read_settings_file("/dev/zero").error().code(), Errc::bad_configuration);
}

TEST_F(SettingsFileTest, APipeIsReadToItsEnd) {
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::jthread writer([&pipe] { std::ofstream(pipe) << "node.id=1\n"; });
  EXPECT_EQ(*read_settings_file(pipe), "node.id=1\n");
}

}  // namespace
}  // namespace moldau::os
