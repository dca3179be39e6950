#include "broker/transaction_coordinators.h"

#include <iterator>
#include <utility>

#include "broker/coordinator_partition.h"
#include "broker/shard.h"
#include "broker/txn_markers.h"
#include "txn/add_partitions.h"

namespace moldau::broker {
namespace {

// The version of AddPartitionsToTxn that brokers speak among themselves.
constexpr ApiVersion k_of_brokers{5};

TransactionHost::Work news_of(const Shard& shard) {
  return [image = shard.view->image, settings = transaction_settings(*shard.view->node)](
             txn::Coordinator& machine, coordinator::Now /*now*/, txn::Step& /*out*/) {
    machine.configure(settings);
    machine.new_image(image);
  };
}

env::Task<txn::MarkerResult> write_one(Shard& shard, txn::MarkerTarget target, Marker marker) {
  const Errc error = co_await write_marker(shard, {target.topic_id, target.partition}, marker);
  co_return txn::MarkerResult{std::move(target), error};
}

// All at once; the machine learns of them together.
env::Task<void> write_markers(Shard& shard, TransactionHost& host, txn::WriteMarkers order) {
  const Marker marker{.id = order.producer.id,
                      .epoch = order.producer.epoch,
                      .commit = order.commit,
                      .coordinator_epoch = host.leader_epoch().value(),
                      .txn_version = static_cast<std::int16_t>(order.version)};
  std::vector<env::Task<txn::MarkerResult>> running;
  running.reserve(order.targets.size());
  for (txn::MarkerTarget& target : order.targets) {
    running.push_back(write_one(shard, std::move(target), marker));
  }
  txn::MarkersWritten report{.transactional_id = std::move(order.transactional_id),
                             .producer = order.producer,
                             .results = {}};
  for (env::Task<txn::MarkerResult>& task : running) report.results.push_back(co_await task);
  host.tell(
      [report = std::move(report)](txn::Coordinator& machine, coordinator::Now now,
                                   txn::Step& out) { machine.markers_written(report, now, out); });
}

env::Task<void> get_producer_id(Shard& shard, TransactionHost& host) {
  Result<ProducerId> id = co_await shard.producer_ids.next(shard);
  host.tell([id = std::move(id)](txn::Coordinator& machine, coordinator::Now now, txn::Step& out) {
    machine.producer_id(id, now, out);
  });
}

Offset metadata_of(const Shard& shard) {
  return shard.view->image->provenance.last_contained_offset;
}

TransactionHost::Call call_of(const Shard& from, ApiVersion version, TransactionQuestion question) {
  return
      [version, metadata = metadata_of(from), question = std::move(question)](
          txn::Coordinator& machine, coordinator::AskId id, coordinator::Now now, txn::Step& out) {
        question(machine, {.id = id, .version = version, .metadata = metadata}, now, out);
      };
}

env::Task<Result<txn::Answer>> ask_here(Shard& shard, TopicIdPartition id,
                                        TransactionHost::Call call) {
  return shard.transactions.ask(id, std::move(call));
}
env::Task<std::vector<Result<txn::Answer>>> ask_all_here(Shard& shard, TransactionHost::Call call) {
  return shard.transactions.ask_all(std::move(call));
}

}  // namespace

TransactionCoordinators::~TransactionCoordinators() = default;

void TransactionCoordinators::lead(std::shared_ptr<Partition> partition) {
  if (hosts_.find(partition->id()) != nullptr) return;
  TransactionHost::Settings settings{
      .load_buffer_bytes = shard_.view->node->transactions.state_topic.load_buffer_bytes,
      .perform = [this](TransactionHost& host, txn::Effect effect) {
        perform(host, std::move(effect));
      }};
  hosts_.add(std::make_unique<TransactionHost>(
      shard_.env, std::move(partition), std::move(settings),
      [this] {
        return std::make_unique<txn::Coordinator>(transaction_settings(*shard_.view->node));
      },
      [this, needed = metadata_of(shard_).next()](txn::Coordinator& machine, coordinator::Now now,
                                                  txn::Step& out) {
        machine.need_image(needed);
        news_of(shard_)(machine, now, out);
      },
      shard_.log.named("broker.TransactionCoordinators")));
}

void TransactionCoordinators::view_changed() {
  if (!hosts_.empty()) hosts_.tell_all(news_of(shard_));
}

void TransactionCoordinators::perform(TransactionHost& host, txn::Effect effect) {
  if (auto* order = std::get_if<txn::WriteMarkers>(&effect)) {
    host.spawn(write_markers(shard_, host, std::move(*order)));
  } else {
    host.spawn(get_producer_id(shard_, host));
  }
}

txn::Settings transaction_settings(const config::NodeConfig& node) {
  const config::TransactionSettings& transactions = node.transactions;
  return {.timeout_max = transactions.timeout_max,
          .transactional_id_expiration = transactions.transactional_id_expiration,
          .abort_timed_out_interval = transactions.abort_timed_out_interval,
          .remove_expired_interval = transactions.remove_expired_interval,
          .two_phase_commit = transactions.two_phase_commit};
}

std::optional<TopicIdPartition> partition_of_transaction(const metadata::Image& image,
                                                         std::string_view transactional_id) {
  return coordinator_partition(image, k_transaction_topic, transactional_id);
}

env::Task<Result<txn::Answer>> ask_transaction(Shard& from, ApiVersion version,
                                               std::string transactional_id,
                                               TransactionQuestion question) {
  const auto id = partition_of_transaction(*from.view->image, transactional_id);
  if (!id) co_return fail(Errc::not_coordinator);
  Shard& owner = from.facts.owner(*id);
  co_return co_await env::call_on<Result<txn::Answer>>(
      from.env, owner.port,
      [&owner, id = *id, call = call_of(from, version, std::move(question))]() mutable {
        return ask_here(owner, id, std::move(call));
      });
}

env::Task<std::vector<Result<txn::Answer>>> ask_all_transactions(Shard& from, ApiVersion version,
                                                                 TransactionQuestion question) {
  const TransactionHost::Call call = call_of(from, version, std::move(question));
  std::vector<Result<txn::Answer>> all;
  for (Shard* const shard : from.facts.shards) {
    auto answers = co_await env::call_on<std::vector<Result<txn::Answer>>>(
        from.env, shard->port,
        [shard, call = call]() mutable { return ask_all_here(*shard, std::move(call)); });
    std::ranges::move(answers, std::back_inserter(all));
  }
  co_return all;
}

env::Task<AddedPartitions> add_or_verify_partitions(Shard& from,
                                                    PartitionsOfTransaction transaction) {
  Result<txn::Answer> answer = co_await ask_transaction(
      from, k_of_brokers, transaction.transactional_id,
      [transaction](txn::Coordinator& machine, const txn::Ask& ask, coordinator::Now now,
                    txn::Step& out) { machine.add_partitions(ask, transaction, now, out); });
  if (!answer) co_return txn::result_for_all(transaction, answer.error().code());
  co_return std::get<AddedPartitions>(*std::move(answer));
}

}  // namespace moldau::broker
