#include "protocol/api/produce.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "broker/ack_wait.h"
#include "broker/handlers/current_leader.h"
#include "broker/handlers/handlers.h"
#include "broker/txn_verification.h"
#include "env/turns.h"
#include "record/batch.h"
#include "record/validate.h"

namespace moldau::broker {
namespace {

using protocol::ProduceRequest;
using protocol::ProduceResponse;
using security::Operation;
using security::ResourceType;

constexpr ApiVersion k_first_with_topic_ids{13};
constexpr ApiVersion k_first_with_current_leader{10};
// The one client that may write to Kafka's own topics.
constexpr std::string_view k_admin_client = "__admin_client";

// One partition of the request that goes to its log.
struct Append {
  TopicIdPartition id;
  SharedBytes batch;
  std::optional<log::TxnStart> txn = std::nullopt;  // of a transaction that is to be verified
  log::VerificationGuard guard = log::k_no_guard;   // it was verified
};
struct AppendCommon {
  std::optional<replica::Acks> acks;  // nullopt: none that there is; refused when it comes to that
  Milliseconds timeout{};
};
struct Appended {
  AppendAnswer answer;
  // Nothing was appended: the transaction is not open there, and its coordinator is to be asked.
  log::VerificationGuard guard = log::k_no_guard;
};

// Whether it may be appended now.
bool is_settled(Partition& partition, const Append& append, Appended& out) {
  if (!append.txn || append.guard != log::k_no_guard) return true;
  const Result<log::VerificationGuard> guard = partition.begin_verification(*append.txn);
  if (guard && *guard == log::k_no_guard) return true;
  if (guard) {
    out.guard = *guard;
  } else {
    out.answer.error = guard.error().code();
  }
  return false;
}

// On the shard of the partitions: appends all, then waits for what the producer wants to wait for.
env::Task<std::vector<Appended>> append_here(Shard& shard, AppendCommon common,
                                             std::vector<Append> appends) {
  std::vector<Appended> answers(appends.size());
  std::vector<std::shared_ptr<Partition>> partitions(appends.size());
  std::vector<std::pair<std::size_t, env::Task<AppendAnswer>>> running;
  for (std::size_t i = 0; i < appends.size(); ++i) {
    partitions[i] = shard.partitions.find(appends[i].id);
    if (partitions[i] == nullptr) {
      answers[i].answer.error = Errc::not_leader_or_follower;
      continue;
    }
    if (!is_settled(*partitions[i], appends[i], answers[i])) continue;
    if (!common.acks) {
      answers[i].answer.error = Errc::invalid_required_acks;
      continue;
    }
    env::Task<AppendAnswer> append =
        partitions[i]->append(std::move(appends[i].batch), *common.acks, appends[i].guard);
    if (append.done()) {
      answers[i].answer = append.take_result();
    } else {
      running.emplace_back(i, std::move(append));
    }
  }
  for (auto& [i, append] : running) answers[i].answer = co_await append;
  if (!common.acks || *common.acks == replica::Acks::none) co_return answers;

  AckWait wait(shard.env);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    AppendAnswer& answer = answers[i].answer;
    if (answer.error != Errc::none || answer.end_offset == k_no_offset) continue;
    wait.add(partitions[i], *common.acks, answer, answer.error);
  }
  if (wait.pending()) co_await wait.wait(common.timeout);
  co_return answers;
}

// What a coordinator's answer is to a producer. Retriable ones that older producers would not retry
// become one that they do, and that makes nobody look for another leader.
AppendAnswer refusal_of(Errc error, TxnClient client) {
  AppendAnswer out;
  out.error = error;
  const bool is_in_between =
      error == Errc::network_exception || error == Errc::coordinator_load_in_progress ||
      error == Errc::coordinator_not_available || error == Errc::not_coordinator;
  const bool is_too_early =
      error == Errc::concurrent_transactions && client != TxnClient::adds_partitions;
  if (is_in_between || is_too_early) {
    out.error = Errc::not_enough_replicas;
    out.error_message =
        fmt::format("it could not be verified that the partition is part of the transaction: {}",
                    name_of(error));
  } else if (error == Errc::invalid_txn_state) {
    out.error_message = "the partition was not added to the transaction";
  }
  return out;
}

// A request's transaction, whose coordinator is asked.
struct Transaction {
  std::string id;
  TxnClient client = TxnClient::legacy;
};

// Appends what waits for the coordinator's word, where it is good. `done` has the guards.
env::Task<void> append_verified(RequestContext& context, AppendCommon common, Transaction txn,
                                std::vector<Append>& appends, std::vector<Appended>& done) {
  TxnPartitions asked{.transactional_id = txn.id, .client = txn.client};
  std::vector<std::size_t> waiting;
  for (std::size_t i = 0; i < done.size(); ++i) {
    if (done[i].guard == log::k_no_guard) continue;
    waiting.push_back(i);
    asked.producer_id = appends[i].txn->producer_id;
    asked.producer_epoch = appends[i].txn->producer_epoch;
    const metadata::Topic* topic = context.image().topics.find(appends[i].id.topic_id);
    asked.partitions.push_back({topic->name, appends[i].id.partition});
  }
  if (waiting.empty()) co_return;
  // A producer that adds partitions begins while the markers of its last transaction are on their
  // way, and would have to send its batch again.
  const std::vector<Errc> codes =
      txn.client == TxnClient::adds_partitions
          ? co_await verify_partitions_patiently(context.shard, std::move(asked))
          : co_await verify_partitions(context.shard, std::move(asked));
  std::vector<Append> verified;
  std::vector<std::size_t> places;
  for (std::size_t k = 0; k < waiting.size(); ++k) {
    const std::size_t i = waiting[k];
    if (codes[k] != Errc::none) {
      done[i].answer = refusal_of(codes[k], txn.client);
      continue;
    }
    appends[i].guard = done[i].guard;
    verified.push_back(std::move(appends[i]));
    places.push_back(i);
  }
  std::vector<Appended> rest = co_await ask_owners<Appended, AppendCommon, Append>(
      context.shard, common, std::move(verified), &append_here);
  for (std::size_t k = 0; k < rest.size(); ++k) done[places[k]].answer = std::move(rest[k].answer);
}

env::Turns& turns_of(RequestContext& context) {
  std::shared_ptr<env::Turns>& turns = context.connection.in_turn;
  if (turns == nullptr) turns = std::make_shared<env::Turns>(context.env().scheduler);
  return *turns;
}

env::Task<std::vector<AppendAnswer>> append_all(RequestContext& context, AppendCommon common,
                                                std::optional<Transaction> txn,
                                                std::vector<Append> appends) {
  std::vector<Append> again;
  // A batch that comes when the transaction is open must not overtake one that came before and
  // still waits for the coordinator: its sequence would be out of order, and the producer, which
  // is answered in order, would not send it again.
  std::optional<env::Turns::Turn> turn;
  if (txn) {
    turn.emplace(co_await turns_of(context).next());
    again = appends;  // views of one frame
  }
  std::vector<Appended> done = co_await ask_owners<Appended, AppendCommon, Append>(
      context.shard, common, std::move(appends), &append_here);
  if (txn) co_await append_verified(context, common, *std::move(txn), again, done);
  std::vector<AppendAnswer> answers;
  answers.reserve(done.size());
  for (Appended& one : done) answers.push_back(std::move(one.answer));
  co_return answers;
}

// The request while it is answered: which partition's answer comes from which append.
class Produce {
 public:
  Produce(RequestContext& context, const ProduceRequest& request)
      : context_(context), request_(request) {}

  // Refuses what needs no log, and collects what does.
  void sort_out();
  [[nodiscard]] std::vector<Append> take_appends() { return std::move(appends_); }
  void take_answers(std::vector<AppendAnswer> answers);
  // Instead of all that was sorted out.
  void refuse_all(const Error& error);
  // A transaction has one producer; batches of several cannot be of the request's.
  [[nodiscard]] bool has_several_producers() const { return several_producers_; }
  [[nodiscard]] bool any_error() const { return any_error_; }
  [[nodiscard]] ProduceResponse& response() { return response_; }

 private:
  struct Place {
    TopicIdPartition id;
    std::size_t topic;
    std::size_t partition;
  };
  [[nodiscard]] Errc check_topic(const ProduceRequest::TopicProduceData& data,
                                 const metadata::Topic*& topic) const;
  [[nodiscard]] Result<Append> append_of(const TopicIdPartition& id,
                                         const ProduceRequest::PartitionProduceData& data);
  void fill(ProduceResponse::PartitionProduceResponse& out, AppendAnswer& answer);
  void tell_leader(const TopicIdPartition& id, ProduceResponse::PartitionProduceResponse& out);

  RequestContext& context_;
  const ProduceRequest& request_;
  ProduceResponse response_;
  std::vector<Append> appends_;
  std::vector<Place> places_;  // of appends_, in the response
  bool any_error_ = false;
  std::optional<std::pair<ProducerId, ProducerEpoch>> producer_;  // of transactional batches
  bool several_producers_ = false;
};

Errc Produce::check_topic(const ProduceRequest::TopicProduceData& data,
                          const metadata::Topic*& topic) const {
  const bool by_id = context_.version() >= k_first_with_topic_ids;
  topic =
      by_id ? context_.image().topics.find(data.topic_id) : context_.image().topics.find(data.name);
  if (by_id && topic == nullptr) return Errc::unknown_topic_id;
  const std::string_view name = topic == nullptr ? data.name : std::string_view{topic->name};
  if (!context_.allows(Operation::write, ResourceType::topic, name)) {
    return Errc::topic_authorization_failed;
  }
  if (topic == nullptr) return Errc::unknown_topic_or_partition;
  if (is_internal_topic(name) && context_.client_id() != k_admin_client) {
    return Errc::invalid_topic_exception;
  }
  return Errc::none;
}

Result<Append> Produce::append_of(const TopicIdPartition& id,
                                  const ProduceRequest::PartitionProduceData& data) {
  const Bytes records = data.records.value_or(Bytes{});
  TRY(const record::BatchView batch, record::the_one_batch(records, context_.version()));
  Append out{.id = id, .batch = {}};
  if (batch.is_transactional() && batch.has_producer_id()) {
    const std::pair producer{batch.producer_id(), batch.producer_epoch()};
    several_producers_ = several_producers_ || producer_.value_or(producer) != producer;
    producer_ = producer;
    const TxnClient client = client_of_produce(context_.version());
    if (is_verified(*context_.view->node, client)) {
      out.txn = {.producer_id = batch.producer_id(),
                 .producer_epoch = batch.producer_epoch(),
                 .base_sequence = batch.base_sequence(),
                 .supports_epoch_bump = client == TxnClient::adds_partitions};
    }
  }
  const Bytes frame = context_.request.frame.view();
  out.batch = context_.request.frame.slice(static_cast<std::size_t>(records.data() - frame.data()),
                                           batch.size());
  return out;
}

void Produce::sort_out() {
  response_.responses.reserve(request_.topic_data.size());
  for (const ProduceRequest::TopicProduceData& data : request_.topic_data) {
    if (data.partition_data.empty()) continue;
    const metadata::Topic* topic = nullptr;
    const Errc topic_error = check_topic(data, topic);
    ProduceResponse::TopicProduceResponse& out = response_.responses.emplace_back();
    out.name = std::string{data.name};
    out.topic_id = data.topic_id;
    out.partition_responses.resize(data.partition_data.size());
    for (std::size_t i = 0; i < data.partition_data.size(); ++i) {
      const ProduceRequest::PartitionProduceData& partition = data.partition_data[i];
      ProduceResponse::PartitionProduceResponse& answer = out.partition_responses[i];
      answer.index = partition.index;
      answer.base_offset = k_no_offset;
      answer.error_code = topic_error;
      if (topic_error == Errc::none && topic->partition(partition.index) == nullptr) {
        answer.error_code = Errc::unknown_topic_or_partition;
      }
      if (answer.error_code == Errc::none) {
        const TopicIdPartition id{topic->id, partition.index};
        Result<Append> append = append_of(id, partition);
        if (append) {
          appends_.push_back(*std::move(append));
          places_.push_back({id, response_.responses.size() - 1, i});
        } else {
          answer.error_code = append.error().code();
        }
      }
      any_error_ = any_error_ || answer.error_code != Errc::none;
    }
  }
}

void Produce::fill(ProduceResponse::PartitionProduceResponse& out, AppendAnswer& answer) {
  out.error_code = answer.error;
  any_error_ = any_error_ || answer.error != Errc::none;
  out.base_offset = answer.base_offset;
  out.log_append_time_ms = answer.log_append_time;
  out.log_start_offset = answer.log_start_offset;
  out.error_message = std::move(answer.error_message);
  for (record::RecordError& error : answer.record_errors) {
    out.record_errors.push_back(
        {.batch_index = error.batch_index, .batch_index_error_message = std::move(error.message)});
  }
}

void Produce::tell_leader(const TopicIdPartition& id,
                          ProduceResponse::PartitionProduceResponse& out) {
  const metadata::Image& image = *context_.shard.view->image;
  const metadata::Partition* partition = image.topics.find(id.topic_id, id.partition);
  if (partition == nullptr) return;
  tell_current_leader(image, *partition, context_.connection.listener, out.current_leader,
                      response_.node_endpoints);
}

void Produce::take_answers(std::vector<AppendAnswer> answers) {
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Place& place = places_[i];
    ProduceResponse::PartitionProduceResponse& out =
        response_.responses[place.topic].partition_responses[place.partition];
    fill(out, answers[i]);
    if (out.error_code == Errc::not_leader_or_follower &&
        context_.version() >= k_first_with_current_leader) {
      tell_leader(place.id, out);
    }
  }
}

void Produce::refuse_all(const Error& error) {
  any_error_ = true;
  response_ = {};
  for (const ProduceRequest::TopicProduceData& data : request_.topic_data) {
    ProduceResponse::TopicProduceResponse& out = response_.responses.emplace_back();
    out.name = std::string{data.name};
    out.topic_id = data.topic_id;
    for (const ProduceRequest::PartitionProduceData& partition : data.partition_data) {
      ProduceResponse::PartitionProduceResponse& answer = out.partition_responses.emplace_back();
      answer.index = partition.index;
      answer.base_offset = k_no_offset;
      answer.error_code = error.code();
      if (!error.text().empty()) answer.error_message = error.text();
    }
  }
}

// An error that the producer cannot be told (it wants no answer) closes its connection: it then
// asks for metadata and sends to the right broker.
Result<rpc::Response> finish(const RequestContext& context, const ProduceRequest& request,
                             Produce& work) {
  if (request.acks == 0) {
    if (!work.any_error()) return rpc::Response::none();
    return fail(Errc::connection_closed,
                "a produce request with acks=0 from client {} failed, and this is how it learns",
                telemetry::printable(context.client_id()));
  }
  return rpc::Response::of(work.response(), context.version());
}

bool is_transactional(Bytes records) {
  record::BatchesView batches(records);
  const Result<std::optional<record::BatchView>> first = batches.next();
  return first && *first && !(*first)->is_legacy() && (*first)->is_transactional();
}

// Whether any first batch is of a transaction. A size or a magic that no batch has ends the walk,
// and spoils the whole request, not its partition alone.
Result<bool> is_transactional(const ProduceRequest& request) {
  bool any = false;
  for (const ProduceRequest::TopicProduceData& topic : request.topic_data) {
    for (const ProduceRequest::PartitionProduceData& partition : topic.partition_data) {
      const Bytes records = partition.records.value_or(Bytes{});
      TRY_OK(record::check_front(records));
      any = any || is_transactional(records);
    }
  }
  return any;
}

}  // namespace

env::Task<Result<rpc::Response>> produce(RequestContext& context) {
  CO_TRY(const ProduceRequest request,
         ProduceRequest::decode(context.request.body(), context.version()));
  Produce work(context, request);
  const Result<bool> transactional = is_transactional(request);
  if (!transactional) {
    work.refuse_all(transactional.error());
    co_return finish(context, request, work);
  }
  if (*transactional && (!request.transactional_id ||
                         !context.allows(Operation::write, ResourceType::transactional_id,
                                         *request.transactional_id))) {
    work.refuse_all(Error{Errc::transactional_id_authorization_failed});
    co_return finish(context, request, work);
  }
  work.sort_out();
  if (work.has_several_producers()) {
    work.refuse_all(Error{Errc::invalid_producer_id_mapping,
                          "the transactional batches of a request are of several producers"});
    co_return finish(context, request, work);
  }
  std::vector<Append> appends = work.take_appends();
  const bool knows_acks = request.acks >= -1 && request.acks <= 1;
  if (!appends.empty() && !knows_acks && !*transactional) {
    AppendAnswer refusal;
    refusal.error = Errc::invalid_required_acks;
    work.take_answers(std::vector(appends.size(), refusal));
  } else if (!appends.empty()) {
    AppendCommon common{.acks = std::nullopt, .timeout = request.timeout_ms};
    if (knows_acks) common.acks = static_cast<replica::Acks>(request.acks);
    std::optional<Transaction> txn;
    if (*transactional) {
      txn = {.id = std::string{*request.transactional_id},
             .client = client_of_produce(context.version())};
    }
    work.take_answers(co_await append_all(context, common, std::move(txn), std::move(appends)));
  }
  co_return finish(context, request, work);
}

}  // namespace moldau::broker
