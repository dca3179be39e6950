#include "cli/metadata_quorum.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/uuid.h"
#include "cli/console_settings.h"
#include "cli/controller_file.h"
#include "cli/endpoint_kind.h"
#include "cli/session.h"
#include "cli/subcommands.h"
#include "env/disk.h"
#include "log/checkpoint_files.h"
#include "log/file_names.h"
#include "metadata/features.h"
#include "protocol/api/add_raft_voter.h"
#include "protocol/api/api_versions.h"
#include "protocol/api/describe_cluster.h"
#include "protocol/api/describe_quorum.h"
#include "protocol/api/remove_raft_voter.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

constexpr auto k_shared = std::to_array<Argument>({
    k_bootstrap_server,
    k_bootstrap_controller,
    {.name = "command-config",
     .takes_value = true,
     .help = "A file of client settings; for add-controller the configuration of that "
             "controller."},
});
constexpr Argument k_dry_run{.name = "dry-run", .help = "Say what would be done, and do nothing."};
constexpr auto k_describe_arguments = std::to_array<Argument>({
    {.name = "status", .title = "Status", .help = "The quorum in short."},
    {.name = "replication",
     .title = "Replication",
     .help = "How far each replica of the metadata is."},
    {.name = "human-readable",
     .title = "Replication",
     .help = "Times as they are counted from now."},
});
constexpr auto k_add_arguments = std::to_array<Argument>({k_dry_run});
constexpr auto k_remove_arguments = std::to_array<Argument>({
    {.name = "controller-id",
     .letter = 'i',
     .takes_value = true,
     .required = true,
     .kind = Argument::Kind::integer,
     .help = "The id of the controller that goes."},
    {.name = "controller-directory-id",
     .letter = 'd',
     .takes_value = true,
     .required = true,
     .help = "The directory id of the controller that goes."},
    k_dry_run,
});
constexpr auto k_actions = std::to_array<Action>({
    {"describe", "Show the quorum of the controllers.", k_describe_arguments, true},
    {"add-controller", "Make a controller a voter of the quorum.", k_add_arguments},
    {"remove-controller", "Take a controller out of the quorum.", k_remove_arguments},
});
constexpr CommandLine k_line{.program = "kafka-metadata-quorum",
                             .description = "Shows the quorum of the controllers and changes it.",
                             .shared = k_shared,
                             .one_of_shared = true,
                             .actions = k_actions};

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

std::string quorum_as_json(const Quorum& quorum) {
  nlohmann::ordered_json replicas = nlohmann::ordered_json::array();
  const auto add = [&](const auto& replica, bool voter) {
    replicas.push_back({{"id", replica.replica_id.value()},
                        {"directoryId", replica.replica_directory_id.to_string()},
                        {"voter", voter},
                        {"logEndOffset", replica.log_end_offset.value()},
                        {"lastFetchTimestamp", to_millis(replica.last_fetch_timestamp)},
                        {"lastCaughtUpTimestamp", to_millis(replica.last_caught_up_timestamp)}});
  };
  for (const auto& voter : quorum.state.current_voters) add(voter, true);
  for (const auto& observer : quorum.state.observers) add(observer, false);
  const nlohmann::ordered_json out = {{"clusterId", quorum.cluster_id},
                                      {"leaderId", quorum.state.leader_id.value()},
                                      {"leaderEpoch", quorum.state.leader_epoch.value()},
                                      {"highWatermark", quorum.state.high_watermark.value()},
                                      {"replicas", replicas}};
  return protojson::json_lines(out) + "\n";
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

env::Task<Result<void>> describe(ToolContext& context, client::Cluster& cluster, Given given) {
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
  const bool controllers = endpoint_kind(given) == EndpointKind::controller;
  protocol::DescribeClusterRequest about;
  about.endpoint_type = controllers ? 2 : 1;
  CO_TRY(
      const protocol::DescribeClusterResponse told,
      co_await cluster.ask_any<protocol::DescribeClusterRequest, protocol::DescribeClusterResponse>(
          std::move(about)));
  CO_TRY_OK(refused(told.error_code, told.error_message));
  const Quorum quorum{told.cluster_id, std::move(state), std::move(answer.nodes)};
  const Timestamp now = context.env.clock.wall();
  if (given.has("json")) {
    context.console.out(quorum_as_json(quorum));
    co_return Result<void>{};
  }
  context.console.out(given.has("status")
                          ? status_text(quorum, now)
                          : replication_text(quorum, now, given.has("human-readable")));
  co_return Result<void>{};
}

// What Kafka's broker says in the state in which ours does not know the request at all.
env::Task<Error> no_change(client::Cluster& cluster, Error problem, std::string what) {
  if (problem.code() != Errc::unsupported_version) co_return problem;
  protocol::ApiVersionsRequest request;
  request.client_software_name = "moldau";
  request.client_software_version = "0.1.0";
  const auto told =
      co_await cluster.ask_any<protocol::ApiVersionsRequest, protocol::ApiVersionsResponse>(
          std::move(request));
  if (!told) co_return problem;
  for (const auto& feature : told->finalized_features) {
    if (feature.name == metadata::k_kraft_version && feature.max_version_level > 0) {
      co_return problem;
    }
  }
  co_return Error(Errc::unsupported_version,
                  fmt::format("Cluster doesn't support {} voter because the kraft.version feature "
                              "is 0",
                              what));
}

std::unexpected<Error> terse(std::string_view text) {
  return fail(Errc::invalid_request, "{}", text);
}

// The id of the directory that holds the metadata of the new controller.
env::Task<Result<Uuid>> directory_id(ToolContext& context, std::string directory) {
  constexpr std::size_t k_meta_size_max = 1U << 16U;
  const auto text = co_await env::read_file(
      context.env.disk, env::join_path(directory, std::string(log::k_meta_properties)),
      k_meta_size_max);
  if (!text) co_return terse("Unable to read meta.properties from " + directory);
  CO_TRY(const log::MetaProperties meta, log::parse_meta_properties(as_text(text->view())));
  if (!meta.directory_id) co_return terse("No directory id found in " + directory);
  co_return *meta.directory_id;
}

env::Task<Result<void>> add_controller(ToolContext& context, client::Cluster& cluster,
                                       Given given) {
  if (!given.has("command-config")) {
    co_return terse(
        "You must supply the configuration file of the controller you are adding when using "
        "add-controller.");
  }
  CO_TRY(const PropertyMap properties,
         co_await read_property_options(context, given, "command-config", "none"));
  CO_TRY(const ControllerFile file, read_controller_file(properties));
  CO_TRY(const Uuid directory, co_await directory_id(context, file.metadata_directory));
  const bool dry_run = given.has("dry-run");
  protocol::AddRaftVoterRequest request;
  request.cluster_id.reset();
  request.timeout_ms = cluster.settings().request_timeout;
  request.voter_id = file.id;
  request.voter_directory_id = directory;
  for (const ControllerEndpoint& endpoint : file.endpoints) {
    auto& listener = request.listeners.emplace_back();
    listener.name = endpoint.listener;
    listener.host = endpoint.host;
    listener.port = endpoint.port;
  }
  if (!dry_run) {
    CO_TRY_OK(co_await expect_endpoint(cluster, endpoint_kind(given)));
    using Answer = protocol::AddRaftVoterResponse;
    const Result<Answer> answer =
        co_await cluster.ask_any<protocol::AddRaftVoterRequest, Answer>(std::move(request));
    if (!answer) co_return fail(co_await no_change(cluster, answer.error(), "adding"));
    CO_TRY_OK(refused(answer->error_code, answer->error_message));
  }
  context.console.out(fmt::format("{} controller {} with directory id {} and endpoints: {}\n",
                                  dry_run ? "DRY RUN of adding" : "Added", file.id, directory,
                                  endpoints_text(file.endpoints)));
  co_return Result<void>{};
}

env::Task<Result<void>> remove_controller(ToolContext& context, client::Cluster& cluster,
                                          Given given) {
  CO_TRY(const std::int64_t id, integer_option(given, "controller-id"));
  if (id < 0) co_return terse(fmt::format("Invalid negative --controller-id: {}", id));
  const std::string text = given.one("controller-directory-id");
  const Result<Uuid> directory = read_uuid(text);
  if (!directory) {
    co_return terse("Failed to parse --controller-directory-id: " + text_of(directory.error()));
  }
  const bool dry_run = given.has("dry-run");
  if (!dry_run) {
    CO_TRY_OK(co_await expect_endpoint(cluster, endpoint_kind(given)));
    protocol::RemoveRaftVoterRequest request;
    request.cluster_id.reset();
    request.voter_id = BrokerId{static_cast<std::int32_t>(id)};
    request.voter_directory_id = *directory;
    using Answer = protocol::RemoveRaftVoterResponse;
    const Result<Answer> answer =
        co_await cluster.ask_any<protocol::RemoveRaftVoterRequest, Answer>(std::move(request));
    if (!answer) co_return fail(co_await no_change(cluster, answer.error(), "removing"));
    CO_TRY_OK(refused(answer->error_code, answer->error_message));
  }
  context.console.out(fmt::format("{} KRaft controller {} with directory id {}\n",
                                  dry_run ? "DRY RUN of removing " : "Removed ", id, *directory));
  co_return Result<void>{};
}

env::Task<Result<void>> act(ToolContext& context, client::Cluster& cluster, ChosenAction chosen) {
  if (chosen.name == "add-controller") {
    co_return co_await add_controller(context, cluster, std::move(chosen.given));
  }
  if (chosen.name == "remove-controller") {
    co_return co_await remove_controller(context, cluster, std::move(chosen.given));
  }
  if (chosen.given.has("status") == chosen.given.has("replication")) {
    co_return terse(
        chosen.given.has("status")
            ? "Only one of --status or --replication should be specified with describe sub-command"
            : "One of --status or --replication must be specified with describe sub-command");
  }
  if (chosen.given.has("status") && chosen.given.has("human-readable")) {
    co_return terse("The option --human-readable is only supported along with --replication");
  }
  CO_TRY_OK(co_await expect_endpoint(cluster, endpoint_kind(chosen.given)));
  co_return co_await describe(context, cluster, std::move(chosen.given));
}

}  // namespace

env::Task<int> run_metadata_quorum(ToolContext& context) {
  Reading read = read_action(context, k_line);
  if (!read.chosen) co_return read.exit_code;
  const std::string file = read.chosen->given.one("command-config");
  if (!file.empty()) {
    const Result<bool> there = co_await context.env.disk.exists(file);
    if (there && !*there) {
      context.console.err(fmt::format("Properties file {} does not exists!\n", file));
      co_return k_failed;
    }
  }
  auto settings = co_await cluster_settings(context, read.chosen->given);
  if (!settings) co_return report_no_client(context, settings.error());
  client::Cluster cluster(context.env, *std::move(settings));
  const Result<void> done = co_await act(context, cluster, *std::move(read.chosen));
  co_await cluster.close();
  co_return done ? k_ok : report(context, done.error());
}

}  // namespace moldau::cli
