#include "protocol/api/fetch.h"

#include <algorithm>
#include <utility>

#include "broker/fetch_wait.h"
#include "broker/handlers/current_leader.h"
#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using replica::Visible;

constexpr BrokerId k_consumer{-1};
constexpr ApiVersion k_last_without_storage_error{5};
constexpr ApiVersion k_first_with_topic_ids{13};
constexpr ApiVersion k_first_with_replica_state{15};
constexpr ApiVersion k_first_with_node_endpoints{16};

BrokerId fetcher_of(const FetchRequest& request, ApiVersion version) {
  return version >= k_first_with_replica_state ? request.replica_state.replica_id
                                               : request.replica_id;
}

Visible visible_to(BrokerId fetcher, std::int8_t isolation_level) {
  if (fetcher != k_consumer) return Visible::log_end;
  return isolation_level == 1 ? Visible::last_stable_offset : Visible::high_watermark;
}

// A negative epoch is none: the check that it asks for is left out.
LeaderEpoch given(LeaderEpoch epoch) { return std::max(epoch, k_no_leader_epoch); }

FetchSessions::Request session_request(const RequestContext& context, const FetchRequest& request) {
  FetchSessions::Request out;
  out.version = context.version();
  out.session_id = request.session_id;
  out.session_epoch = request.session_epoch;
  out.from_follower = fetcher_of(request, context.version()).value() >= 0;
  const bool by_id = context.version() >= k_first_with_topic_ids;
  const auto name_of_topic = [&](std::string_view name, const Uuid& id) {
    if (!by_id) return std::string{name};
    const metadata::Topic* topic = context.image().topics.find(id);
    return topic == nullptr ? std::string{} : topic->name;
  };
  for (const FetchRequest::FetchTopic& topic : request.topics) {
    const std::string name = name_of_topic(topic.topic, topic.topic_id);
    for (const FetchRequest::FetchPartition& partition : topic.partitions) {
      out.asks.push_back({.topic_id = topic.topic_id,
                          .topic = name,
                          .partition = partition.partition,
                          .fetch_offset = partition.fetch_offset,
                          .bytes_max = partition.partition_max_bytes,
                          .current_leader_epoch = given(partition.current_leader_epoch),
                          .last_fetched_epoch = given(partition.last_fetched_epoch),
                          .fetcher_log_start = partition.log_start_offset});
    }
  }
  for (const FetchRequest::ForgottenTopic& topic : request.forgotten_topics_data) {
    const std::string name = name_of_topic(topic.topic, topic.topic_id);
    for (const PartitionIndex partition : topic.partitions) {
      out.forgotten.push_back({topic.topic_id, name, partition});
    }
  }
  return out;
}

// On the shard of the partitions, one after the other: what one takes of the bytes is not there
// for the next. The first batch of all comes whole, so that a reader always gets on.
struct ReadCommon {
  Visible visible = Visible::high_watermark;
  std::int64_t bytes_max = 0;
};
env::Task<std::vector<ReadAnswer>> read_here(Shard& shard, ReadCommon common,
                                             std::vector<ReadAsk> asks) {
  std::vector<ReadAnswer> answers;
  answers.reserve(asks.size());
  std::int64_t left = common.bytes_max;
  bool first = true;
  for (const ReadAsk& ask : asks) {
    const std::shared_ptr<Partition> partition = shard.partitions.find(ask.id);
    if (partition == nullptr) {
      answers.emplace_back().error = Errc::not_leader_or_follower;
      continue;
    }
    answers.push_back(co_await partition->read(ask, common.visible, left, first));
    const auto size = static_cast<std::int64_t>(answers.back().records.size);
    first = first && size == 0;
    left = std::max<std::int64_t>(0, left - size);
  }
  co_return answers;
}

// Shards read at the same time, each with all of the room and with a first batch of its own: what
// is too much in sum, or came whole behind another, is left for the next fetch.
void keep_within(std::vector<ReadAnswer>& answers, const std::vector<ReadAsk>& asks,
                 std::int64_t bytes_max) {
  std::int64_t left = bytes_max;
  bool first = true;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ReadAnswer& answer = answers[i];
    const auto size = static_cast<std::int64_t>(answer.records.size);
    if (size == 0) continue;
    const std::int64_t room = std::min<std::int64_t>(left, asks[i].bytes_max);
    if (!first && size > room) {
      answer.records = {};
      if (room > 0) answer.aborted.reset();
      continue;
    }
    first = false;
    left = std::max<std::int64_t>(0, left - size);
  }
}

// One fetch request while it is answered.
class Fetch {
 public:
  Fetch(RequestContext& context, const FetchRequest& request);
  [[nodiscard]] env::Task<void> run();
  [[nodiscard]] rpc::Response take_response();

 private:
  [[nodiscard]] Errc check(const FetchAsk& ask, TopicIdPartition& id) const;
  void sort_out();
  [[nodiscard]] env::Task<void> read();
  [[nodiscard]] bool enough() const;
  [[nodiscard]] env::Task<void> wait_for_more();
  [[nodiscard]] std::vector<WatchAsk> watch_asks() const;
  [[nodiscard]] FetchResponse::PartitionData encode(const FetchAsk& ask, ReadAnswer& answer);
  void tell_leader(const FetchAsk& ask, FetchResponse::PartitionData& out);

  RequestContext& context_;
  Shard& shard_;
  ReadCommon common_;
  std::int64_t bytes_min_ = 0;
  BrokerId fetcher_;
  Instant deadline_;
  FetchSessions::Context session_;
  std::vector<ReadAnswer> answers_;  // of session_.asks
  std::vector<ReadAsk> reads_;       // of those that have no error beforehand
  std::vector<std::size_t> places_;  // of reads_, in answers_
  FetchResponse response_;
};

Fetch::Fetch(RequestContext& context, const FetchRequest& request)
    : context_(context),
      shard_(context.shard),
      fetcher_(fetcher_of(request, context.version())),
      deadline_(context.request.received + request.max_wait_ms) {
  const std::int64_t most = context.view->node->fetch.fetch_bytes_max;
  common_.visible = visible_to(fetcher_, request.isolation_level);
  common_.bytes_max = std::min<std::int64_t>(request.max_bytes, most);
  bytes_min_ = std::min<std::int64_t>(request.min_bytes, common_.bytes_max);
  session_ =
      shard_.fetch_sessions.begin(session_request(context, request), context.env().clock.now());
}

Errc Fetch::check(const FetchAsk& ask, TopicIdPartition& id) const {
  if (ask.topic.empty() && context_.version() >= k_first_with_topic_ids) {
    return Errc::unknown_topic_id;
  }
  if (fetcher_.value() >= 0) {
    if (!context_.allows_on_cluster(security::Operation::cluster_action)) {
      return Errc::topic_authorization_failed;
    }
  } else if (!context_.allows(security::Operation::read, security::ResourceType::topic,
                              ask.topic)) {
    return Errc::topic_authorization_failed;
  }
  const Located located = locate(context_.image(), ask.topic, ask.partition);
  if (located.error != Errc::none) return located.error;
  if (!ask.topic_id.is_zero() && ask.topic_id != located.id.topic_id) {
    return Errc::inconsistent_topic_id;
  }
  id = located.id;
  // A replica that the metadata do not know is told what one is told that asks the wrong broker,
  // and so is who says that he is this broker.
  if (fetcher_.value() >= 0) {
    const metadata::Partition* partition = context_.image().topics.find(id.topic_id, id.partition);
    if (fetcher_ == shard_.facts.node_id ||
        std::ranges::find(partition->replicas, fetcher_) == partition->replicas.end()) {
      return Errc::not_leader_or_follower;
    }
  }
  return Errc::none;
}

// Told in Kafka's order: first what is read, then unknown ids, then what is refused for another
// reason. A new session keeps its partitions in that order too.
void Fetch::sort_out() {
  struct Checked {
    FetchAsk ask;
    TopicIdPartition id;
    Errc error;
    [[nodiscard]] int rank() const {
      return error == Errc::none ? 0 : error == Errc::unknown_topic_id ? 1 : 2;
    }
  };
  std::vector<Checked> checked;
  checked.reserve(session_.asks.size());
  for (FetchAsk& ask : session_.asks) {
    TopicIdPartition id;
    const Errc error = check(ask, id);
    checked.push_back({std::move(ask), id, error});
  }
  std::vector<Checked*> order;
  order.reserve(checked.size());
  for (const int rank : {0, 1, 2}) {
    for (Checked& one : checked) {
      if (one.rank() == rank) order.push_back(&one);
    }
  }
  answers_.resize(checked.size());
  for (std::size_t i = 0; i < checked.size(); ++i) {
    session_.asks[i] = std::move(order[i]->ask);
    const FetchAsk& ask = session_.asks[i];
    const TopicIdPartition& id = order[i]->id;
    answers_[i].error = order[i]->error;
    if (answers_[i].error != Errc::none) {
      answers_[i].aborted.emplace();  // none, where what was read has null
      continue;
    }
    reads_.push_back({.id = id,
                      .fetch_offset = ask.fetch_offset,
                      .bytes_max = ask.bytes_max,
                      .current_leader_epoch = ask.current_leader_epoch,
                      .last_fetched_epoch = ask.last_fetched_epoch});
    places_.push_back(i);
  }
}

env::Task<void> Fetch::read() {
  std::vector<ReadAnswer> read =
      co_await ask_owners<ReadAnswer>(shard_, common_, std::vector<ReadAsk>(reads_), &read_here);
  keep_within(read, reads_, common_.bytes_max);
  for (std::size_t i = 0; i < read.size(); ++i) answers_[places_[i]] = std::move(read[i]);
}

// Only what was read counts: an error that was there before the reading does not end the wait.
// Who reads an older segment gets what is there at once, as in Kafka's DelayedFetch.
bool Fetch::enough() const {
  std::int64_t bytes = 0;
  for (const std::size_t place : places_) {
    const ReadAnswer& answer = answers_[place];
    if (answer.error != Errc::none || answer.diverging || answer.on_older_segment) return true;
    bytes += static_cast<std::int64_t>(answer.records.size);
  }
  return bytes >= bytes_min_;
}

std::vector<WatchAsk> Fetch::watch_asks() const {
  std::vector<WatchAsk> asks;
  asks.reserve(reads_.size());
  for (std::size_t i = 0; i < reads_.size(); ++i) {
    const Offset seen = answers_[places_[i]].seen_end;
    asks.push_back({reads_[i].id, std::max(seen, reads_[i].fetch_offset)});
  }
  return asks;
}

env::Task<void> Fetch::wait_for_more() {
  env::Env& env = context_.env();
  auto bell = std::make_shared<FetchBell>(env);
  const std::uint64_t number = ++shard_.long_polls;
  shard_.bells.emplace(number, bell);
  const env::Timers::TimerId timer = env.timers.arm(deadline_, [bell] { bell->signal().ring(); });
  while (!enough() && env.clock.now() < deadline_ && !shard_.draining) {
    const FetchWaitId id{env.mailbox.self(), ++shard_.fetch_waits};
    const std::vector<WatchAsk> asks = watch_asks();
    const std::vector<WatchAnswer> watched = co_await ask_owners<WatchAnswer>(
        shard_, WatchCommon{id, bell, common_.visible}, std::vector<WatchAsk>(asks), &watch_here);
    const bool ready = std::ranges::any_of(watched, &WatchAnswer::ready);
    if (!ready && !shard_.draining) co_await bell->signal();
    unwatch(shard_, id, asks);
    co_await read();
  }
  env.timers.cancel(timer);
  shard_.bells.erase(number);
}

env::Task<void> Fetch::run() {
  if (session_.kind == FetchSessions::Context::Kind::error) co_return;
  sort_out();
  if (reads_.empty()) co_return;
  co_await read();
  if (!enough() && context_.env().clock.now() < deadline_) co_await wait_for_more();
}

// KIP-951, and KIP-227 for the rest of the fields.
void Fetch::tell_leader(const FetchAsk& ask, FetchResponse::PartitionData& out) {
  const metadata::Image& image = *shard_.view->image;
  const metadata::Topic* topic = image.topics.find(ask.topic);
  const metadata::Partition* partition =
      topic == nullptr ? nullptr : topic->partition(ask.partition);
  if (partition == nullptr) return;
  tell_current_leader(image, *partition, context_.connection.listener, out.current_leader,
                      response_.node_endpoints);
}

FetchResponse::PartitionData Fetch::encode(const FetchAsk& ask, ReadAnswer& answer) {
  FetchResponse::PartitionData out;
  out.partition_index = ask.partition;
  out.error_code = answer.error;
  out.high_watermark = answer.high_watermark;
  out.last_stable_offset = answer.last_stable_offset;
  out.log_start_offset = answer.log_start_offset;
  out.aborted_transactions = std::nullopt;
  if (answer.error == Errc::kafka_storage_error &&
      context_.version() <= k_last_without_storage_error) {
    out.error_code = Errc::not_leader_or_follower;
  }
  if (answer.aborted) {
    out.aborted_transactions.emplace();
    for (const log::AbortedTxn& txn : *answer.aborted) {
      out.aborted_transactions->push_back(
          {.producer_id = txn.producer_id, .first_offset = txn.first_offset});
    }
  }
  if (answer.diverging) {
    out.diverging_epoch.epoch = answer.diverging->epoch;
    out.diverging_epoch.end_offset = answer.diverging->end_offset;
  }
  if (context_.version() >= k_first_with_node_endpoints &&
      (answer.error == Errc::not_leader_or_follower || answer.error == Errc::fenced_leader_epoch)) {
    tell_leader(ask, out);
  }
  // Never null: clients take a null for a broken answer, and `kcat -e` would not end.
  out.records = answer.records.size == 0 ? protocol::Records::none()
                                         : protocol::Records::splice(answer.records.size);
  return out;
}

rpc::Response Fetch::take_response() {
  std::vector<FetchAnswerFacts> facts;
  facts.reserve(answers_.size());
  for (const ReadAnswer& answer : answers_) {
    facts.push_back({.has_records = answer.records.size > 0,
                     .has_error = answer.error != Errc::none,
                     .must_be_told = answer.diverging.has_value(),
                     .high_watermark = answer.high_watermark,
                     .log_start_offset = answer.log_start_offset});
  }
  const FetchSessions::Outcome outcome =
      shard_.fetch_sessions.finish(session_, facts, context_.env().clock.now());
  response_.error_code = outcome.error;
  response_.session_id = outcome.session_id;
  std::vector<rpc::Piece> pieces;
  const bool by_id = context_.version() >= k_first_with_topic_ids;
  for (std::size_t i = 0; outcome.error == Errc::none && i < answers_.size(); ++i) {
    if (!outcome.told[i]) continue;
    const FetchAsk& ask = session_.asks[i];
    const bool same_topic =
        !response_.responses.empty() && (by_id ? response_.responses.back().topic_id == ask.topic_id
                                               : response_.responses.back().topic == ask.topic);
    if (!same_topic) {
      FetchResponse::FetchableTopicResponse& topic = response_.responses.emplace_back();
      topic.topic = ask.topic;
      topic.topic_id = ask.topic_id;
    }
    response_.responses.back().partitions.push_back(encode(ask, answers_[i]));
    if (answers_[i].records.size > 0) pieces.emplace_back(std::move(answers_[i].records));
  }
  Writer body;
  response_.encode(body, context_.version());
  return rpc::Response::of(std::move(body), std::move(pieces));
}

}  // namespace

env::Task<Result<rpc::Response>> fetch(RequestContext& context) {
  CO_TRY(const FetchRequest request,
         FetchRequest::decode(context.request.body(), context.version()));
  Fetch work(context, request);
  co_await work.run();
  co_return work.take_response();
}

}  // namespace moldau::broker
