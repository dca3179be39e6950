#include "cli/server_options.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

using Words = std::vector<std::string>;

TEST(ServerOptionsTest, AFileAndOverridesAreTaken) {
  const Words words{"-daemon", "s.properties", "--override", "a=1", "--override=b=2=3"};
  const auto options = read_server_options(words);
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->file, "s.properties");
  EXPECT_EQ(options->overrides, (Words{"a=1", "b=2=3"}));
  EXPECT_TRUE(options->daemon);
  EXPECT_EQ(options->name, "kafkaServer");
}

TEST(ServerOptionsTest, WhatTheScriptsAddIsUnderstood) {
  const Words words{"-name", "node7", "-loggc", "s.properties"};
  EXPECT_EQ(read_server_options(words)->name, "node7");
}

TEST(ServerOptionsTest, AnotherFileIsNamed) {
  EXPECT_EQ(read_server_options(Words{"a", "b", "c"}).error().text(),
            "Found non argument parameters: b,c");
}

TEST(ServerOptionsTest, AnOverrideWithoutValueIsRefused) {
  EXPECT_EQ(read_server_options(Words{"a", "--override", "x"}).error().text(),
            "--override takes key=value, not x");
  EXPECT_EQ(read_server_options(Words{"a", "--override"}).error().text(),
            "Option override requires an argument");
  EXPECT_EQ(read_server_options(Words{"--foo"}).error().text(), "--foo is not a recognized option");
}

TEST(ServerOptionsTest, AClassIsFoundBehindWhatIsForJava) {
  const Words words{"-name", "n", "-loggc", "-Xmx1g", "-Dx=y", "kafka.Kafka", "f", "-x"};
  const ClassToRun run = read_class_to_run(words);
  EXPECT_EQ(run.java_class, "kafka.Kafka");
  EXPECT_EQ(run.before, (Words{"-name", "n"}));
  EXPECT_EQ(run.words, (Words{"f", "-x"}));
  EXPECT_EQ(read_class_to_run(Words{"-daemon"}).java_class, "");
}

}  // namespace
}  // namespace moldau::cli
