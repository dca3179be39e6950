#include "cli/metadata_quorum.h"

#include <algorithm>

#include "cli/session.h"
#include "protocol/api/describe_cluster.h"
#include "protocol/api/describe_quorum.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    k_bootstrap_server,
    k_bootstrap_controller,
    k_command_config,
    {.name = "status", .help = "describe: the quorum in short."},
    {.name = "replication", .help = "describe: how far each replica of the metadata is."},
    {.name = "human-readable", .help = "describe --replication: times as \"5 ms ago\"."},
    k_help,
});

using protocol::DescribeQuorumRequest;
using protocol::DescribeQuorumResponse;

struct Quorum {
  std::string cluster_id;
  DescribeQuorumResponse::PartitionData state;
  std::vector<DescribeQuorumResponse::Node> nodes;
};

std::string replica_json(const DescribeQuorumResponse::ReplicaState& replica,
                         const std::vector<DescribeQuorumResponse::Node>& nodes) {
  std::string text = fmt::format("{{\"id\": {}", replica.replica_id);
  if (!replica.replica_directory_id.is_zero()) {
    text += fmt::format(", \"directoryId\": \"{}\"", replica.replica_directory_id);
  }
  const auto node =
      std::ranges::find(nodes, replica.replica_id, &DescribeQuorumResponse::Node::node_id);
  if (node != nodes.end()) {
    text += ", \"endpoints\": [";
    for (std::size_t i = 0; i < node->listeners.size(); ++i) {
      const auto& listener = node->listeners[i];
      text += fmt::format("{}\"{}://{}:{}\"", i == 0 ? "" : ", ", listener.name, listener.host,
                          listener.port);
    }
    text += "]";
  }
  return text + "}";
}

std::string replicas_json(const std::vector<DescribeQuorumResponse::ReplicaState>& replicas,
                          const std::vector<DescribeQuorumResponse::Node>& nodes) {
  std::string text = "[";
  for (std::size_t i = 0; i < replicas.size(); ++i) {
    text += (i == 0 ? "" : ", ") + replica_json(replicas[i], nodes);
  }
  return text + "]";
}

std::string status_text(const Quorum& quorum, Timestamp now) {
  const auto& state = quorum.state;
  const auto leader = std::ranges::find(state.current_voters, state.leader_id,
                                        &DescribeQuorumResponse::ReplicaState::replica_id);
  std::int64_t lag = 0;
  std::int64_t lag_ms = 0;
  const auto look_at = [&](const auto& replica) {
    if (leader == state.current_voters.end()) return;
    const std::int64_t behind = leader->log_end_offset - replica.log_end_offset;
    if (behind <= lag) return;
    lag = behind;
    lag_ms = replica.last_caught_up_timestamp == k_no_timestamp
                 ? -1
                 : (now - replica.last_caught_up_timestamp).count();
  };
  std::ranges::for_each(state.current_voters, look_at);
  std::ranges::for_each(state.observers, look_at);
  return fmt::format(
      "ClusterId:              {}\nLeaderId:               {}\nLeaderEpoch:            {}\n"
      "HighWatermark:          {}\nMaxFollowerLag:         {}\nMaxFollowerLagTimeMs:   {}\n"
      "CurrentVoters:          {}\nCurrentObservers:       {}\n",
      quorum.cluster_id, state.leader_id, state.leader_epoch, state.high_watermark, lag, lag_ms,
      replicas_json(state.current_voters, quorum.nodes),
      replicas_json(state.observers, quorum.nodes));
}

std::string moment(Timestamp at, Timestamp now, bool human) {
  if (!human || at == k_no_timestamp) return fmt::format("{}", to_millis(at));
  return fmt::format("{} ms ago", (now - at).count());
}

// Columns as wide as their widest cell, each followed by a tab, as Kafka's ToolsUtils prints them.
std::string replication_text(const Quorum& quorum, Timestamp now, bool human) {
  using Row = std::vector<std::string>;
  std::vector<Row> rows{{"NodeId", "DirectoryId", "LogEndOffset", "Lag", "LastFetchTimestamp",
                         "LastCaughtUpTimestamp", "Status"}};
  const auto& state = quorum.state;
  Offset leader_end{0};
  for (const auto& voter : state.current_voters) {
    if (voter.replica_id == state.leader_id) leader_end = voter.log_end_offset;
  }
  const auto add = [&](const auto& replica, std::string_view status) {
    rows.push_back({fmt::format("{}", replica.replica_id), replica.replica_directory_id.to_string(),
                    fmt::format("{}", replica.log_end_offset),
                    fmt::format("{}", leader_end - replica.log_end_offset),
                    moment(replica.last_fetch_timestamp, now, human),
                    moment(replica.last_caught_up_timestamp, now, human), std::string(status)});
  };
  for (const auto& voter : state.current_voters) {
    if (voter.replica_id == state.leader_id) add(voter, "Leader");
  }
  for (const auto& voter : state.current_voters) {
    if (voter.replica_id != state.leader_id) add(voter, "Follower");
  }
  for (const auto& observer : state.observers) add(observer, "Observer");
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += fmt::format("{:<{}}\t", row[i], widths[i]);
    }
    text += '\n';
  }
  return text;
}

env::Task<Result<void>> act(ToolContext& context, client::Cluster& cluster, Given given) {
  DescribeQuorumRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  topic.partitions.emplace_back();
  CO_TRY(
      DescribeQuorumResponse answer,
      co_await cluster.ask_any<DescribeQuorumRequest, DescribeQuorumResponse>(std::move(request)));
  CO_TRY_OK(refused(answer.error_code, answer.error_message));
  if (answer.topics.empty() || answer.topics[0].partitions.empty()) {
    co_return fail(Errc::unknown_server_error, "The response names no partition of the quorum");
  }
  auto& state = answer.topics[0].partitions[0];
  CO_TRY_OK(refused(state.error_code, state.error_message));
  protocol::DescribeClusterRequest about;
  about.endpoint_type = given.has("bootstrap-controller") ? 2 : 1;
  CO_TRY(
      const protocol::DescribeClusterResponse told,
      co_await cluster.ask_any<protocol::DescribeClusterRequest, protocol::DescribeClusterResponse>(
          std::move(about)));
  const Quorum quorum{told.cluster_id, std::move(state), std::move(answer.nodes)};
  const Timestamp now = context.env.clock.wall();
  context.console.out(given.has("status")
                          ? status_text(quorum, now)
                          : replication_text(quorum, now, given.has("human-readable")));
  co_return Result<void>{};
}

}  // namespace

env::Task<int> run_metadata_quorum(ToolContext& context) {
  std::optional<Given> given =
      read_words(context, "describe (--status or --replication): the state of the metadata quorum.",
                 k_options);
  if (!given) co_return k_failed;
  if (given->positional().size() != 1 || given->positional()[0] != "describe") {
    context.console.err(given->positional().empty()
                            ? "kafka-metadata-quorum: error: too few arguments\n"
                            : "kafka-metadata-quorum: error: the one action of this version is "
                              "describe\n");
    co_return k_failed;
  }
  if (given->has("status") == given->has("replication")) {
    context.console.err(
        given->has("status")
            ? "Only one of --status or --replication should be specified with describe "
              "sub-command\n"
            : "One of --status or --replication must be specified with describe sub-command\n");
    co_return k_failed;
  }
  auto settings = co_await cluster_settings(context, *given);
  if (!settings) co_return report(context, settings.error());
  client::Cluster cluster(context.env, *std::move(settings));
  const Result<void> done = co_await act(context, cluster, *std::move(given));
  co_await cluster.close();
  co_return done ? k_ok : report(context, done.error());
}

}  // namespace moldau::cli
