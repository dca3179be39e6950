#include "protocol/api/offset_commit.h"

#include "broker/group_coordinators.h"
#include "broker/handlers/handlers.h"
#include "broker/handlers/offset_commits.h"

namespace moldau::broker {
namespace {

using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;

constexpr ApiVersion k_first_with_topic_ids{10};

}  // namespace

Answer<OffsetCommitResponse> offset_commit(RequestContext& context, OffsetCommitRequest request) {
  OffsetCommits<OffsetCommitRequest, OffsetCommitResponse> work(
      context, context.version() >= k_first_with_topic_ids);
  if (!context.allows(security::Operation::read, security::ResourceType::group, request.group_id)) {
    work.answer(request.topics, Errc::group_authorization_failed);
    co_return work.take();
  }
  request.topics = work.sort_out(std::move(request.topics));
  if (request.topics.empty()) co_return work.take();
  const auto topics = request.topics;
  auto told = co_await ask_one_group<OffsetCommitResponse>(context, std::move(request),
                                                           &group::Coordinator::commit);
  if (told) {
    work.answer(*std::move(told));
  } else {
    work.answer(topics, told.error().code());
  }
  co_return work.take();
}

}  // namespace moldau::broker
