#include "harness/transactional_producer.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "protocol/api/add_offsets_to_txn.h"
#include "protocol/api/add_partitions_to_txn.h"
#include "protocol/api/end_txn.h"
#include "protocol/api/init_producer_id.h"
#include "protocol/api/produce.h"
#include "protocol/api/txn_offset_commit.h"
#include "record/batch.h"
#include "record/builder.h"

namespace moldau::harness {

namespace {

using protocol::AddOffsetsToTxnRequest;
using protocol::AddOffsetsToTxnResponse;
using protocol::AddPartitionsToTxnRequest;
using protocol::AddPartitionsToTxnResponse;
using protocol::EndTxnRequest;
using protocol::EndTxnResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::TxnOffsetCommitRequest;
using protocol::TxnOffsetCommitResponse;
using std::chrono::milliseconds;

// Versions from which clients are of transaction version 2.
constexpr ApiVersion k_modern_produce{12};
constexpr ApiVersion k_modern_end{5};
constexpr ApiVersion k_modern_offsets{5};
constexpr ApiVersion k_offsets_with_topic_ids{6};
constexpr ApiVersion k_produce_with_topic_ids{13};
constexpr ApiVersion k_plain_produce_last{11};
constexpr ApiVersion k_plain_add_last{3};
constexpr ApiVersion k_plain_end_last{4};
constexpr ApiVersion k_plain_offsets_last{4};
// Before, nobody said as which member of the group.
constexpr ApiVersion k_offsets_of_member{3};

}  // namespace

env::Task<void> TransactionalProducer::rest() {
  co_await env::sleep_for(client_.env(), milliseconds(1 + client_.rng().below(100)));
}

env::Task<void> TransactionalProducer::begin_anew() {
  InitProducerIdRequest request;
  request.transactional_id = plan_.id;
  request.transaction_timeout_ms = plan_.timeout;
  const auto answer =
      co_await client_.ask<InitProducerIdRequest, InitProducerIdResponse>(std::move(request));
  if (!answer || answer->error_code != Errc::none) co_return co_await rest();
  id_ = answer->producer_id;
  epoch_ = answer->producer_epoch;
  sequences_.clear();
  touched_.clear();
  run_.verdict.note("{} begins as {} epoch {}", plan_.id, id_, epoch_);
}

env::Task<Errc> TransactionalProducer::add_partitions(std::vector<PartitionIndex> partitions) {
  while (going_on()) {
    AddPartitionsToTxnRequest request;
    request.v3_and_below_transactional_id = plan_.id;
    request.v3_and_below_producer_id = id_;
    request.v3_and_below_producer_epoch = epoch_;
    request.v3_and_below_topics.push_back({.name = plan_.topic->name, .partitions = partitions});
    const auto answer = co_await client_.ask<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
        std::move(request), ApiVersion{0}, k_plain_add_last);
    if (answer) {
      const Errc error = answer->results_by_topic_v3_and_below.at(0)
                             .results_by_partition.at(0)
                             .partition_error_code;
      if (!is_passing(error)) co_return error;
    }
    co_await rest();
  }
  co_return Errc::request_timed_out;
}

SharedBytes TransactionalProducer::encode(Sequence sequence, const std::vector<RecordId>& records) {
  record::BatchBuilder builder({.producer_id = id_,
                                .producer_epoch = epoch_,
                                .base_sequence = sequence,
                                .is_transactional = true});
  for (const RecordId& record : records) {
    const std::string value = to_text(record) + "/";
    builder.append(
        {.timestamp = client_.env().clock.wall(), .key = std::nullopt, .value = as_bytes(value)});
  }
  return SharedBytes::take(builder.build());
}

env::Task<Errc> TransactionalProducer::send(PartitionIndex partition,
                                            std::vector<RecordId> records) {
  const TopicPlan& topic = *plan_.topic;
  const SharedBytes batch = encode(sequences_[partition], records);
  while (going_on()) {
    ProduceRequest request;
    request.transactional_id = plan_.id;
    request.acks = -1;
    request.timeout_ms = Milliseconds{3000};
    ProduceRequest::TopicProduceData data;
    data.name = topic.name;
    data.topic_id = topic.id;
    data.partition_data.push_back({.index = partition, .records = batch.view()});
    request.topic_data.push_back(std::move(data));
    const auto answer = co_await client_.ask<ProduceRequest, ProduceResponse>(
        std::move(request), plan_.modern ? k_modern_produce : ApiVersion{3},
        plan_.modern ? ProduceRequest::k_versions.last : k_plain_produce_last);
    if (answer) {
      const Errc error = answer->responses.at(0).partition_responses.at(0).error_code;
      run_.verdict.note("{} sends {} x{} to {}: error {}", plan_.id, to_text(records.front()),
                        records.size(), partition, static_cast<int>(error));
      if (error == Errc::none || error == Errc::duplicate_sequence_number) {
        sequences_[partition] =
            record::sequence_after(sequences_[partition], static_cast<int>(records.size()));
        co_return Errc::none;
      }
      if (!is_passing(error)) co_return error;
    }
    co_await rest();
  }
  co_return Errc::request_timed_out;
}

env::Task<bool> TransactionalProducer::add_fleeting(std::string topic) {
  AddPartitionsToTxnRequest request;
  request.v3_and_below_transactional_id = plan_.id;
  request.v3_and_below_producer_id = id_;
  request.v3_and_below_producer_epoch = epoch_;
  request.v3_and_below_topics.push_back(
      {.name = std::move(topic), .partitions = {PartitionIndex{0}}});
  const auto answer = co_await client_.ask<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
      std::move(request), ApiVersion{0}, k_plain_add_last);
  co_return answer &&
      answer->results_by_topic_v3_and_below.at(0).results_by_partition.at(0).partition_error_code ==
          Errc::none;
}

env::Task<void> TransactionalProducer::touch(TopicPlan& fleeting) {
  const Uuid topic_id = fleeting.id;
  if (topic_id.is_zero()) co_return;
  const auto sequence =
      std::exchange(touched_.try_emplace(topic_id, Sequence{0}).first->second, std::nullopt);
  if (!sequence) co_return;
  if (!plan_.modern && !co_await add_fleeting(fleeting.name)) co_return;
  const SharedBytes batch = encode(*sequence, {RecordId{}});
  ProduceRequest request;
  request.transactional_id = plan_.id;
  request.acks = -1;
  request.timeout_ms = Milliseconds{3000};
  ProduceRequest::TopicProduceData data;
  data.name = fleeting.name;
  data.topic_id = topic_id;
  data.partition_data.push_back({.index = PartitionIndex{0}, .records = batch.view()});
  request.topic_data.push_back(std::move(data));
  const auto answer = co_await client_.ask<ProduceRequest, ProduceResponse>(
      std::move(request), plan_.modern ? k_produce_with_topic_ids : ApiVersion{3},
      plan_.modern ? ProduceRequest::k_versions.last : k_plain_produce_last);
  if (!answer) co_return;
  const Errc error = answer->responses.at(0).partition_responses.at(0).error_code;
  run_.verdict.note("{} touches {}: error {}", plan_.id, fleeting.name, static_cast<int>(error));
  if (error == Errc::none) touched_[topic_id] = record::sequence_after(*sequence, 1);
}

env::Task<Errc> TransactionalProducer::add_offsets(GroupPlan& group) {
  while (going_on()) {
    AddOffsetsToTxnRequest request;
    request.transactional_id = plan_.id;
    request.producer_id = id_;
    request.producer_epoch = epoch_;
    request.group_id = group.id;
    const auto answer =
        co_await client_.ask<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(std::move(request));
    if (answer && !is_passing(answer->error_code)) co_return answer->error_code;
    co_await rest();
  }
  co_return Errc::request_timed_out;
}

env::Task<Errc> TransactionalProducer::send_offsets(GroupPlan& group, Identity as,
                                                    Commits commits) {
  if (!plan_.modern) {
    const Errc error = co_await add_offsets(group);
    if (error != Errc::none) co_return error;
  }
  const auto is_gone = [&](const auto& one) {
    return group.topic(one.first.topic).id != one.second.topic_id;
  };
  ApiVersion least = plan_.modern ? k_modern_offsets : k_offsets_of_member;
  if (plan_.names_ids) least = k_offsets_with_topic_ids;
  while (going_on()) {
    TxnOffsetCommitRequest request;
    request.transactional_id = plan_.id;
    request.group_id = group.id;
    request.producer_id = id_;
    request.producer_epoch = epoch_;
    request.member_id = as.member_id;
    request.generation_id_or_member_epoch = as.epoch;
    request.group_instance_id = as.instance_id;
    for (const auto& [partition, commit] : commits) {
      auto& topic = request.topics.emplace_back();
      topic.name = partition.topic;
      topic.topic_id = commit.topic_id;
      topic.partitions.push_back({.partition_index = partition.partition,
                                  .committed_offset = commit.offset,
                                  .committed_metadata = commit.metadata});
    }
    const auto answer = co_await client_.ask<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(
        std::move(request), least,
        plan_.modern ? TxnOffsetCommitRequest::k_versions.last : k_plain_offsets_last);
    if (answer) {
      Errc error = Errc::none;
      for (const auto& topic : answer->topics) {
        for (const auto& one : topic.partitions) {
          if (one.error_code != Errc::none) error = one.error_code;
        }
      }
      run_.verdict.note("{} sends offsets x{} of {} under {}: error {}", plan_.id, commits.size(),
                        group.id, as.epoch, static_cast<int>(error));
      if (!is_passing(error) || std::ranges::any_of(commits, is_gone)) co_return error;
    }
    co_await rest();
  }
  co_return Errc::request_timed_out;
}

env::Task<Errc> TransactionalProducer::end(bool commit) {
  while (going_on()) {
    EndTxnRequest request;
    request.transactional_id = plan_.id;
    request.producer_id = id_;
    request.producer_epoch = epoch_;
    request.committed = commit;
    const auto answer = co_await client_.ask<EndTxnRequest, EndTxnResponse>(
        std::move(request), plan_.modern ? k_modern_end : ApiVersion{0},
        plan_.modern ? EndTxnRequest::k_versions.last : k_plain_end_last);
    if (answer) {
      run_.verdict.note("{} {}: error {}", plan_.id, commit ? "commits" : "aborts",
                        static_cast<int>(answer->error_code));
      if (answer->error_code == Errc::none && plan_.modern) {
        id_ = answer->producer_id;
        epoch_ = answer->producer_epoch;
        sequences_.clear();
        touched_.clear();
      }
      if (!is_passing(answer->error_code)) co_return answer->error_code;
    }
    co_await rest();
  }
  co_return Errc::request_timed_out;
}

}  // namespace moldau::harness
