#include "client/transaction_session.h"

#include <algorithm>
#include <utility>

namespace moldau::client {
namespace {

// The first error of an answer that tells where the coordinator is.
void heed(CoordinatorLink& link, const protocol::AddPartitionsToTxnResponse& answer) {
  for (const auto& topic : answer.results_by_topic_v3_and_below) {
    for (const auto& it : topic.results_by_partition) link.heed(it.partition_error_code);
  }
}
void heed(CoordinatorLink& link, const protocol::TxnOffsetCommitResponse& answer) {
  for (const auto& topic : answer.topics) {
    for (const auto& it : topic.partitions) link.heed(it.error_code);
  }
}
void heed(CoordinatorLink& link, const auto& answer) { link.heed(answer.error_code); }

template <class Req, class Resp>
env::Task<TransactionAnswer> carry(CoordinatorLink& link, Req request, ApiVersion version_max) {
  auto answer = co_await link.ask<Req, Resp>(std::move(request), std::nullopt, version_max);
  if (!answer) co_return TransactionAnswer(std::move(answer).error());
  heed(link, *answer);
  co_return TransactionAnswer(*std::move(answer));
}

}  // namespace

TransactionSession::TransactionSession(Cluster& cluster, TransactionSettings settings,
                                       std::function<bool()> all_sent, std::function<void()> news)
    : cluster_(&cluster),
      env_(&cluster.env()),
      state_(settings),
      coordinator_(cluster, CoordinatorKind::transaction, settings.transactional_id),
      all_sent_(std::move(all_sent)),
      news_(std::move(news)),
      work_(env_->scheduler),
      progress_(env_->scheduler),
      tasks_(env_->scheduler) {
  tasks_.spawn(run());
}

void TransactionSession::poke() { work_.ring(); }

env::Task<void> TransactionSession::run() {
  while (!closed_) {
    if (auto question = state_.next(all_sent_(), now())) {
      const TransactionAnswer answer = co_await ask(*std::move(question));
      state_.answered(answer, now());
      news_();
      progress_.ring();
      continue;
    }
    news_();
    progress_.ring();
    if (const auto at = state_.wake_at(); at && *at > now()) {
      timer_ = env_->timers.arm(*at, [this] { work_.ring(); });
    }
    co_await work_;
    if (timer_) env_->timers.cancel(*std::exchange(timer_, std::nullopt));
  }
}

// What this coordinator can may differ from what the one before could.
env::Task<Result<void>> TransactionSession::learn() {
  CO_TRY(const auto connection, co_await coordinator_.connection());
  constexpr ApiVersion k_bumps_epochs{3};
  constexpr std::int16_t k_v2 = 2;
  const auto init = connection->advertised(protocol::ApiKey::init_producer_id);
  state_.learn({.transactions_v2 = connection->finalized_level("transaction.version") >= k_v2,
                .bumps_epochs = init && init->greatest >= k_bumps_epochs});
  co_return Result<void>{};
}

env::Task<TransactionAnswer> TransactionSession::ask(TransactionQuestion question) {
  using namespace protocol;
  const ApiVersion version = state_.version_max(question);
  if (auto* commit = std::get_if<TxnOffsetCommitRequest>(&question)) {
    auto& link = groups_[commit->group_id];
    if (!link) {
      link = std::make_unique<CoordinatorLink>(*cluster_, CoordinatorKind::group, commit->group_id);
    }
    co_return co_await carry<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(
        *link, std::move(*commit), version);
  }
  if (auto learned = co_await learn(); !learned) {
    co_return TransactionAnswer(std::move(learned).error());
  }
  if (auto* init = std::get_if<InitProducerIdRequest>(&question)) {
    co_return co_await carry<InitProducerIdRequest, InitProducerIdResponse>(
        coordinator_, std::move(*init), version);
  }
  if (auto* add = std::get_if<AddPartitionsToTxnRequest>(&question)) {
    co_return co_await carry<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
        coordinator_, std::move(*add), version);
  }
  if (auto* add = std::get_if<AddOffsetsToTxnRequest>(&question)) {
    co_return co_await carry<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(
        coordinator_, std::move(*add), version);
  }
  co_return co_await carry<EndTxnRequest, EndTxnResponse>(
      coordinator_, std::get<EndTxnRequest>(std::move(question)), version);
}

env::Task<Result<void>> TransactionSession::wait(TransactionState::Ticket ticket, Milliseconds most,
                                                 std::string what) {
  const Instant deadline = now() + most;
  poke();
  while (true) {
    if (auto outcome = state_.outcome(ticket)) co_return *std::move(outcome);
    if (now() >= deadline || closed_) {
      co_return fail(Errc::timed_out, "Timeout expired after {}ms while awaiting {}", most.count(),
                     what);
    }
    const auto alarm = env_->timers.arm(deadline, [this] { progress_.ring(); });
    co_await progress_;
    env_->timers.cancel(alarm);
  }
}

env::Task<void> TransactionSession::close() {
  closed_ = true;
  work_.ring();
  progress_.ring();
  co_await cluster_->hang_up(Line::coordination);
  co_await tasks_.join();
}

}  // namespace moldau::client
