#pragma once
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "protocol/api/add_offsets_to_txn.h"
#include "protocol/api/add_partitions_to_txn.h"
#include "protocol/api/end_txn.h"
#include "protocol/api/find_coordinator.h"
#include "protocol/api/txn_offset_commit.h"
#include "unit/client/fake_broker.h"

namespace moldau::client {

// The coordinator of transactions, in the fake broker: it says yes unless a test has put errors
// into its queues.
class FakeTransactions {
 public:
  explicit FakeTransactions(FakeBroker& broker, bool v2 = true) : broker_(broker) {
    using protocol::ApiKey;
    broker.other.apis = {{ApiKey::find_coordinator, 6},
                         {ApiKey::add_partitions_to_txn, 5},
                         {ApiKey::add_offsets_to_txn, 4},
                         {ApiKey::end_txn, 5},
                         {ApiKey::txn_offset_commit, 6}};
    if (v2) broker.features = {{"transaction.version", 2}};
    broker.other.answer = [this](rpc::Request& request) { return answer(request); };
  }

  // ---- what a test sets
  std::deque<Errc> end_errors;
  std::deque<Errc> add_errors;
  // ---- what it saw, in order: "add t-0", "offsets g 5", "commit v5", "abort v5"
  std::vector<std::string> seen;

 private:
  static Result<rpc::Response> encoded(const auto& message, ApiVersion version) {
    Writer body;
    message.encode(body, version);
    return rpc::Response::of(std::move(body));
  }
  static Errc next(std::deque<Errc>& errors) {
    if (errors.empty()) return Errc::none;
    const Errc error = errors.front();
    errors.pop_front();
    return error;
  }
  Result<rpc::Response> answer(rpc::Request& request) {
    using namespace protocol;
    const ApiVersion version = request.header.version;
    switch (request.header.api) {
      case ApiKey::find_coordinator: {
        TRY(const auto asked, FindCoordinatorRequest::decode(request.body(), version));
        FindCoordinatorResponse told;
        auto& one = told.coordinators.emplace_back();
        one.key = asked.coordinator_keys.at(0);
        one.node_id = FakeBroker::k_id;
        one.host = broker_.at.host;
        one.port = broker_.at.port;
        return encoded(told, version);
      }
      case ApiKey::add_partitions_to_txn: {
        TRY(const auto asked, AddPartitionsToTxnRequest::decode(request.body(), version));
        return encoded(add(asked), version);
      }
      case ApiKey::add_offsets_to_txn: {
        TRY(const auto asked, AddOffsetsToTxnRequest::decode(request.body(), version));
        seen.push_back("group " + asked.group_id);
        return encoded(AddOffsetsToTxnResponse{}, version);
      }
      case ApiKey::txn_offset_commit: {
        TRY(const auto asked, TxnOffsetCommitRequest::decode(request.body(), version));
        return encoded(commit(asked), version);
      }
      case ApiKey::end_txn: {
        TRY(const auto asked, EndTxnRequest::decode(request.body(), version));
        return encoded(end(asked, version), version);
      }
      default:
        return fail(Errc::unsupported_version);
    }
  }
  protocol::AddPartitionsToTxnResponse add(const protocol::AddPartitionsToTxnRequest& asked) {
    protocol::AddPartitionsToTxnResponse told;
    const Errc error = next(add_errors);
    for (const auto& topic : asked.v3_and_below_topics) {
      auto& answered = told.results_by_topic_v3_and_below.emplace_back();
      answered.name = topic.name;
      for (const PartitionIndex index : topic.partitions) {
        auto& one = answered.results_by_partition.emplace_back();
        one.partition_index = index;
        one.partition_error_code = error;
        seen.push_back(fmt::format("add {}-{}", topic.name, index));
      }
    }
    return told;
  }
  protocol::TxnOffsetCommitResponse commit(const protocol::TxnOffsetCommitRequest& asked) {
    protocol::TxnOffsetCommitResponse told;
    for (const auto& topic : asked.topics) {
      auto& answered = told.topics.emplace_back();
      answered.name = topic.name;
      for (const auto& partition : topic.partitions) {
        answered.partitions.emplace_back().partition_index = partition.partition_index;
        seen.push_back(fmt::format("offsets {} {}", asked.group_id, partition.committed_offset));
      }
    }
    return told;
  }
  protocol::EndTxnResponse end(const protocol::EndTxnRequest& asked, ApiVersion version) {
    seen.push_back(fmt::format("{} v{}", asked.committed ? "commit" : "abort", version));
    protocol::EndTxnResponse told;
    told.error_code = next(end_errors);
    if (told.error_code != Errc::none || version < ApiVersion{5}) return told;
    told.producer_id = asked.producer_id;
    told.producer_epoch =
        ProducerEpoch{static_cast<std::int16_t>(asked.producer_epoch.value() + 1)};
    return told;
  }
  FakeBroker& broker_;
};

}  // namespace moldau::client
