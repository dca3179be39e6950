#include "protocol/api/txn_offset_commit.h"

#include "broker/group_coordinators.h"
#include "broker/handlers/handlers.h"
#include "broker/handlers/offset_commits.h"

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
  const auto told = co_await ask_one_group<TxnOffsetCommitResponse>(
      context, std::move(request), &group::Coordinator::commit_in_transaction);
  if (told) {
    work.answer(*told);
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
