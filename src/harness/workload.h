#pragma once
#include <optional>
#include <vector>

#include "env/task.h"
#include "harness/cluster_client.h"
#include "harness/cluster_run.h"
#include "protocol/api/fetch.h"

namespace moldau::harness {

struct ProducerPlan {
  TopicPlan* topic = nullptr;
  PartitionIndex partition{0};
  bool idempotent = false;
};

// Sends batches to one partition until the run stops. An idempotent producer repeats a batch until
// it is answered; another one sends each batch once. Tells the oracle what it sent and what was
// acknowledged. Also waits until the topic is there.
[[nodiscard]] env::Task<void> run_producer(ClusterRun& run, ClusterClient& client,
                                           ProducerPlan plan);

// Reads one partition until the run stops, from where it is, now and then from an older offset.
[[nodiscard]] env::Task<void> run_reader(ClusterRun& run, ClusterClient& client, TopicPlan& topic,
                                         PartitionIndex partition);

// Creates the topics of the run, then lists, creates, deletes and configures others until it stops;
// deletes those that come and go and makes them again.
[[nodiscard]] env::Task<void> run_admin(ClusterRun& run, ClusterClient& client);

// Reads every partition from its start to its end and asks the oracles whether all is there.
// Keeps asking while the broker does not answer. Sets `done`.
[[nodiscard]] env::Task<void> check_everything(ClusterRun& run, ClusterClient& client, bool& done);

// The record that a value is of; nullopt: of none.
[[nodiscard]] std::optional<RecordId> record_of(Bytes value);

// A fetch of one partition from `from`; how long it waits and how much it takes at the most is
// drawn.
enum class Isolation : std::uint8_t { committed, drawn };
[[nodiscard]] protocol::FetchRequest fetch_request(Rng& rng, const TopicPlan& topic,
                                                   PartitionIndex partition, Offset from,
                                                   Isolation isolation);

// One fetch of one partition: what it showed. Errors: as ask(); the answer's error code.
struct FetchedRecords {
  std::vector<SeenRecord> records;
  Offset log_start;
  Offset high_watermark;
};
[[nodiscard]] env::Task<Result<FetchedRecords>> fetch_once(ClusterRun& run, ClusterClient& client,
                                                           TopicPlan& topic,
                                                           PartitionIndex partition, Offset from);

}  // namespace moldau::harness
