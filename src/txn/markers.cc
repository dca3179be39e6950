#include "txn/markers.h"

#include <algorithm>
#include <utility>

namespace moldau::txn {
namespace {

// Between two tries for the same transaction: doubling from the least to the most. A partition
// without leader may be so for long.
constexpr Milliseconds k_backoff_min{20};
constexpr Milliseconds k_backoff_max{1000};

enum class Outcome : std::uint8_t { written, retry, superseded };

// Source: TransactionMarkerRequestCompletionHandler.
Outcome outcome_of(Errc error) {
  if (error == Errc::none) return Outcome::written;
  // A log of an old format: nothing of a transaction can be in it.
  if (error == Errc::unsupported_for_message_format || error == Errc::unsupported_version) {
    return Outcome::written;
  }
  // Another coordinator, or a newer producer, ended it.
  if (error == Errc::invalid_producer_epoch || error == Errc::transaction_coordinator_fenced) {
    return Outcome::superseded;
  }
  return Outcome::retry;
}

Milliseconds backoff_of(std::int32_t attempts) {
  const auto doublings = std::min<std::int32_t>(attempts - 1, 10);
  return std::min(k_backoff_max, k_backoff_min * (1 << doublings));
}

// Those of topics that are no more need no marker, and leave `left`.
void forget_deleted(const metadata::Topics& topics, Partitions& left) {
  for (auto& [name, partitions] : left) {
    const metadata::Topic* topic = topics.find(name);
    std::erase_if(partitions, [topic](PartitionIndex partition) {
      return topic == nullptr || topic->partition(partition) == nullptr;
    });
  }
  std::erase_if(left, [](const auto& entry) { return entry.second.empty(); });
}

// Where the partitions are, as far as the metadata say.
std::vector<MarkerTarget> locate(const metadata::Topics& topics, const Partitions& left) {
  std::vector<MarkerTarget> targets;
  for (const auto& [name, partitions] : left) {
    const metadata::Topic* topic = topics.find(name);
    if (topic == nullptr) continue;
    for (const PartitionIndex partition : partitions) {
      if (topic->partition(partition) == nullptr) continue;
      targets.push_back({topic->name, topic->id, partition});
    }
  }
  return targets;
}

void write(const Machine& machine, const std::string& id, const Transaction& prepared,
           Completion& completion, Step& out) {
  completion.retry.reset();
  ++completion.attempts;
  // A marker that is not written because its topic has not been heard of yet would leave records of
  // an ended transaction open for ever.
  if (machine.image_is_new_enough()) forget_deleted(machine.image->topics, completion.left);
  out.effects.emplace_back(
      WriteMarkers{.transactional_id = id,
                   .producer = {prepared.producer_id, prepared.epoch},
                   .commit = prepared.state == TransactionState::prepare_commit,
                   .version = prepared.client_version,
                   .targets = locate(machine.image->topics, completion.left)});
}

}  // namespace

void complete_when_committed(Machine& machine, const std::string& transactional_id,
                             const Transaction& prepared, Step& out) {
  Completion& completion = machine.completions[transactional_id];
  completion = {.left = prepared.partitions};
  write(machine, transactional_id, prepared, completion, out);
}

void markers_written(Machine& machine, const MarkersWritten& report, Now now, Step& out) {
  const std::string& id = report.transactional_id;
  const auto found = machine.completions.find(id);
  const Transaction* prepared = machine.find(id);
  // Of a machine that was here before, or of a transaction that somebody else ended.
  if (found == machine.completions.end() || found->second.retry || prepared == nullptr ||
      !is_prepared(prepared->state) ||
      report.producer != ProducerIdAndEpoch{prepared->producer_id, prepared->epoch}) {
    return;
  }
  Completion& completion = found->second;
  for (const MarkerResult& result : report.results) {
    const Outcome outcome = outcome_of(result.error);
    if (outcome == Outcome::superseded) {
      machine.completions.erase(found);
      return;
    }
    if (outcome == Outcome::retry) continue;
    const auto topic = completion.left.find(result.target.topic);
    if (topic == completion.left.end()) continue;
    topic->second.erase(result.target.partition);
    if (topic->second.empty()) completion.left.erase(topic);
  }
  if (completion.left.empty()) {
    machine.completions.erase(found);
    machine.decide(id, completed(*prepared, now.wall), out);
    return;
  }
  completion.retry = now.instant + backoff_of(completion.attempts);
  machine.retries.emplace(*completion.retry, id);
}

void retry_markers(Machine& machine, Now now, Step& out) {
  while (!machine.retries.empty() && machine.retries.begin()->first <= now.instant) {
    const auto due = machine.retries.extract(machine.retries.begin());
    const auto& [at, id] = due.value();
    const auto found = machine.completions.find(id);
    const Transaction* prepared = machine.find(id);
    if (found == machine.completions.end() || found->second.retry != at || prepared == nullptr) {
      continue;
    }
    write(machine, id, *prepared, found->second, out);
  }
}

}  // namespace moldau::txn
