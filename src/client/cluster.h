#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "client/replica_racks.h"
#include "env/env.h"
#include "env/task.h"
#include "protocol/api/metadata.h"
#include "rpc/client_connection.h"

namespace moldau::client {

struct ClusterSettings {
  std::vector<env::Endpoint> bootstrap;  // tried in order until one answers
  std::string client_id = "moldau";
  Milliseconds request_timeout = std::chrono::seconds{30};  // request.timeout.ms
  Milliseconds api_timeout = std::chrono::seconds{60};      // default.api.timeout.ms, with retries
  Milliseconds retry_backoff{100};                          // retry.backoff.ms
  Milliseconds metadata_max_age = std::chrono::minutes{5};  // metadata.max.age.ms
};

// "host:port[,host:port...]", as bootstrap.servers and --bootstrap-server take it.
// Errors: bad_configuration, in Kafka's words for the same mistake.
[[nodiscard]] Result<std::vector<env::Endpoint>> parse_endpoints(std::string_view text);

// An address that an answer names. Errors: bad_frame: a port that is none.
[[nodiscard]] Result<env::Endpoint> endpoint_of_answer(std::string host, std::int32_t port);

// Where a partition is, from the newest metadata.
struct PartitionPlace {
  BrokerId leader = k_no_broker;
  LeaderEpoch leader_epoch = k_no_leader_epoch;
};

// Which of the connections to a broker: an answer waits for those before it, so what waits long
// does not share a connection with what must not.
enum class Line : std::uint8_t { requests, fetches, coordination };

// The connections of one client to a cluster: one to each broker that was asked, opened when first
// needed, and the newest metadata. A connection that failed is dropped and opened again by the next
// request.
// Errors of requests: those of rpc::ClientConnection; leader_not_available (a broker id that the
// metadata do not have); timed_out when no bootstrap endpoint answers.
// Context: one shard. Await close() before it goes.
class Cluster {
 public:
  Cluster(env::Env& env, ClusterSettings settings);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  ~Cluster();

  [[nodiscard]] env::Env& env() { return *env_; }
  [[nodiscard]] const ClusterSettings& settings() const { return settings_; }

  // A connection to some broker: one that is open, or the first that can be opened, of the
  // bootstrap endpoints or else of the brokers that are known.
  [[nodiscard]] env::Task<Result<std::shared_ptr<rpc::ClientConnection>>> any();
  // To this broker. Asks for metadata first when it is not known.
  [[nodiscard]] env::Task<Result<std::shared_ptr<rpc::ClientConnection>>> to(
      BrokerId broker, Line line = Line::requests);
  // Ends what waits on these connections with cancelled; the next request opens new ones.
  [[nodiscard]] env::Task<void> hang_up(Line line);
  // Where this broker is, from an answer other than metadata.
  void learn(BrokerId broker, env::Endpoint at);

  // One request, no retry. The answer's own error codes are the caller's to read.
  template <class Req, class Resp>
  [[nodiscard]] rpc::Answered<Resp> ask_any(Req request) {
    return rpc::Answered<Resp>(call_any(rpc::AnyRequest(std::move(request))));
  }
  template <class Req, class Resp>
  [[nodiscard]] rpc::Answered<Resp> ask(BrokerId broker, Req request) {
    return rpc::Answered<Resp>(call(broker, rpc::AnyRequest(std::move(request))));
  }
  [[nodiscard]] env::Task<Result<rpc::Answer>> call_any(rpc::AnyRequest request);
  [[nodiscard]] env::Task<Result<rpc::Answer>> call(BrokerId broker, rpc::AnyRequest request);

  // Asks for these topics (nullopt: all; empty: brokers only) and remembers brokers and leaders.
  // Unknown topics are answered inside, not an Error.
  [[nodiscard]] env::Task<Result<protocol::MetadataResponse>> refresh(
      std::optional<std::vector<std::string>> topics, bool create_topics = false);
  // The same for topics of which only the id is known.
  [[nodiscard]] env::Task<Result<protocol::MetadataResponse>> refresh_ids(std::vector<Uuid> ids);
  // From what was remembered; nullopt when the topic or partition is not known.
  [[nodiscard]] std::optional<PartitionPlace> place_of(const std::string& topic,
                                                       PartitionIndex partition) const;
  // Partitions of a remembered topic; 0 when it is not known.
  [[nodiscard]] std::int32_t partition_count(const std::string& topic) const;
  // Where the replicas of its partitions are, by partition index; empty when it is not known.
  [[nodiscard]] std::vector<ReplicaRacks> replicas_of(const std::string& topic) const;
  [[nodiscard]] std::optional<Uuid> topic_id(const std::string& topic) const;
  [[nodiscard]] std::optional<std::string> topic_name(const Uuid& id) const;
  [[nodiscard]] std::optional<env::Endpoint> endpoint_of(BrokerId broker) const;
  // Forgets a topic's leaders, so that the next look-up asks again.
  void forget(const std::string& topic);

  // Ends all waiting requests with cancelled. Idempotent.
  [[nodiscard]] env::Task<void> close();

 private:
  struct Parts;
  [[nodiscard]] env::Task<Result<std::shared_ptr<rpc::ClientConnection>>> open(env::Endpoint at,
                                                                               BrokerId known_as,
                                                                               Line line);
  void remember(const protocol::MetadataResponse& metadata);
  env::Env* env_;
  ClusterSettings settings_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace moldau::client
