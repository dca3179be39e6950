#include <fmt/core.h>
#include <fmt/ranges.h>

#include "scenario/runner.h"
#include "unit/controller/cluster.h"

// A cluster with a controller whose records commit at once. Commands: broker, heartbeat, shutdown,
// create, grow, delete, elect, isr, config, wait; `after=MS` on any of them lets time pass first.
namespace moldau::scenario {
namespace {

using controller::Decision;
using controller::test::Cluster;
using metadata::MetadataRecord;
using Lines = std::vector<std::string>;

std::string ids(const std::vector<BrokerId>& all) {
  std::string text;
  for (const BrokerId id : all) text += (text.empty() ? "" : ",") + std::to_string(id.value());
  return "[" + text + "]";
}

class ControllerInterpreter final : public Interpreter {
 public:
  Lines run(const Command& c) override {
    cluster_.pass(Milliseconds{c.number("after")});
    if (c.name == "broker") return broker(c);
    if (c.name == "heartbeat" || c.name == "shutdown") return heartbeat(c);
    if (c.name == "create") return create(c);
    if (c.name == "grow") return grow(c);
    if (c.name == "delete") return remove(c);
    if (c.name == "elect") return elect(c);
    if (c.name == "isr") return isr(c);
    if (c.name == "config") return config(c);
    if (c.name == "wait") return wait(c);
    return {"unknown command " + c.name};
  }

 private:
  static std::string outcome(Errc code, const std::optional<std::string>& text) {
    if (code == Errc::none) return "ok";
    return std::string(moldau::name_of(code)) + (text && !text->empty() ? ": " + *text : "");
  }
  template <class Response>
  std::optional<Response> take(Result<Decision<Response>> decision, Lines& lines) {
    if (!decision) {
      lines.push_back("refused: " + decision.error().describe());
      return std::nullopt;
    }
    for (const MetadataRecord& record : decision->records) lines.push_back("  " + show(record));
    cluster_.apply(std::move(decision->records));
    return std::move(decision->response);
  }

  Lines broker(const Command& c) {
    Lines lines;
    auto request = cluster_.registration(c.number("id"), c.number("incarnation", 1));
    if (c.has("clean")) {
      request.previous_broker_epoch = cluster_.heartbeat_of(c.number("id")).broker_epoch;
    }
    if (c.has("rack")) request.rack = c.text("rack");
    const auto response =
        take(cluster_.controller.register_broker(cluster_.call(4), request), lines);
    if (response) lines.push_back(fmt::format("broker epoch {}", response->broker_epoch));
    return lines;
  }
  Lines heartbeat(const Command& c) {
    Lines lines;
    auto request = cluster_.heartbeat_of(c.number("id"));
    request.want_shut_down = c.name == "shutdown";
    request.want_fence = c.has("want-fence");
    if (c.has("offset")) request.current_metadata_offset = Offset{c.number("offset")};
    const auto response = take(cluster_.controller.heartbeat(cluster_.call(2), request), lines);
    if (response) {
      lines.push_back(fmt::format("caught-up={} fenced={} shut-down={}", response->is_caught_up,
                                  response->is_fenced, response->should_shut_down));
    }
    return lines;
  }
  Lines create(const Command& c) {
    Lines lines;
    protocol::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = c.text("topic");
    topic.num_partitions = c.number("partitions", -1);
    topic.replication_factor = static_cast<std::int16_t>(c.number("replicas", -1));
    if (c.has("on")) {
      auto& assignment = topic.assignments.emplace_back();
      for (const int id : c.numbers("on")) assignment.broker_ids.emplace_back(id);
    }
    if (const auto response =
            take(cluster_.controller.create_topics(cluster_.call(7), request), lines)) {
      const auto& result = response->topics.at(0);
      lines.push_back(outcome(result.error_code, result.error_message));
    }
    return lines;
  }
  Lines grow(const Command& c) {
    Lines lines;
    protocol::CreatePartitionsRequest request;
    request.topics.push_back(
        {.name = c.text("topic"), .count = c.number("to"), .assignments = std::nullopt});
    if (const auto response =
            take(cluster_.controller.create_partitions(cluster_.call(3), request), lines)) {
      const auto& result = response->results.at(0);
      lines.push_back(outcome(result.error_code, result.error_message));
    }
    return lines;
  }
  Lines remove(const Command& c) {
    Lines lines;
    protocol::DeleteTopicsRequest request;
    request.topics.push_back({.name = c.text("topic")});
    if (const auto response =
            take(cluster_.controller.delete_topics(cluster_.call(6), request), lines)) {
      const auto& result = response->responses.at(0);
      lines.push_back(outcome(result.error_code, result.error_message));
    }
    return lines;
  }
  Lines elect(const Command& c) {
    Lines lines;
    protocol::ElectLeadersRequest request{.election_type =
                                              static_cast<std::int8_t>(c.has("unclean") ? 1 : 0)};
    request.topic_partitions = {
        {.topic = c.text("topic"), .partitions = {PartitionIndex{c.number("partition")}}}};
    if (const auto response =
            take(cluster_.controller.elect_leaders(cluster_.call(2), request), lines)) {
      const auto& result = response->replica_election_results.at(0).partition_result.at(0);
      lines.push_back(outcome(result.error_code, result.error_message));
    }
    return lines;
  }
  Lines isr(const Command& c) {
    Lines lines;
    const metadata::Topic* topic = cluster_.controller.image().topics.find(c.text("topic"));
    if (topic == nullptr) return {"no such topic"};
    const metadata::Partition& partition = *topic->partitions.at(0);
    const int from = c.number("from", partition.leader.value());
    protocol::AlterPartitionRequest request{
        .broker_id = BrokerId{from}, .broker_epoch = cluster_.heartbeat_of(from).broker_epoch};
    auto& asked_topic = request.topics.emplace_back();
    asked_topic.topic_id = topic->id;
    auto& asked = asked_topic.partitions.emplace_back();
    asked.leader_epoch = LeaderEpoch{c.number("leader-epoch", partition.leader_epoch.value())};
    asked.partition_epoch =
        PartitionEpoch{c.number("partition-epoch", partition.partition_epoch.value())};
    for (const int id : c.numbers("to")) {
      asked.new_isr_with_epochs.push_back(
          {.broker_id = BrokerId{id}, .broker_epoch = cluster_.heartbeat_of(id).broker_epoch});
    }
    if (const auto response =
            take(cluster_.controller.alter_partition(cluster_.call(3), request), lines)) {
      lines.push_back(outcome(response->topics.at(0).partitions.at(0).error_code, {}));
    }
    return lines;
  }
  Lines config(const Command& c) {
    Lines lines;
    protocol::IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = static_cast<std::int8_t>(c.has("topic") ? 2 : 4);
    resource.resource_name = c.has("topic") ? c.text("topic") : c.text("broker");
    auto& config = resource.configs.emplace_back();
    config.name = c.text("key");
    if (c.has("value")) {
      config.value = c.text("value");
    } else {
      config.config_operation = 1;
    }
    if (const auto response =
            take(cluster_.controller.incremental_alter_configs(cluster_.call(1), request), lines)) {
      const auto& result = response->responses.at(0);
      lines.push_back(outcome(result.error_code, result.error_message));
    }
    return lines;
  }
  // Lets time pass in steps of a second; the brokers in `alive` go on sending heartbeats.
  Lines wait(const Command& c) {
    Lines lines;
    for (int second = 0; second < c.number("seconds"); ++second) {
      cluster_.pass(Milliseconds{1000});
      for (const int id : c.numbers("alive")) (void)cluster_.heartbeat(id);
      for (const MetadataRecord& record : cluster_.tick().records) {
        if (std::holds_alternative<protocol::NoOpRecord>(record.data)) continue;
        lines.push_back(fmt::format("  second {}: {}", second + 1, show(record)));
      }
    }
    return lines;
  }

  std::string topic_name(const Uuid& id) {
    const metadata::Topic* topic = cluster_.controller.image().topics.find(id);
    if (topic != nullptr) names_[id] = topic->name;
    return names_.contains(id) ? names_[id] : "?";
  }
  std::string show(const MetadataRecord& record) {
    if (const auto* r = std::get_if<protocol::TopicRecord>(&record.data)) {
      names_[r->topic_id] = r->name;
      return "topic " + r->name;
    }
    if (const auto* r = std::get_if<protocol::PartitionRecord>(&record.data)) {
      return fmt::format("partition {}-{} replicas={} isr={} leader={}", topic_name(r->topic_id),
                         r->partition_id, ids(r->replicas), ids(r->isr), r->leader);
    }
    if (const auto* r = std::get_if<protocol::PartitionChangeRecord>(&record.data)) {
      std::string text = fmt::format("change {}-{}", topic_name(r->topic_id), r->partition_id);
      if (r->leader != BrokerId{-2}) text += fmt::format(" leader={}", r->leader);
      if (r->isr) text += " isr=" + ids(*r->isr);
      if (r->eligible_leader_replicas) text += " elr=" + ids(*r->eligible_leader_replicas);
      if (r->last_known_elr) text += " last-known=" + ids(*r->last_known_elr);
      if (r->leader_recovery_state >= 0) {
        text += r->leader_recovery_state == 0 ? " recovered" : " recovering";
      }
      return text;
    }
    if (const auto* r = std::get_if<protocol::BrokerRegistrationChangeRecord>(&record.data)) {
      std::string text = fmt::format("broker {}", r->broker_id);
      if (r->fenced != 0) text += r->fenced > 0 ? " fenced" : " unfenced";
      if (r->in_controlled_shutdown != 0) text += " in-controlled-shutdown";
      return text;
    }
    if (const auto* r = std::get_if<protocol::RegisterBrokerRecord>(&record.data)) {
      return fmt::format("register broker {} epoch={} fenced={}", r->broker_id, r->broker_epoch,
                         r->fenced);
    }
    if (const auto* r = std::get_if<protocol::ConfigRecord>(&record.data)) {
      return fmt::format("config {}:{} {}={}", r->resource_type, r->resource_name, r->name,
                         r->value.value_or("(none)"));
    }
    if (const auto* r = std::get_if<protocol::RemoveTopicRecord>(&record.data)) {
      return "remove topic " + topic_name(r->topic_id);
    }
    return std::string(metadata::name_of(record.data));
  }

  Cluster cluster_;
  std::map<Uuid, std::string> names_;
};

}  // namespace

std::unique_ptr<Interpreter> make_controller_interpreter() {
  return std::make_unique<ControllerInterpreter>();
}

}  // namespace moldau::scenario
