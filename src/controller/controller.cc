#include "controller/controller.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "controller/cluster_control.h"
#include "controller/config_control.h"
#include "controller/feature_control.h"
#include "controller/isr_control.h"
#include "controller/leadership.h"
#include "controller/reassignment_control.h"
#include "controller/topic_control.h"
#include "controller/topic_deletion.h"
#include "controller/view.h"
#include "metadata/delta.h"

namespace moldau::controller {
namespace {

constexpr std::size_t k_elections_per_tick_max = 1000;  // Source: MAX_ELECTIONS_PER_IMBALANCE

// What a record of a proposal says about the transaction around it (KIP-868).
enum class Bracket : std::uint8_t { none, begin, end, abort };

Bracket bracket_of(const MetadataRecord& record) {
  if (std::holds_alternative<protocol::BeginTransactionRecord>(record.data)) {
    return Bracket::begin;
  }
  if (std::holds_alternative<protocol::EndTransactionRecord>(record.data)) return Bracket::end;
  if (std::holds_alternative<protocol::AbortTransactionRecord>(record.data)) {
    return Bracket::abort;
  }
  return Bracket::none;
}

}  // namespace

struct Controller::State {
  State(Settings with, const ConfigRules& with_rules)
      : settings(std::move(with)), rules(with_rules), heartbeats(settings.broker_session_timeout) {}

  [[nodiscard]] View view() const { return {settings, rules, replayed, heartbeats}; }

  // Errors: not_controller, until the records of activate() are replayed.
  [[nodiscard]] Result<void> check_active() const;
  [[nodiscard]] Result<void> check(const MetadataRecord& record) const;
  [[nodiscard]] Result<void> bracket(Bracket kind, Offset at);
  // What the first controller of a cluster writes.
  [[nodiscard]] Result<void> add_bootstrap(std::vector<MetadataRecord>& records) const;
  void note_replayed(const MetadataRecord& record, Offset at, Instant now);
  [[nodiscard]] Result<void> apply(std::span<const MetadataRecord> records, Offset base);

  Settings settings;
  const ConfigRules& rules;
  Heartbeats heartbeats;
  Replayed replayed;
  Replayed committed;
  std::deque<std::pair<Offset, Replayed>> uncommitted;  // the state at each batch end, oldest first
  bool active = false;
  Instant idle_since{};
  Instant next_balance{};
  Instant next_unclean_check{};
};

Controller::Controller(Settings settings, const ConfigRules& rules)
    : state_(std::make_unique<State>(std::move(settings), rules)) {}
Controller::Controller(Controller&&) noexcept = default;
Controller& Controller::operator=(Controller&&) noexcept = default;
Controller::~Controller() = default;

Result<void> Controller::State::check_active() const {
  if (!active || !replayed.image->features.metadata_version) return fail(Errc::not_controller);
  return {};
}

// Rules that only controllers hold records to; brokers follow whatever was committed.
Result<void> Controller::State::check(const MetadataRecord& record) const {
  if (const auto* feature = std::get_if<protocol::FeatureLevelRecord>(&record.data)) {
    const auto& supported = metadata::supported_features(true);
    const auto at = supported.find(feature->name);
    if (at == supported.end() || !at->second.contains(FeatureLevel{feature->feature_level})) {
      return fail(Errc::unusable_record, "level {} of feature {} is none that this version knows",
                  feature->feature_level, feature->name);
    }
  }
  if (const auto* ids = std::get_if<protocol::ProducerIdsRecord>(&record.data)) {
    const auto& next = replayed.image->producer_ids.next;
    if (next && ids->next_producer_id <= *next) {
      return fail(Errc::unusable_record, "producer ids go back from {} to {}", *next,
                  ids->next_producer_id);
    }
  }
  return {};
}

Result<void> Controller::State::bracket(Bracket kind, Offset at) {
  const bool open = replayed.before_transaction != nullptr;
  switch (kind) {
    case Bracket::none:
      return {};
    case Bracket::begin:
      if (open) return fail(Errc::unusable_record, "offset {}: a transaction is open already", at);
      replayed.before_transaction = std::make_shared<const Replayed>(replayed);
      return {};
    case Bracket::end:
      if (!open) return fail(Errc::unusable_record, "offset {}: no transaction is open", at);
      replayed.before_transaction = nullptr;
      return {};
    case Bracket::abort: {
      if (!open) return fail(Errc::unusable_record, "offset {}: no transaction is open", at);
      const std::shared_ptr<const Replayed> before = replayed.before_transaction;
      replayed = *before;
      return {};
    }
  }
  return {};
}

void Controller::State::note_replayed(const MetadataRecord& record, Offset at, Instant now) {
  if (const auto* registration = std::get_if<protocol::RegisterBrokerRecord>(&record.data)) {
    const BrokerId id = registration->broker_id;
    replayed.registered_at.set(id, at);
    if (active) {
      heartbeats.registered(*replayed.image->cluster.broker(id), true);
      heartbeats.contact(id, registration->broker_epoch, now);
    }
  } else if (const auto* gone = std::get_if<protocol::UnregisterBrokerRecord>(&record.data)) {
    replayed.registered_at.erase(gone->broker_id);
    if (active) heartbeats.unregistered(gone->broker_id);
  } else if (const auto* change =
                 std::get_if<protocol::BrokerRegistrationChangeRecord>(&record.data)) {
    const BrokerRegistration* broker = replayed.image->cluster.broker(change->broker_id);
    if (active && broker != nullptr) heartbeats.registered(*broker, false);
  }
}

Result<void> Controller::State::apply(std::span<const MetadataRecord> records, Offset base) {
  if (records.empty()) return {};
  metadata::Delta delta(replayed.image);
  Offset at = base;
  for (const MetadataRecord& record : records) {
    Result<void> done = check(record);
    if (done) done = delta.replay(record);
    if (!done) {
      return fail(Errc::unusable_record, "record at offset {} of __cluster_metadata-0: {}", at,
                  done.error().text());
    }
    at = at.next();
  }
  replayed.image = delta.build({.last_contained_offset = at - 1});
  return {};
}

Result<void> Controller::replay(std::span<const MetadataRecord> records, Offset base, Offset end,
                                Instant now) {
  State& s = *state_;
  // Runs between the records that begin and end transactions are applied as one delta each.
  std::size_t from = 0;
  for (std::size_t i = 0; i <= records.size(); ++i) {
    const Bracket kind = i < records.size() ? bracket_of(records[i]) : Bracket::none;
    if (i < records.size() && kind == Bracket::none) continue;
    const auto run = records.subspan(from, i - from);
    const Offset run_base = base + static_cast<std::int64_t>(from);
    TRY_OK(s.apply(run, run_base));
    for (std::size_t j = 0; j < run.size(); ++j) {
      s.note_replayed(run[j], run_base + static_cast<std::int64_t>(j), now);
    }
    TRY_OK(s.bracket(kind, base + static_cast<std::int64_t>(i)));
    from = i + 1;
  }
  s.uncommitted.emplace_back(end, s.replayed);
  s.idle_since = now;
  return {};
}

void Controller::load(std::shared_ptr<const Image> image) {
  State& s = *state_;
  CHECK(!s.active);
  Replayed loaded{.image = std::move(image)};
  // The snapshot does not tell at which offset a broker registered. Its epoch is that offset,
  // unless a controller older than 3.3 gave it; then it is not above it either.
  for (const auto& [id, broker] : loaded.image->cluster.brokers) {
    loaded.registered_at.set(id, Offset{broker->epoch.value()});
  }
  s.replayed = loaded;
  s.committed = std::move(loaded);
  s.uncommitted.clear();
}

void Controller::commit(Offset high_watermark) {
  State& s = *state_;
  while (!s.uncommitted.empty() && s.uncommitted.front().first <= high_watermark) {
    s.committed = std::move(s.uncommitted.front().second);
    s.uncommitted.pop_front();
  }
}

Result<void> Controller::State::add_bootstrap(std::vector<MetadataRecord>& records) const {
  metadata::Delta delta(std::make_shared<const Image>());
  for (const MetadataRecord& record : settings.bootstrap) {
    TRY_OK(delta.replay(record));
  }
  const auto made = delta.build({});
  if (!made->features.metadata_version) {
    return fail(Errc::bad_configuration,
                "the metadata log is empty, and no bootstrap record sets metadata.version. Format "
                "the metadata directory with `moldau storage format`");
  }
  const auto add = [&](metadata::AnyRecord record) {
    records.push_back({std::move(record), ApiVersion{0}});
  };
  const bool transactions = MetadataVersion{*made->features.metadata_version}.transactions();
  if (transactions) add(protocol::BeginTransactionRecord{.name = "Bootstrap records"});
  std::ranges::copy(settings.bootstrap, std::back_inserter(records));
  if (made->features.level(metadata::k_elr_version) > FeatureLevel{0}) {
    protocol::ConfigRecord record{
        .resource_type = static_cast<std::int8_t>(metadata::ConfigType::broker),
        .name = "min.insync.replicas"};
    record.value = fmt::format("{}", settings.min_insync_replicas);
    add(std::move(record));
  }
  if (transactions) add(protocol::EndTransactionRecord{});
  return {};
}

Result<Decision<std::monostate>> Controller::activate(Instant now) {
  State& s = *state_;
  CHECK(!s.active);
  Decision<std::monostate> decision;
  if (s.replayed.before_transaction != nullptr) {
    decision.records.push_back(
        {protocol::AbortTransactionRecord{.reason = "Controller failover"}, ApiVersion{0}});
  }
  const Image& image = s.replayed.before_transaction != nullptr
                           ? *s.replayed.before_transaction->image
                           : *s.replayed.image;
  if (!image.features.metadata_version) {
    TRY_OK(s.add_bootstrap(decision.records));
    // Large bootstraps (many SCRAM users) are split; the transaction around them keeps them one.
    decision.atomic =
        !std::holds_alternative<protocol::EndTransactionRecord>(decision.records.back().data);
  }
  s.active = true;
  s.heartbeats.begin(s.replayed.image->cluster, now);
  s.idle_since = now;
  s.next_balance = now + s.settings.leader_imbalance_check_interval;
  s.next_unclean_check = now + s.settings.unclean_leader_election_check_interval;
  return decision;
}

void Controller::resign() {
  State& s = *state_;
  s.active = false;
  s.heartbeats.clear();
  s.uncommitted.clear();
  s.replayed = s.committed;
}

bool Controller::is_active() const { return state_->active; }
const Image& Controller::image() const { return *state_->replayed.image; }
const Image& Controller::committed_image() const { return *state_->committed.image; }

Decision<std::monostate> Controller::tick(Instant now) {
  State& s = *state_;
  Decision<std::monostate> decision{.atomic = false};
  if (!s.active || !s.replayed.image->features.metadata_version) return decision;
  const View view = s.view();
  const Leadership leadership(view);
  // One broker at a time: the effect of one is seen before the next is judged.
  while (const auto expired = s.heartbeats.take_expired(now)) {
    const BrokerRegistration* broker = view.broker(expired->id);
    if (broker == nullptr || broker->epoch != expired->epoch || broker->fenced) continue;
    leadership.fence(expired->id, decision.records);
    s.heartbeats.touch(expired->id, true, k_no_offset);
    return decision;
  }
  if (s.settings.auto_leader_rebalance && now >= s.next_balance) {
    const bool more =
        leadership.elect_preferred_leaders(k_elections_per_tick_max, decision.records);
    s.next_balance = more ? now : now + s.settings.leader_imbalance_check_interval;
    if (!decision.records.empty()) return decision;
  }
  if (now >= s.next_unclean_check) {
    const bool more = leadership.elect_unclean_leaders(k_elections_per_tick_max, decision.records);
    s.next_unclean_check = more ? now : now + s.settings.unclean_leader_election_check_interval;
    if (!decision.records.empty()) return decision;
  }
  if (s.settings.max_idle_interval > Milliseconds{0} &&
      now - s.idle_since >= s.settings.max_idle_interval) {
    decision.records.push_back({protocol::NoOpRecord{}, ApiVersion{0}});
    s.idle_since = now;
  }
  return decision;
}

std::optional<Instant> Controller::wake_at() const {
  const State& s = *state_;
  if (!s.active) return std::nullopt;
  Instant wake = s.next_unclean_check;
  if (s.settings.auto_leader_rebalance) wake = std::min(wake, s.next_balance);
  if (s.settings.max_idle_interval > Milliseconds{0}) {
    wake = std::min(wake, s.idle_since + s.settings.max_idle_interval);
  }
  if (const auto expiry = s.heartbeats.next_expiry()) wake = std::min(wake, *expiry);
  return wake;
}

Result<Decision<protocol::BrokerRegistrationResponse>> Controller::register_broker(
    const Call& call, const protocol::BrokerRegistrationRequest& request) const {
  TRY_OK(state_->check_active());
  return ClusterControl(state_->view()).register_broker(call, request);
}

Result<Decision<protocol::BrokerHeartbeatResponse>> Controller::heartbeat(
    const Call& call, const protocol::BrokerHeartbeatRequest& request) {
  TRY_OK(state_->check_active());
  State& s = *state_;
  const View view = s.view();
  if (view.check_broker_epoch(request.broker_id, request.broker_epoch)) {
    s.heartbeats.contact(request.broker_id, request.broker_epoch, call.now);
  }
  TRY(HeartbeatDecision result, ClusterControl(view).heartbeat(request));
  const bool fenced = result.decision.response.is_fenced;
  s.heartbeats.touch(request.broker_id, fenced, request.current_metadata_offset);
  if (result.next == BrokerState::shutdown_now) {
    s.heartbeats.end_session(request.broker_id, request.broker_epoch);
  }
  if (result.next == BrokerState::controlled_shutdown) {
    const auto count = static_cast<std::int64_t>(result.decision.records.size());
    s.heartbeats.begin_controlled_shutdown(request.broker_id, call.next_offset + (count - 1));
  }
  return std::move(result.decision);
}

Result<Decision<protocol::UnregisterBrokerResponse>> Controller::unregister_broker(
    const Call& /*call*/, const protocol::UnregisterBrokerRequest& request) const {
  TRY_OK(state_->check_active());
  return ClusterControl(state_->view()).unregister_broker(request);
}
Result<Decision<protocol::ControllerRegistrationResponse>> Controller::register_controller(
    const Call& /*call*/, const protocol::ControllerRegistrationRequest& request) const {
  TRY_OK(state_->check_active());
  return ClusterControl(state_->view()).register_controller(request);
}
Result<Decision<protocol::UnregisterControllerResponse>> Controller::unregister_controller(
    const Call& /*call*/, const protocol::UnregisterControllerRequest& request) const {
  TRY_OK(state_->check_active());
  return ClusterControl(state_->view()).unregister_controller(request);
}
Result<Decision<protocol::AllocateProducerIdsResponse>> Controller::allocate_producer_ids(
    const Call& /*call*/, const protocol::AllocateProducerIdsRequest& request) const {
  TRY_OK(state_->check_active());
  return ClusterControl(state_->view()).allocate_producer_ids(request);
}
Result<Decision<protocol::AlterPartitionResponse>> Controller::alter_partition(
    const Call& call, const protocol::AlterPartitionRequest& request) const {
  TRY_OK(state_->check_active());
  return IsrControl(state_->view()).alter(call, request);
}
Result<Decision<protocol::AssignReplicasToDirsResponse>> Controller::assign_replicas_to_dirs(
    const Call& /*call*/, const protocol::AssignReplicasToDirsRequest& request) const {
  TRY_OK(state_->check_active());
  return IsrControl(state_->view()).assign_directories(request);
}
Result<Decision<protocol::CreateTopicsResponse>> Controller::create_topics(
    const Call& call, const protocol::CreateTopicsRequest& request) const {
  TRY_OK(state_->check_active());
  return TopicControl(state_->view()).create(call, request);
}
Result<Decision<protocol::DeleteTopicsResponse>> Controller::delete_topics(
    const Call& call, const protocol::DeleteTopicsRequest& request) const {
  TRY_OK(state_->check_active());
  const View view = state_->view();
  return TopicDeletion(view, call).decide(request);
}
Result<Decision<protocol::CreatePartitionsResponse>> Controller::create_partitions(
    const Call& call, const protocol::CreatePartitionsRequest& request) const {
  TRY_OK(state_->check_active());
  return TopicControl(state_->view()).grow(call, request);
}
Result<Decision<protocol::ElectLeadersResponse>> Controller::elect_leaders(
    const Call& call, const protocol::ElectLeadersRequest& request) const {
  TRY_OK(state_->check_active());
  return IsrControl(state_->view()).elect(call, request);
}
Result<Decision<protocol::AlterPartitionReassignmentsResponse>>
Controller::alter_partition_reassignments(
    const Call& /*call*/, const protocol::AlterPartitionReassignmentsRequest& request) const {
  TRY_OK(state_->check_active());
  return ReassignmentControl(state_->view()).alter(request);
}
Result<Decision<protocol::ListPartitionReassignmentsResponse>>
Controller::list_partition_reassignments(
    const Call& /*call*/, const protocol::ListPartitionReassignmentsRequest& request) const {
  TRY_OK(state_->check_active());
  Decision<protocol::ListPartitionReassignmentsResponse> decision;
  decision.response = ReassignmentControl::list(*state_->committed.image, request);
  return decision;
}
Result<Decision<protocol::IncrementalAlterConfigsResponse>> Controller::incremental_alter_configs(
    const Call& call, const protocol::IncrementalAlterConfigsRequest& request) const {
  TRY_OK(state_->check_active());
  return ConfigControl(state_->view()).incremental(call, request);
}
Result<Decision<protocol::AlterConfigsResponse>> Controller::alter_configs(
    const Call& call, const protocol::AlterConfigsRequest& request) const {
  TRY_OK(state_->check_active());
  return ConfigControl(state_->view()).legacy(call, request);
}
Result<Decision<protocol::UpdateFeaturesResponse>> Controller::update_features(
    const Call& call, const protocol::UpdateFeaturesRequest& request) const {
  TRY_OK(state_->check_active());
  return FeatureControl(state_->view()).update(call, request);
}

}  // namespace moldau::controller
