#include "client/producer.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <vector>

#include "base/rng.h"
#include "client/backoff.h"
#include "client/produce_request.h"
#include "client/record_size.h"
#include "client/topic_view.h"
#include "client/transaction_session.h"
#include "env/broadcast.h"
#include "env/completion.h"
#include "env/task_group.h"
#include "protocol/api/init_producer_id.h"
#include "protocol/api/produce.h"
#include "rpc/any_request.h"

namespace moldau::client {

struct Producer::State {
  State(Cluster& cluster_, ProducerSettings settings_, Report report_)
      : cluster(cluster_),
        settings(std::move(settings_)),
        report(std::move(report_)),
        accumulator(settings.accumulator),
        random(cluster_.env().entropy.next()),
        partitioner(settings.partitioner,
                    [this] { return static_cast<std::uint32_t>(random.below(1ULL << 31U)); }),
        work(cluster_.env().scheduler),
        progress(cluster_.env().scheduler),
        tasks(cluster_.env().scheduler) {}
  Cluster& cluster;
  ProducerSettings settings;
  Report report;
  Accumulator accumulator;
  Rng random;
  Partitioner partitioner;
  env::Signal work;         // something to drain, or time to look
  env::Broadcast progress;  // something was delivered or refused
  env::TaskGroup tasks;
  std::unique_ptr<TransactionSession> transactions;
  std::uint64_t next_token = 1;
  std::optional<env::Timers::TimerId> timer;
  std::vector<std::string> stale;  // topics whose leaders must be asked for again
  // Of those for which asking has not helped yet, when it is done again.
  struct Search {
    Instant not_before;
    Backoff backoff;
  };
  absl::flat_hash_map<std::string, Search> searches;
  bool closing = false;
  bool closed = false;
};

namespace {

// From 12 on the broker itself adds the partition to the transaction (KIP-890).
constexpr ApiVersion k_last_of_transactions_v1{11};

ProducerSettings consistent(ProducerSettings settings) {
  settings.partitioner.sticky_bytes = std::max<std::size_t>(settings.accumulator.batch_bytes, 1);
  settings.accumulator.transactional = settings.transactions.has_value();
  if (settings.transactions) settings.accumulator.idempotent = true;
  return settings;
}

std::unexpected<Error> not_transactional() {
  return fail(Errc::invalid_txn_state,
              "Transactional method invoked on a non-transactional producer.");
}

bool has_leader(const Producer::State& s, const TopicPartition& partition) {
  const auto place = s.cluster.place_of(partition.topic, partition.partition);
  return place && place->leader != k_no_broker;
}

bool has_all_leaders(const Producer::State& s, const std::string& topic) {
  const std::int32_t count = s.cluster.partition_count(topic);
  for (std::int32_t i = 0; i < count; ++i) {
    if (!has_leader(s, {topic, PartitionIndex{i}})) return false;
  }
  return count > 0;
}

TopicIds ids_of(const Producer::State& s) {
  return [&s](const std::string& topic) { return s.cluster.topic_id(topic); };
}

protocol::ProduceRequest request_of(const Producer::State& s,
                                    const std::vector<SendableBatch>& batches, ApiVersion version) {
  protocol::ProduceRequest request = produce_request_of(batches, version, ids_of(s));
  if (s.settings.transactions) request.transactional_id = s.settings.transactions->transactional_id;
  request.acks = static_cast<std::int16_t>(s.settings.acks);
  request.timeout_ms = s.settings.request_timeout;
  return request;
}

}  // namespace

Producer::Producer(Cluster& cluster, ProducerSettings settings, Report report)
    : state_(std::make_unique<State>(cluster, consistent(std::move(settings)), std::move(report))) {
  if (state_->settings.transactions) {
    state_->transactions = std::make_unique<TransactionSession>(
        cluster, *state_->settings.transactions, [this] { return state_->accumulator.empty(); },
        [this] { heed_transaction(); });
  }
  state_->tasks.spawn(run());
}
Producer::~Producer() = default;

env::Task<Result<void>> Producer::find_topic(std::string topic) {
  State& s = *state_;
  env::Env& env = s.cluster.env();
  const Instant deadline = env.clock.now() + s.settings.max_block;
  Error last(Errc::timed_out, fmt::format("Topic {} not present in metadata after {} ms.", topic,
                                          s.settings.max_block.count()));
  for (Backoff backoff; s.cluster.partition_count(topic) == 0;) {
    auto answer = co_await s.cluster.refresh(std::vector<std::string>{topic}, true);
    if (answer) {
      for (const auto& one : answer->topics) {
        if (one.name == topic && one.error_code == Errc::invalid_topic_exception) {
          co_return fail(one.error_code, "Invalid topics: [{}]", topic);
        }
      }
    }
    if (s.cluster.partition_count(topic) > 0) break;
    if (s.closing) co_return fail(Errc::cancelled);
    if (env.clock.now() >= deadline) co_return fail(std::move(last));
    co_await env::sleep_for(env, backoff.next(s.cluster.settings().retry_backoff));
  }
  co_return Result<void>{};
}

env::Task<Result<void>> Producer::wait_for_room(std::size_t size) {
  State& s = *state_;
  env::Env& env = s.cluster.env();
  const Instant deadline = env.clock.now() + s.settings.max_block;
  while (!s.accumulator.has_room(size)) {
    if (s.closing) co_return fail(Errc::cancelled, "the producer is closed");
    if (env.clock.now() >= deadline) {
      co_return fail(Errc::timed_out,
                     "Failed to allocate {} bytes within the configured max blocking time {} ms.",
                     size, s.settings.max_block.count());
    }
    s.work.ring();
    const auto alarm = env.timers.arm(deadline, [&s] { s.progress.ring(); });
    co_await s.progress;
    env.timers.cancel(alarm);
  }
  co_return Result<void>{};
}

env::Task<Result<DeliveryToken>> Producer::send(std::string topic,
                                                std::optional<PartitionIndex> partition,
                                                OutgoingRecord record) {
  if (state_->closing) co_return fail(Errc::cancelled, "the producer is closed");
  for (const auto& it : state_->settings.interceptors) {
    record = it->on_send(topic, std::move(record));
  }
  auto token = co_await place(std::move(topic), partition, std::move(record));
  if (!token) {
    for (const auto& it : state_->settings.interceptors) {
      it->on_acknowledgement(fail(Error(token.error())));
    }
  }
  if (!token && state_->transactions) {
    // The program may not look: the transaction must not commit without it.
    if (token.error().code() != Errc::invalid_txn_state) {
      state_->transactions->state().failed(token.error());
    }
    state_->transactions->poke();
  }
  co_return token;
}

env::Task<Result<DeliveryToken>> Producer::place(std::string topic,
                                                 std::optional<PartitionIndex> partition,
                                                 OutgoingRecord record) {
  State& s = *state_;
  env::Env& env = s.cluster.env();
  if (s.cluster.partition_count(topic) == 0) CO_TRY_OK(co_await find_topic(topic));
  const std::int32_t count = s.cluster.partition_count(topic);
  if (partition && (partition->value() < 0 || partition->value() >= count)) {
    co_return fail(Errc::unknown_topic_or_partition, "Topic {} has {} partitions, so none is {}",
                   topic, count, *partition);
  }
  if (record.timestamp == k_no_timestamp) record.timestamp = env.clock.wall();
  const std::size_t size = serialized_size_max(record);
  if (size > s.settings.request_bytes_max) {
    co_return fail(Errc::message_too_large,
                   "The message is {} bytes when serialized which is larger than {}, which is the "
                   "value of the max.request.size configuration.",
                   size, s.settings.request_bytes_max);
  }
  CO_TRY_OK(co_await wait_for_room(size));
  const std::optional<Bytes> key =
      record.key ? std::optional<Bytes>(*record.key) : std::optional<Bytes>();
  const PartitionIndex chosen =
      partition
          ? *partition
          : s.partitioner.choose(topic, key, TopicView(s.cluster, s.accumulator, topic, count));
  if (s.transactions) {
    CO_TRY_OK(s.transactions->state().sending({topic, chosen}));
    if (!s.transactions->state().may_send_to({topic, chosen})) s.transactions->poke();
  }
  const DeliveryToken token{s.next_token++};
  const bool was_empty = s.accumulator.empty();
  const std::size_t added = s.accumulator.append({topic, chosen}, record, token, env.clock.now());
  if (!partition) s.partitioner.appended(topic, chosen, added);
  // The loop knows its next deadline already unless it slept; a full batch is looked at by count.
  if (was_empty || s.accumulator.bytes_held() >= s.settings.accumulator.batch_bytes) s.work.ring();
  co_return token;
}

void Producer::tell(std::vector<Accumulator::Outcome> outcomes) {
  for (const Accumulator::Outcome& outcome : outcomes) {
    for (const auto& it : state_->settings.interceptors) it->on_acknowledgement(outcome.result);
    state_->report(outcome.token, outcome.result);
  }
  state_->progress.ring();
  state_->work.ring();
  if (state_->transactions && state_->accumulator.empty()) state_->transactions->poke();
}

// Of batches that were refused for good.
void Producer::tell_failed(std::vector<Accumulator::Outcome> outcomes) {
  State& s = *state_;
  if (s.transactions) {
    for (const Accumulator::Outcome& outcome : outcomes) {
      if (outcome.result) continue;
      s.transactions->state().failed(outcome.result.error());
      s.transactions->poke();
      break;
    }
  }
  tell(std::move(outcomes));
}

env::Task<Result<void>> Producer::get_producer_id() {
  State& s = *state_;
  protocol::InitProducerIdRequest request;
  request.transactional_id.reset();
  CO_TRY(
      const protocol::InitProducerIdResponse answer,
      co_await s.cluster.ask_any<protocol::InitProducerIdRequest, protocol::InitProducerIdResponse>(
          std::move(request)));
  if (answer.error_code != Errc::none) co_return fail(answer.error_code);
  s.accumulator.set_producer({answer.producer_id, answer.producer_epoch});
  co_return Result<void>{};
}

// False: it is needed, and did not come.
env::Task<bool> Producer::ensure_producer_id() {
  State& s = *state_;
  Accumulator& accumulator = s.accumulator;
  if (!s.settings.accumulator.idempotent || s.transactions) co_return true;
  if (accumulator.inflight_count() > 0) co_return true;
  if (accumulator.needs_bump()) accumulator.bump();
  if (accumulator.producer().is_valid() || accumulator.empty()) co_return true;
  co_return (co_await get_producer_id()).has_value();
}

// What the state of the transaction says of records that wait.
void Producer::heed_transaction() {
  State& s = *state_;
  if (!s.transactions) return;  // it is being made
  const TransactionState& transaction = s.transactions->state();
  if (transaction.stamp() != s.accumulator.producer()) {
    s.accumulator.set_producer(transaction.stamp());
  }
  if (const auto why = transaction.why_not_sent(); why && !s.accumulator.empty()) {
    const bool is_fatal = transaction.state() == TransactionState::State::fatal_error;
    tell(is_fatal ? s.accumulator.refuse_all(*why) : s.accumulator.refuse_unsent(*why));
  }
  if (transaction.is_completing() && !s.accumulator.empty()) s.accumulator.flush();
  s.work.ring();
}

// The sender: drains what is ready, one request for each leader, and sleeps until there is more.
env::Task<void> Producer::run() {
  State& s = *state_;
  env::Env& env = s.cluster.env();
  while (!s.closed) {
    if (!co_await ensure_producer_id()) {
      tell_failed(s.accumulator.expire(env.clock.now()));
      co_await env::sleep_for(env, s.settings.accumulator.retry_backoff);
      continue;
    }
    co_await look_for_leaders();
    spawn_sends();
    if (auto expired = s.accumulator.expire(env.clock.now()); !expired.empty()) {
      tell_failed(std::move(expired));
    }
    arm_timer();
    co_await s.work;
  }
  if (s.timer) env.timers.cancel(*s.timer);
}

// Without a leader the batches wait; expire() ends that in time.
env::Task<void> Producer::look_for_leaders() {
  State& s = *state_;
  const env::Clock& clock = s.cluster.env().clock;
  std::ranges::sort(s.stale);
  s.stale.erase(std::ranges::unique(s.stale).begin(), s.stale.end());
  std::vector<std::string> due;
  std::erase_if(s.stale, [&](std::string& topic) {
    const auto found = s.searches.find(topic);
    if (found != s.searches.end() && clock.now() < found->second.not_before) return false;
    due.push_back(std::move(topic));
    return true;
  });
  if (due.empty()) co_return;
  const auto answer = co_await s.cluster.refresh(due);
  for (std::string& topic : due) {
    if (answer && has_all_leaders(s, topic)) {
      s.searches.erase(topic);
      continue;
    }
    State::Search& search = s.searches[topic];
    search.not_before = clock.now() + search.backoff.next(s.cluster.settings().retry_backoff);
    if (!answer) s.stale.push_back(std::move(topic));
  }
}

void Producer::spawn_sends() {
  State& s = *state_;
  if (s.settings.accumulator.idempotent && !s.accumulator.producer().is_valid()) return;
  const auto may_send = [&s](const TopicPartition& partition) {
    if (s.transactions && !s.transactions->state().may_send_to(partition)) return false;
    const bool known = has_leader(s, partition);
    if (!known) s.stale.push_back(partition.topic);
    return known;
  };
  absl::flat_hash_map<BrokerId, std::vector<SendableBatch>> by_leader;
  std::vector<BrokerId> leaders;
  for (SendableBatch& batch : s.accumulator.drain(s.cluster.env().clock.now(), may_send)) {
    const BrokerId leader =
        s.cluster.place_of(batch.partition.topic, batch.partition.partition)->leader;
    auto& batches = by_leader[leader];
    if (batches.empty()) leaders.push_back(leader);
    batches.push_back(std::move(batch));
  }
  for (const BrokerId leader : leaders) {
    s.tasks.spawn(send_to(leader, std::move(by_leader[leader])));
  }
}

void Producer::arm_timer() {
  State& s = *state_;
  env::Env& env = s.cluster.env();
  if (s.timer) env.timers.cancel(*s.timer);
  s.timer.reset();
  // What has no leader waits for the next look for one.
  std::optional<Instant> deadline = s.accumulator.next_deadline(
      env.clock.now(), [&s](const TopicPartition& partition) { return has_leader(s, partition); });
  for (const std::string& topic : s.stale) {
    const auto found = s.searches.find(topic);
    const Instant look = found == s.searches.end() ? env.clock.now() : found->second.not_before;
    deadline = std::min(deadline.value_or(look), look);
  }
  if (deadline) {
    // A deadline in the past means that something other than time is missing; look again soon.
    const Instant soonest = env.clock.now() + Milliseconds{1};
    s.timer = env.timers.arm(std::max(*deadline, soonest), [&s] { s.work.ring(); });
  }
}

env::Task<void> Producer::send_to(BrokerId leader, std::vector<SendableBatch> batches) {
  State& s = *state_;
  auto connection = co_await s.cluster.to(leader);
  if (!connection) {
    fail_all(batches, Error(Errc::connection_closed, std::string(connection.error().text())));
    co_return;
  }
  auto version = (*connection)->version_of(protocol::ApiKey::produce);
  if (!version) {
    fail_all(batches, version.error());
    co_return;
  }
  if (s.transactions && !s.transactions->state().transactions_v2()) {
    *version = std::min(*version, k_last_of_transactions_v1);
  }
  protocol::ProduceRequest request = request_of(s, batches, *version);
  if (s.settings.acks == Acks::none) {
    // Until it has left, its batches hold their room, and neither flush() nor close() is done.
    const auto sent = co_await (*connection)->send(rpc::AnyRequest(std::move(request)), *version);
    if (!sent) {
      fail_all(batches, sent.error());
      co_return;
    }
    for (const SendableBatch& batch : batches) {
      tell(s.accumulator.delivered(batch.ticket, k_no_offset, std::nullopt));
    }
    co_return;
  }
  const auto answer = co_await (*connection)
                          ->request<protocol::ProduceRequest, protocol::ProduceResponse>(
                              std::move(request), *version);
  if (!answer) {
    fail_all(batches, answer.error());
    co_return;
  }
  for (const SendableBatch& batch : batches) take_answer(batch, *answer, *version);
}

void Producer::fail_all(const std::vector<SendableBatch>& batches, const Error& error) {
  State& s = *state_;
  for (const SendableBatch& batch : batches) {
    s.stale.push_back(batch.partition.topic);
    tell_failed(s.accumulator.failed(batch.ticket, error, s.cluster.env().clock.now()));
  }
}

void Producer::take_answer(const SendableBatch& batch, const protocol::ProduceResponse& answer,
                           ApiVersion version) {
  State& s = *state_;
  const auto* told = produce_answer_for(batch.partition, answer, version, ids_of(s));
  if (told != nullptr && told->error_code == Errc::none) {
    tell(s.accumulator.delivered(batch.ticket, told->base_offset,
                                 told->log_append_time_ms == k_no_timestamp
                                     ? std::nullopt
                                     : std::optional(told->log_append_time_ms)));
    return;
  }
  const Errc code = told == nullptr ? Errc::unknown_server_error : told->error_code;
  if (facts(code).retry == Retry::refresh_metadata) s.stale.push_back(batch.partition.topic);
  tell_failed(s.accumulator.failed(
      batch.ticket, Error(code, told == nullptr ? "" : told->error_message.value_or("")),
      s.cluster.env().clock.now()));
}

env::Task<void> Producer::flush() {
  State& s = *state_;
  while (!s.accumulator.empty()) {
    s.accumulator.flush();
    s.work.ring();
    co_await s.progress;
  }
}

env::Task<Result<void>> Producer::end_of(Result<TransactionState::Ticket> ticket,
                                         std::string what) {
  State& s = *state_;
  if (!ticket) co_return fail(std::move(ticket).error());
  co_return co_await s.transactions->wait(*ticket, s.settings.max_block, std::move(what));
}

env::Task<Result<void>> Producer::init_transactions() {
  State& s = *state_;
  if (!s.transactions) co_return not_transactional();
  if (s.closing) co_return fail(Errc::cancelled, "the producer is closed");
  co_return co_await end_of(s.transactions->state().init(), "InitProducerId");
}

Result<void> Producer::begin_transaction() {
  State& s = *state_;
  if (!s.transactions) return not_transactional();
  if (s.closing) return fail(Errc::cancelled, "the producer is closed");
  return s.transactions->state().begin();
}

env::Task<Result<void>> Producer::send_offsets_to_transaction(GroupOffsets offsets,
                                                              ConsumerGroupMetadata group) {
  State& s = *state_;
  if (!s.transactions) co_return not_transactional();
  if (s.closing) co_return fail(Errc::cancelled, "the producer is closed");
  if (group.group_id.empty()) {
    co_return fail(Errc::invalid_group_id, "The configured groupId is invalid");
  }
  if (group.as && group.as->epoch > 0 && group.as->member_id.empty()) {
    co_return fail(Errc::invalid_request,
                   "Passed in group metadata has generationId > 0 but member.id is unknown");
  }
  if (offsets.empty()) co_return Result<void>{};
  co_return co_await end_of(
      s.transactions->state().send_offsets(std::move(group), std::move(offsets)),
      s.transactions->state().transactions_v2() ? "TxnOffsetCommitHandler" : "AddOffsetsToTxn");
}

env::Task<Result<void>> Producer::commit_transaction() {
  State& s = *state_;
  if (!s.transactions) co_return not_transactional();
  if (s.closing) co_return fail(Errc::cancelled, "the producer is closed");
  co_return co_await end_of(s.transactions->state().commit(), "EndTxn(true)");
}

env::Task<Result<void>> Producer::abort_transaction() {
  State& s = *state_;
  if (!s.transactions) co_return not_transactional();
  if (s.closed) co_return fail(Errc::cancelled, "the producer is closed");
  co_return co_await end_of(s.transactions->state().abort(), "EndTxn(false)");
}

bool Producer::is_fatal_error() const {
  return state_->transactions &&
         state_->transactions->state().state() == TransactionState::State::fatal_error;
}

// What is left open would hold up every read_committed consumer until it times out.
env::Task<void> Producer::abort_open_transaction() {
  State& s = *state_;
  if (!s.transactions) co_return;
  using Stage = TransactionState::State;
  const Stage stage = s.transactions->state().state();
  if (stage == Stage::in_transaction || stage == Stage::abortable_error ||
      s.transactions->state().is_completing()) {
    const bool committing = stage == Stage::committing;
    const auto ended = committing
                           ? co_await end_of(s.transactions->state().commit(), "EndTxn(true)")
                           : co_await abort_transaction();
    // Nobody is left to be told; the coordinator ends it after its timeout.
    (void)ended;
  }
}

env::Task<void> Producer::close() {
  State& s = *state_;
  if (s.closed) co_return;
  s.closing = true;
  co_await flush();
  co_await abort_open_transaction();
  s.closed = true;
  s.work.ring();
  if (s.transactions) co_await s.transactions->close();
  co_await s.tasks.join();
}

}  // namespace moldau::client
