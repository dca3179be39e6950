#include "protocol/api/txn_offset_commit.h"

#include "broker/group_coordinators.h"
#include "broker/handlers/handlers.h"
#include "broker/handlers/offset_commits.h"
#include "broker/txn_verification.h"

namespace moldau::broker {
namespace {

using protocol::TxnOffsetCommitRequest;
using protocol::TxnOffsetCommitResponse;
using security::Operation;
using security::ResourceType;

constexpr ApiVersion k_first_with_topic_ids{6};
// Producers before it fail on an error that they do not know while a coordinator loads.
constexpr ApiVersion k_first_that_knows_loading{2};

Errc refusal_of(const RequestContext& context, const TxnOffsetCommitRequest& request) {
  if (!context.allows(Operation::write, ResourceType::transactional_id, request.transactional_id)) {
    return Errc::transactional_id_authorization_failed;
  }
  return context.allows(Operation::read, ResourceType::group, request.group_id)
             ? Errc::none
             : Errc::group_authorization_failed;
}

// Offsets are records of the group's partition, which is part of the transaction like any other.
env::Task<Result<log::VerificationGuard>> verify_here(Shard& owner, TopicIdPartition id,
                                                      TxnPartitions asked) {
  const std::shared_ptr<Partition> partition = owner.partitions.find(id);
  if (partition == nullptr) co_return fail(Errc::not_coordinator);
  const Result<log::VerificationGuard> guard = partition->begin_verification(
      {.producer_id = asked.producer_id,
       .producer_epoch = asked.producer_epoch,
       .supports_epoch_bump = asked.client == TxnClient::adds_partitions});
  if (!guard) {
    const Errc code = guard.error().code();
    co_return fail(code == Errc::not_leader_or_follower ? Errc::not_coordinator : code);
  }
  if (*guard == log::k_no_guard) co_return *guard;
  asked.partitions = {{std::string{k_offsets_topic}, id.partition}};
  const std::vector<Errc> codes = co_await verify_partitions(owner, std::move(asked));
  if (codes.front() != Errc::none) co_return fail(codes.front());
  co_return *guard;
}

BeforeAsking verification_of(const RequestContext& context, const TxnOffsetCommitRequest& request) {
  const TxnClient client = client_of_txn_offset_commit(context.version());
  if (!is_verified(*context.view->node, client)) return {};
  return [asked = TxnPartitions{.transactional_id = request.transactional_id,
                                .producer_id = request.producer_id,
                                .producer_epoch = request.producer_epoch,
                                .client = client,
                                .partitions = {}}](Shard& owner, TopicIdPartition id) {
    return verify_here(owner, id, asked);
  };
}

env::Task<Result<group::Answer>> commit(RequestContext& context, TxnOffsetCommitRequest request) {
  if (request.group_id.empty()) co_return fail(Errc::invalid_group_id);
  BeforeAsking verification = verification_of(context, request);
  std::string group = request.group_id;
  co_return co_await ask_group(
      context, std::move(group),
      [request = std::move(request)](group::Coordinator& machine, const group::Ask& asker,
                                     coordinator::Now now, group::Step& out) {
        machine.commit_in_transaction(asker, request, now, out);
      },
      std::move(verification));
}

}  // namespace

Answer<TxnOffsetCommitResponse> txn_offset_commit(RequestContext& context,
                                                  TxnOffsetCommitRequest request) {
  OffsetCommits<TxnOffsetCommitRequest, TxnOffsetCommitResponse> work(
      context, context.version() >= k_first_with_topic_ids);
  if (const Errc refusal = refusal_of(context, request); refusal != Errc::none) {
    work.answer(request.topics, refusal);
    co_return work.take();
  }
  request.topics = work.sort_out(std::move(request.topics));
  if (request.topics.empty()) co_return work.take();
  const auto topics = request.topics;
  Result<group::Answer> told = co_await commit(context, std::move(request));
  if (told) {
    work.answer(std::get<TxnOffsetCommitResponse>(*std::move(told)));
    co_return work.take();
  }
  Errc error = told.error().code();
  if (error == Errc::coordinator_load_in_progress &&
      context.version() < k_first_that_knows_loading) {
    error = Errc::coordinator_not_available;
  }
  work.answer(topics, error);
  co_return work.take();
}

}  // namespace moldau::broker
