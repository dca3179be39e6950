#include "cli/controller_file.h"

#include <gtest/gtest.h>

#include "cli/session.h"

namespace moldau::cli {
namespace {

PropertyMap file() {
  return {{"node.id", "3"},
          {"process.roles", "controller"},
          {"log.dirs", "a,b"},
          {"listeners", "PLAINTEXT://:9092, CONTROLLER://:9093"},
          {"controller.listener.names", "CONTROLLER"}};
}

std::string refusal(const std::string& key, std::optional<std::string> value) {
  PropertyMap changed = file();
  if (value) {
    changed[key] = *value;
  } else {
    changed.erase(key);
  }
  const auto read = read_controller_file(changed);
  return read ? "" : text_of(read.error());
}

TEST(ControllerFileTest, AListenerWithoutAHostIsFoundAtLocalhost) {
  const auto read = read_controller_file(file());
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->id, BrokerId{3});
  EXPECT_EQ(read->metadata_directory, "a");
  EXPECT_EQ(endpoints_text(read->endpoints), "CONTROLLER://localhost:9093");
}

TEST(ControllerFileTest, WhatIsAdvertisedCountsMore) {
  PropertyMap advertised = file();
  advertised["advertised.listeners"] = "controller://[::1]:19093";
  advertised["metadata.log.dir"] = "m";
  const auto read = read_controller_file(advertised);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->metadata_directory, "m");
  EXPECT_EQ(endpoints_text(read->endpoints), "CONTROLLER://[::1]:19093");
}

TEST(ControllerFileTest, WhatIsMissingIsNamed) {
  constexpr std::string_view k_question = " Is this a valid controller configuration file?";
  EXPECT_EQ(refusal("node.id", {}),
            fmt::format("node.id not found in configuration file.{}", k_question));
  EXPECT_EQ(refusal("node.id", "-1"),
            fmt::format("node.id was negative in configuration file.{}", k_question));
  EXPECT_EQ(refusal("process.roles", "broker"),
            fmt::format("process.roles did not contain 'controller' in configuration file.{}",
                        k_question));
  EXPECT_EQ(refusal("log.dirs", {}),
            fmt::format("Neither metadata.log.dir nor log.dirs were found.{}", k_question));
  EXPECT_EQ(refusal("controller.listener.names", "OTHER"),
            "Cannot find information about controller listener name: OTHER");
  EXPECT_EQ(refusal("listeners", "nonsense"), "Unable to parse nonsense to a broker endpoint");
}

TEST(ControllerFileTest, AnIdOfADirectoryHasSixteenBytes) {
  EXPECT_EQ(read_uuid("AQIDBAUGBwgJCgsMDQ4PEA")->to_string(), "AQIDBAUGBwgJCgsMDQ4PEA");
  EXPECT_EQ(read_uuid("AQIDBA").error().text(),
            "Input string `AQIDBA` decoded as 4 bytes, which is not equal to the expected 16 "
            "bytes of a base64-encoded UUID");
  EXPECT_EQ(read_uuid("notbase64").error().text(), "Last unit does not have enough valid bits");
  EXPECT_EQ(read_uuid("not.base").error().text(), "Illegal base64 character 2e");
  EXPECT_TRUE(read_uuid("AQIDBAUGBwgJCgsMDQ4PEAAAAAAA").error().text().contains("too long"));
}

}  // namespace
}  // namespace moldau::cli
