#include "cli/server_options.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

using Words = std::vector<std::string>;

TEST(ServerOptionsTest, AFileAndOverridesAreTaken) {
  const Words words{"-daemon", "s.properties", "--override", "a=1", "--override=b=2=3"};
  const auto options = read_server_options(words, ServerFile::optional);
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->file, "s.properties");
  EXPECT_EQ(options->overrides, (Words{"a=1", "b=2=3"}));
  EXPECT_TRUE(options->daemon);
  EXPECT_EQ(options->name, "kafkaServer");
}

TEST(ServerOptionsTest, WhatTheScriptsAddIsUnderstood) {
  const Words words{"-name", "node7", "-loggc", "s.properties"};
  EXPECT_EQ(read_server_options(words, ServerFile::optional)->name, "node7");
}

TEST(ServerOptionsTest, AnotherFileIsNamed) {
  EXPECT_EQ(read_server_options(Words{"a", "b", "c"}, ServerFile::optional).error().text(),
            "Found non argument parameters: b,c");
}

TEST(ServerOptionsTest, AnOverrideWithoutValueIsRefused) {
  EXPECT_EQ(read_server_options(Words{"a", "--override", "x"}, ServerFile::optional).error().text(),
            "--override takes key=value, not x");
  EXPECT_EQ(read_server_options(Words{"a", "--override"}, ServerFile::optional).error().text(),
            "Option override requires an argument");
  EXPECT_EQ(read_server_options(Words{"--foo"}, ServerFile::optional).error().text(),
            "--foo is not a recognized option");
}

TEST(ServerOptionsTest, WhereAFileIsRequiredItsLackLeadsToTheUsage) {
  EXPECT_TRUE(read_server_options(Words{}, ServerFile::required)->help);
  EXPECT_TRUE(read_server_options(Words{"-daemon"}, ServerFile::required)->help);
  EXPECT_FALSE(read_server_options(Words{"f"}, ServerFile::required)->help);
  EXPECT_FALSE(read_server_options(Words{"--version"}, ServerFile::required)->help);
  EXPECT_FALSE(read_server_options(Words{}, ServerFile::optional)->help);
}

TEST(ServerOptionsTest, TheUsageNamesWhatMayBeLeftOut) {
  EXPECT_EQ(server_usage("bin/kafka-server-start.sh", ServerFile::required),
            "USAGE: bin/kafka-server-start.sh [-daemon] server.properties "
            "[--override property=value]*\n");
  EXPECT_TRUE(server_usage("moldau server", ServerFile::optional).contains("Without a file"));
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
