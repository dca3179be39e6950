#include <algorithm>
#include <array>

#include "cli/broker_api_versions.h"
#include "cli/client_metrics.h"
#include "cli/cluster.h"
#include "cli/configs.h"
#include "cli/console_consumer.h"
#include "cli/console_producer.h"
#include "cli/consumer_groups.h"
#include "cli/consumer_perf_test.h"
#include "cli/delete_records.h"
#include "cli/dump_log.h"
#include "cli/e2e_latency.h"
#include "cli/features.h"
#include "cli/get_offsets.h"
#include "cli/groups.h"
#include "cli/leader_election.h"
#include "cli/log_dirs.h"
#include "cli/metadata_quorum.h"
#include "cli/producer_perf_test.h"
#include "cli/reassign_partitions.h"
#include "cli/storage.h"
#include "cli/streams_application_reset.h"
#include "cli/tool.h"
#include "cli/topics.h"
#include "cli/transactions.h"
#include "cli/verifiable_consumer.h"
#include "cli/verifiable_producer.h"

namespace moldau::cli {
namespace {

constexpr auto k_tools = std::to_array<Tool>({
    {"broker-api-versions", "kafka-broker-api-versions.sh", "what each broker understands",
     "BrokerApiVersionsCommand", true, run_broker_api_versions},
    {"client-metrics", "kafka-client-metrics.sh", "which metrics clients report",
     "ClientMetricsCommand", true, run_client_metrics},
    {"cluster", "kafka-cluster.sh", "the id and the endpoints of a cluster", "ClusterTool", false,
     run_cluster},
    {"configs", "kafka-configs.sh", "show and change settings", "ConfigCommand", true, run_configs},
    {"console-consumer", "kafka-console-consumer.sh", "print the records of a topic",
     "ConsoleConsumer", true, run_console_consumer, true},
    {"console-producer", "kafka-console-producer.sh", "send lines as records", "ConsoleProducer",
     true, run_console_producer, true},
    {"consumer-groups", "kafka-consumer-groups.sh", "consumer groups, their offsets and lag",
     "ConsumerGroupCommand", true, run_consumer_groups},
    {"consumer-perf-test", "kafka-consumer-perf-test.sh", "how fast a consumer reads",
     "ConsumerPerformance", true, run_consumer_perf_test, true},
    {"delete-records", "kafka-delete-records.sh", "delete the records below an offset",
     "DeleteRecordsCommand", true, run_delete_records},
    {"dump-log", "kafka-dump-log.sh", "print the files of a log", "DumpLogSegments", true,
     run_dump_log},
    {"e2e-latency", "kafka-e2e-latency.sh", "how long a record takes from producer to consumer",
     "EndToEndLatency", true, run_e2e_latency},
    {"features", "kafka-features.sh", "show and change feature levels", "FeatureCommand", false,
     run_features},
    {"get-offsets", "kafka-get-offsets.sh", "where partitions begin and end", "GetOffsetShell",
     true, run_get_offsets},
    {"groups", "kafka-groups.sh", "list groups of all types", "GroupsCommand", true, run_groups},
    {"leader-election", "kafka-leader-election.sh", "let the preferred replicas lead again",
     "LeaderElectionCommand", true, run_leader_election},
    {"log-dirs", "kafka-log-dirs.sh", "what lies in the log directories of brokers",
     "LogDirsCommand", true, run_log_dirs},
    {"metadata-quorum", "kafka-metadata-quorum.sh", "the state of the controllers' quorum",
     "MetadataQuorumCommand", false, run_metadata_quorum},
    {"producer-perf-test", "kafka-producer-perf-test.sh", "how fast a producer sends",
     "ProducerPerformance", false, run_producer_perf_test, true},
    {"reassign-partitions", "kafka-reassign-partitions.sh", "move partitions to other brokers",
     "ReassignPartitionsCommand", true, run_reassign_partitions},
    {"storage", "kafka-storage.sh", "format a node's directories, and look at them", "StorageTool",
     false, run_storage},
    {"streams-application-reset", "kafka-streams-application-reset.sh",
     "let a streams application begin anew", "StreamsResetter", true,
     run_streams_application_reset},
    {"topics", "kafka-topics.sh", "create, list, describe, alter, delete topics", "TopicCommand",
     true, run_topics},
    {"transactions", "kafka-transactions.sh", "transactions of producers, and those that hang",
     "TransactionsCommand", true, run_transactions},
    {"verifiable-consumer", "kafka-verifiable-consumer.sh", "read, and tell what happens as JSON",
     "VerifiableConsumer", false, run_verifiable_consumer, true},
    {"verifiable-producer", "kafka-verifiable-producer.sh", "send, and tell what happens as JSON",
     "VerifiableProducer", false, run_verifiable_producer, true},
});

}  // namespace

std::span<const Tool> tools() { return k_tools; }

const Tool* find_tool(std::string_view called_as) {
  if (called_as.ends_with(".sh")) called_as.remove_suffix(3);
  const auto found = std::ranges::find_if(k_tools, [&](const Tool& tool) {
    return tool.name == called_as || tool.script.substr(0, tool.script.size() - 3) == called_as;
  });
  return found == k_tools.end() ? nullptr : &*found;
}

const Tool* find_tool_of_class(std::string_view java_class) {
  if (!java_class.starts_with("kafka.") && !java_class.starts_with("org.apache.kafka.")) {
    return nullptr;
  }
  const std::string_view name = java_class.substr(java_class.rfind('.') + 1);
  const auto* const found = std::ranges::find(k_tools, name, &Tool::java_class);
  return found == k_tools.end() ? nullptr : found;
}

env::Task<int> run(Tool tool, ToolContext& context) {
  const bool asks_version = std::ranges::find(context.words, "--version") != context.words.end();
  if (!tool.has_version || !asks_version) co_return co_await tool.run(context);
  context.console.out(context.version + "\n");
  co_return 0;
}

}  // namespace moldau::cli
