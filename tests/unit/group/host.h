#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "bytes/writer.h"
#include "group/consumer_group.h"
#include "group/coordinator.h"
#include "group/records.h"
#include "support/coordinator_driver.h"
#include "unit/group/topics.h"

// A coordinator whose log takes every record at once, and the words to speak with it.
namespace moldau::group::test {

inline std::vector<std::byte> bytes_of(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

// A consumer's subscription, version 0.
// With `owned` partitions of the first topic it is of version 1.
inline std::vector<std::byte> subscription(const std::vector<std::string>& topics,
                                           const std::vector<int>& owned = {}) {
  Writer out;
  out.i16(owned.empty() ? 0 : 1);
  out.i32(static_cast<std::int32_t>(topics.size()));
  for (const auto& topic : topics) {
    out.i16(static_cast<std::int16_t>(topic.size()));
    out.text(topic);
  }
  out.i32(-1);
  if (owned.empty()) return out.take();
  out.i32(1);
  out.i16(static_cast<std::int16_t>(topics.front().size()));
  out.text(topics.front());
  out.i32(static_cast<std::int32_t>(owned.size()));
  for (const int partition : owned) out.i32(partition);
  return out.take();
}

// Who joins, and how.
struct Joiner {
  std::string member;
  std::optional<std::string> instance;
  std::vector<std::string> topics{"t"};
  std::vector<std::string> protocols{"range"};
  std::string protocol_type = "consumer";
  Milliseconds session_timeout{10'000};
  Milliseconds rebalance_timeout{60'000};
  std::vector<int> owned{};  // of its first topic
};

// A heartbeat of the consumer protocol. With epoch 0 it joins, to topic t if it names none.
struct Beat {
  std::string member;
  std::int32_t epoch = 0;
  std::optional<std::vector<std::string>> topics = std::nullopt;
  std::optional<TopicPartitions> owns = std::nullopt;
  std::optional<std::string> instance = std::nullopt;
  std::optional<std::string> regex = std::nullopt;
  std::optional<std::string> assignor = std::nullopt;
  std::optional<std::string> rack = std::nullopt;
};

// The partitions of an answer, and of a topic.
inline TopicPartitions partitions_of(const protocol::ConsumerGroupHeartbeatResponse& response) {
  TopicPartitions all;
  if (!response.assignment) return all;
  for (const auto& topic : response.assignment->topic_partitions) {
    all[topic.topic_id].insert(topic.partitions.begin(), topic.partitions.end());
  }
  return all;
}
inline TopicPartitions parts(const Uuid& topic, const std::vector<int>& partitions) {
  TopicPartitions all;
  for (const int partition : partitions) all[topic].emplace(partition);
  return all;
}

// An offset that is committed, and by whom.
struct Commit {
  std::string member;
  std::int32_t generation = -1;
  std::optional<std::string> instance;
  std::string topic = "t";
  int partition = 0;
  std::int64_t offset = 7;
  std::optional<std::string> metadata = "note";
  Uuid topic_id;
  Milliseconds retention{-1};
};

class Host final : public coordinator::test::Driver<Coordinator, Ask, Step> {
 public:
  using Joiner = test::Joiner;
  using Commit = test::Commit;
  explicit Host(Settings settings = {})
      : Driver(Instant{}),
        settings_(settings),
        coordinator_(std::make_unique<Coordinator>(settings, uuids())) {
    start();
  }

  Coordinator& machine() override { return *coordinator_; }

  // A new coordinator reads the log.
  void reload(std::optional<Settings> settings = std::nullopt) {
    if (settings) settings_ = *settings;
    coordinator_ = std::make_unique<Coordinator>(settings_, uuids());
    for (std::size_t i = 0; i < log_.size(); ++i) replay(i);
    if (image_) image(image_);
    start();
  }
  void end_transaction(ProducerId producer, bool committed) {
    log_.push_back({{}, coordinator::Producer{producer, ProducerEpoch{0}}, committed});
    replay(log_.size() - 1);
  }
  // As if another coordinator had written it.
  void write(coordinator::Record record, std::optional<coordinator::Producer> producer = {}) {
    log_.push_back({std::move(record), producer, std::nullopt});
    replay(log_.size() - 1);
  }

  // The records that were written since this was called before.
  std::vector<GroupRecord> take_records() {
    std::vector<GroupRecord> records;
    for (; read_ < log_.size(); ++read_) {
      if (log_[read_].ends) continue;
      auto record = read_record(log_[read_].record);
      CHECK_OK(record);
      records.push_back(std::move(*record));
    }
    return records;
  }
  [[nodiscard]] std::size_t log_size() const { return log_.size(); }

  // ---- classic groups ---------------------------------------------------------------------------
  AskId join(Joiner who, ApiVersion version = ApiVersion{9}) {
    protocol::JoinGroupRequest request{.group_id = group,
                                       .session_timeout_ms = who.session_timeout,
                                       .rebalance_timeout_ms = who.rebalance_timeout,
                                       .member_id = who.member,
                                       .group_instance_id = who.instance,
                                       .protocol_type = who.protocol_type};
    for (const auto& name : who.protocols) {
      request.protocols.push_back({.name = name, .metadata = subscription(who.topics, who.owned)});
    }
    return ask(version,
               [&](const Ask& a, Step& out) { coordinator_->join(a, request, now(), out); });
  }
  // Joins with the id that the coordinator gives it; its id.
  std::string join_as_new(std::string* id_out, AskId* ask_out, Joiner who = {}) {
    const auto first = answer<protocol::JoinGroupResponse>(join(who));
    CHECK(first.has_value());
    who.member = first->member_id;
    *ask_out = join(who);
    *id_out = who.member;
    return who.member;
  }
  AskId sync(const std::string& member, std::int32_t generation,
             const std::vector<std::pair<std::string, std::string>>& assignments = {}) {
    protocol::SyncGroupRequest request{.group_id = group,
                                       .generation_id = generation,
                                       .member_id = member,
                                       .protocol_type = "consumer",
                                       .protocol_name = "range"};
    for (const auto& [id, assignment] : assignments) {
      request.assignments.push_back({.member_id = id, .assignment = bytes_of(assignment)});
    }
    return ask(ApiVersion{5},
               [&](const Ask& a, Step& out) { coordinator_->sync(a, request, now(), out); });
  }
  Errc heartbeat(const std::string& member, std::int32_t generation) {
    const protocol::HeartbeatRequest request{
        .group_id = group, .generation_id = generation, .member_id = member};
    return answer<protocol::HeartbeatResponse>(ask(ApiVersion{4},
                                                   [&](const Ask& a, Step& out) {
                                                     coordinator_->heartbeat(a, request, now(),
                                                                             out);
                                                   }))
        .value()
        .error_code;
  }
  protocol::LeaveGroupResponse leave(
      std::vector<protocol::LeaveGroupRequest::MemberIdentity> members,
      ApiVersion version = ApiVersion{5}) {
    protocol::LeaveGroupRequest request{.group_id = group, .members = std::move(members)};
    if (version < ApiVersion{3}) request.member_id = request.members.at(0).member_id;
    return answer<protocol::LeaveGroupResponse>(
               ask(version,
                   [&](const Ask& a, Step& out) { coordinator_->leave(a, request, now(), out); }))
        .value();
  }
  // A stable group of one member: its id.
  std::string stable_member(Joiner who = {}) {
    std::string id;
    AskId joined;
    join_as_new(&id, &joined, std::move(who));
    pass(settings_.group_initial_rebalance_delay);
    const auto response = answer<protocol::JoinGroupResponse>(joined);
    CHECK(response.has_value());
    CHECK(answer<protocol::SyncGroupResponse>(sync(id, response->generation_id, {{id, "all"}}))
              .has_value());
    return id;
  }

  // ---- consumer groups --------------------------------------------------------------------------
  void image(std::shared_ptr<const metadata::Image> image) {
    image_ = std::move(image);
    Step step;
    coordinator_->new_image(image_, now(), step);
    execute(std::move(step));
  }
  protocol::ConsumerGroupHeartbeatResponse beat(const Beat& with,
                                                ApiVersion version = ApiVersion{1}) {
    const bool joins = with.epoch == 0;
    const bool says_all = joins || (with.topics && with.owns);
    protocol::ConsumerGroupHeartbeatRequest request{
        .group_id = group,
        .member_id = with.member,
        .member_epoch = with.epoch,
        .instance_id = with.instance,
        .rack_id = with.rack,
        .rebalance_timeout_ms = says_all ? Milliseconds{60'000} : Milliseconds{-1},
        .subscribed_topic_names = with.topics,
        .subscribed_topic_regex = with.regex,
        .server_assignor = with.assignor};
    if (joins && !with.topics && !with.regex) request.subscribed_topic_names = {"t"};
    if (joins || with.owns) {
      auto& owned = request.topic_partitions.emplace();
      for (const auto& [topic, partitions] : with.owns.value_or(TopicPartitions{})) {
        auto& entry = owned.emplace_back();
        entry.topic_id = topic;
        entry.partitions.assign(partitions.begin(), partitions.end());
      }
    }
    return answer<protocol::ConsumerGroupHeartbeatResponse>(ask(version,
                                                                [&](const Ask& a, Step& out) {
                                                                  coordinator_->consumer_heartbeat(
                                                                      a, request, now(), out);
                                                                }))
        .value();
  }
  protocol::ConsumerGroupDescribeResponse::DescribedGroup describe_consumers(
      ApiVersion version = ApiVersion{1}) {
    using Response = std::vector<protocol::ConsumerGroupDescribeResponse::DescribedGroup>;
    return answer<Response>(
               ask(version, [&](const Ask& a,
                                Step& out) { coordinator_->consumer_describe(a, {group}, out); }))
        .value()
        .at(0);
  }

  // ---- offsets ----------------------------------------------------------------------------------
  Errc commit(const Commit& what, ApiVersion version = ApiVersion{9}) {
    protocol::OffsetCommitRequest request{.group_id = group,
                                          .generation_id_or_member_epoch = what.generation,
                                          .member_id = what.member,
                                          .group_instance_id = what.instance,
                                          .retention_time_ms = what.retention};
    request.topics.push_back({.name = what.topic, .topic_id = what.topic_id});
    request.topics.back().partitions.push_back({.partition_index = PartitionIndex{what.partition},
                                                .committed_offset = Offset{what.offset},
                                                .committed_leader_epoch = LeaderEpoch{3},
                                                .committed_metadata = what.metadata});
    const auto response = answer<protocol::OffsetCommitResponse>(ask(
        version, [&](const Ask& a, Step& out) { coordinator_->commit(a, request, now(), out); }));
    return response.value().topics.at(0).partitions.at(0).error_code;
  }
  Errc commit_in_transaction(ProducerId producer, const Commit& what,
                             ApiVersion version = ApiVersion{5}) {
    protocol::TxnOffsetCommitRequest request{.transactional_id = "txn",
                                             .group_id = group,
                                             .producer_id = producer,
                                             .producer_epoch = ProducerEpoch{0},
                                             .generation_id_or_member_epoch = what.generation,
                                             .member_id = what.member,
                                             .group_instance_id = what.instance};
    request.topics.push_back({.name = what.topic});
    request.topics.back().partitions.push_back({.partition_index = PartitionIndex{what.partition},
                                                .committed_offset = Offset{what.offset},
                                                .committed_metadata = what.metadata});
    const auto response =
        answer<protocol::TxnOffsetCommitResponse>(ask(version, [&](const Ask& a, Step& out) {
          coordinator_->commit_in_transaction(a, request, now(), out);
        }));
    return response.value().topics.at(0).partitions.at(0).error_code;
  }
  using Fetched = protocol::OffsetFetchResponse::OffsetFetchResponseGroup;
  Fetched fetch_all(bool require_stable = false) {
    return fetch({.group_id = group, .topics = std::nullopt}, require_stable);
  }
  Fetched fetch(const protocol::OffsetFetchRequest::OffsetFetchRequestGroup& request,
                bool require_stable = false) {
    return answer<Fetched>(ask(ApiVersion{9},
                               [&](const Ask& a, Step& out) {
                                 coordinator_->fetch(a, request, require_stable, out);
                               }))
        .value();
  }
  // The offset of partition 0 of `topic`; -1: none.
  std::int64_t committed(const std::string& topic = "t") {
    const auto fetched =
        fetch({.group_id = group,
               .topics = {{{.name = topic, .partition_indexes = {PartitionIndex{0}}}}}});
    return fetched.topics.at(0).partitions.at(0).committed_offset.value();
  }

  // ---- administration ---------------------------------------------------------------------------
  protocol::DescribeGroupsResponse::DescribedGroup describe(ApiVersion version = ApiVersion{6}) {
    using Response = std::vector<protocol::DescribeGroupsResponse::DescribedGroup>;
    return answer<Response>(
               ask(version,
                   [&](const Ask& a, Step& out) { coordinator_->describe(a, {group}, out); }))
        .value()
        .at(0);
  }
  std::vector<protocol::ListGroupsResponse::ListedGroup> list(
      const protocol::ListGroupsRequest& filter = {}) {
    using Response = std::vector<protocol::ListGroupsResponse::ListedGroup>;
    return answer<Response>(
               ask(ApiVersion{5},
                   [&](const Ask& a, Step& out) { coordinator_->list(a, filter, out); }))
        .value();
  }
  Errc remove() {
    using Response = std::vector<protocol::DeleteGroupsResponse::DeletableGroupResult>;
    return answer<Response>(
               ask(ApiVersion{2},
                   [&](const Ask& a, Step& out) { coordinator_->remove(a, {group}, now(), out); }))
        .value()
        .at(0)
        .error_code;
  }

  std::string group = "g";
  std::string client_id = "c";
  TopicFilter may_describe;

 private:
  struct Logged {
    coordinator::Record record;
    std::optional<coordinator::Producer> producer;
    std::optional<bool> ends;  // a marker: committed or not
  };

  std::function<Uuid()> uuids() {
    return [this] { return Uuid(0x1111111122223333U, ++uuids_); };
  }
  void start() {
    Step step;
    coordinator_->loaded(now(), step);
    execute(std::move(step));
  }
  void replay(std::size_t index) {
    const Logged& logged = log_.at(index);
    if (logged.ends) return coordinator_->replay_end_transaction(*logged.producer, *logged.ends);
    CHECK_OK(coordinator_->replay(Offset{static_cast<std::int64_t>(index)}, logged.record,
                                  logged.producer));
  }
  Ask ask_of(AskId id, ApiVersion version) override {
    return {.id = id,
            .version = version,
            .client_id = client_id,
            .client_host = "/127.0.0.1",
            .may_describe = may_describe};
  }
  void execute(Step step) override {
    for (auto& batch : step.batches) {
      CHECK(!batch.records.empty());
      for (auto& record : batch.records) {
        log_.push_back({std::move(record), batch.producer, std::nullopt});
        replay(log_.size() - 1);
      }
    }
    keep_answers(step);
  }

  Settings settings_;
  std::uint64_t uuids_ = 0;
  std::vector<Logged> log_;
  std::size_t read_ = 0;
  std::shared_ptr<const metadata::Image> image_;
  std::unique_ptr<Coordinator> coordinator_;
};

}  // namespace moldau::group::test
