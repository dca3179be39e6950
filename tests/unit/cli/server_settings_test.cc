#include "cli/server_settings.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

constexpr std::string_view k_file =
    "process.roles=broker,controller\n"
    "node.id=7\n"
    "controller.quorum.voters=7@localhost:9093\n"
    "listeners=PLAINTEXT://:9092,CONTROLLER://:9093\n"
    "controller.listener.names=CONTROLLER\n"
    "log.dirs=d\n";

config::NodeConfig config_of(const ServerOptions& options,
                             const std::optional<std::string>& file = std::nullopt) {
  auto loaded = server_settings(options, file);
  EXPECT_TRUE(loaded.has_value()) << loaded.error().text();
  return std::move(loaded->config);
}

TEST(ServerSettingsTest, TheFileCountsAndOverridesCountMore) {
  ServerOptions options;
  options.file = "f";
  EXPECT_EQ(config_of(options, std::string(k_file)).node_id, BrokerId{7});
  options.overrides = {"log.dirs=e"};
  EXPECT_EQ(config_of(options, std::string(k_file)).log.directories,
            (std::vector<std::string>{"e"}));
}

TEST(ServerSettingsTest, AnEmptyFileIsNotNoFile) {
  ServerOptions options;
  options.file = "f";
  const auto loaded = server_settings(options, "");
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code(), Errc::invalid_config);
}

TEST(ServerSettingsTest, WithoutAFileItIsOneNodeOnThisMachine) {
  ServerOptions options;
  options.data = "there";
  const config::NodeConfig config = config_of(options);
  EXPECT_EQ(config.log.directories, (std::vector<std::string>{"there"}));
  EXPECT_EQ(listeners_text(config.network.listeners),
            "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093");
  EXPECT_EQ(listeners_text(config.network.advertised_broker), "PLAINTEXT://127.0.0.1:9092");
}

TEST(ServerSettingsTest, WhoListensElsewhereIsFoundThere) {
  ServerOptions options;
  options.overrides = {"listeners=PLAINTEXT://127.0.0.1:1234,CONTROLLER://127.0.0.1:9093"};
  const auto advertised = [&] {
    return listeners_text(config_of(options).network.advertised_broker);
  };
  EXPECT_TRUE(advertised().starts_with("PLAINTEXT://127.0.0.1:1234")) << advertised();
  options.overrides.emplace_back("advertised.listeners=PLAINTEXT://127.0.0.1:55");
  EXPECT_TRUE(advertised().starts_with("PLAINTEXT://127.0.0.1:55")) << advertised();
}

TEST(ServerSettingsTest, ThreadsAreThoseOfTheFileOrACoreEachUpToTwo) {
  ServerOptions options;
  EXPECT_EQ(shards_of(config_of(options), 1), 1);
  EXPECT_EQ(shards_of(config_of(options), 16), 2);
  options.overrides = {"num.network.threads=5"};
  EXPECT_EQ(shards_of(config_of(options), 16), 5);
}

}  // namespace
}  // namespace moldau::cli
