#include "cli/configured_names.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

constexpr std::int8_t k_client_metrics = 16;
constexpr std::int8_t k_groups = 32;

class ConfiguredNames : public ToolOnNode {
 protected:
  std::vector<std::string> names_of(std::int8_t resource_type) {
    std::vector<std::string> names{"not answered"};
    run(ask(env(), resource_type, names));
    return names;
  }

 private:
  static env::Task<void> ask(env::Env& env, std::int8_t resource_type,
                             std::vector<std::string>& names) {
    client::ClusterSettings settings;
    settings.bootstrap = {{"127.0.0.1", 9092}};
    client::Cluster cluster(env, std::move(settings));
    auto answer = co_await configured_names(cluster, resource_type);
    if (answer) names = *std::move(answer);
    co_await cluster.close();
  }
};

TEST_F(ConfiguredNames, AreOfTheKindThatIsAskedFor) {
  EXPECT_TRUE(names_of(k_client_metrics).empty());
  EXPECT_EQ(tool({"client-metrics", "--alter", "--name", "m", "--metrics", "*"}).code, 0);
  EXPECT_EQ(names_of(k_client_metrics), std::vector<std::string>{"m"});
  EXPECT_TRUE(names_of(k_groups).empty());
}

}  // namespace
}  // namespace moldau::cli
