// DescribeTransactions and ListTransactions: what concerns transactional ids of several
// coordinators. The answers of all are put together.
#include <algorithm>
#include <iterator>

#include "broker/handlers/handlers.h"
#include "broker/transaction_coordinators.h"

namespace moldau::broker {
namespace {

using protocol::DescribeTransactionsRequest;
using protocol::DescribeTransactionsResponse;
using protocol::ListTransactionsRequest;
using protocol::ListTransactionsResponse;
using security::Operation;
using security::ResourceType;
using Described = DescribeTransactionsResponse::TransactionState;
using Listed = ListTransactionsResponse::TransactionState;

bool may_describe(const RequestContext& context, std::string_view transactional_id) {
  return context.allows(Operation::describe, ResourceType::transactional_id, transactional_id);
}

Described refusal(std::string transactional_id, Errc error) {
  Described out;
  out.transactional_id = std::move(transactional_id);
  out.error_code = error;
  return out;
}

env::Task<Described> describe_one(RequestContext& context, std::string id) {
  if (!may_describe(context, id)) {
    co_return refusal(std::move(id), Errc::transactional_id_authorization_failed);
  }
  if (id.empty()) co_return refusal(std::move(id), Errc::invalid_request);
  Result<txn::Answer> answer = co_await ask_transaction(
      context.shard, context.version(), id,
      [id](txn::Coordinator& machine, const txn::Ask& ask, coordinator::Now /*now*/,
           txn::Step& out) { machine.describe(ask, {id}, out); });
  if (!answer) co_return refusal(std::move(id), answer.error().code());
  Described described = std::move(std::get<std::vector<Described>>(*answer).at(0));
  std::erase_if(described.topics, [&context](const auto& topic) {
    return !context.allows(Operation::describe, ResourceType::topic, topic.topic);
  });
  co_return described;
}

}  // namespace

Answer<DescribeTransactionsResponse> describe_transactions(RequestContext& context,
                                                           DescribeTransactionsRequest request) {
  DescribeTransactionsResponse response;
  for (std::string& id : request.transactional_ids) {
    response.transaction_states.push_back(co_await describe_one(context, std::move(id)));
  }
  co_return response;
}

Answer<ListTransactionsResponse> list_transactions(RequestContext& context,
                                                   ListTransactionsRequest request) {
  ListTransactionsResponse response;
  Result<txn::ListFilter> filter = txn::ListFilter::of(request);
  if (!filter) {
    response.error_code = filter.error().code();
    co_return response;
  }
  const auto answers = co_await ask_all_transactions(
      context.shard, context.version(),
      [filter = *filter](txn::Coordinator& machine, const txn::Ask& ask, coordinator::Now now,
                         txn::Step& out) { machine.list(ask, filter, now, out); });
  for (const Result<txn::Answer>& answer : answers) {
    if (answer) {
      std::ranges::copy_if(std::get<std::vector<Listed>>(*answer),
                           std::back_inserter(response.transaction_states),
                           [&context](const Listed& listed) {
                             return may_describe(context, listed.transactional_id);
                           });
    } else if (answer.error().code() == Errc::coordinator_load_in_progress) {
      // Half a list would look like a whole one.
      response = {};
      response.error_code = Errc::coordinator_load_in_progress;
      co_return response;
    }
  }
  response.unknown_state_filters = filter->unknown_states();
  co_return response;
}

}  // namespace moldau::broker
