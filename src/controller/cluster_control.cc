#include "controller/cluster_control.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <map>

#include "controller/leadership.h"

namespace moldau::controller {
namespace {

constexpr std::int32_t k_producer_id_block = 1000;  // Source: ProducerIdsBlock

bool is_reserved_directory(const Uuid& id) {
  constexpr std::uint64_t k_reserved = 100;  // Kafka keeps the first hundred for itself
  return id.high() == 0 && id.low() < k_reserved;
}

// Of brokers and controllers alike.
template <class Request, class Record>
void take_listeners_and_features(const Request& request, Record& record) {
  for (const auto& listener : request.listeners) {
    record.end_points.push_back({.name = listener.name,
                                 .host = listener.host,
                                 .port = listener.port,
                                 .security_protocol = listener.security_protocol});
  }
  for (const auto& feature : request.features) {
    record.features.push_back({.name = feature.name,
                               .min_supported_version = feature.min_supported_version,
                               .max_supported_version = feature.max_supported_version});
  }
}

}  // namespace

Result<void> ClusterControl::check_directories(
    const protocol::BrokerRegistrationRequest& request) const {
  if (!view_.version().directory_assignment()) return {};
  constexpr Errc k_invalid = Errc::invalid_registration;
  if (request.log_dirs.empty()) return fail(k_invalid, "No directories specified in request");
  if (std::ranges::any_of(request.log_dirs, is_reserved_directory)) {
    return fail(k_invalid, "Reserved directory ID in request");
  }
  std::vector<Uuid> dirs = request.log_dirs;
  std::ranges::sort(dirs);
  if (std::ranges::adjacent_find(dirs) != dirs.end()) {
    return fail(k_invalid, "Duplicate directory ID in request");
  }
  for (const auto& [id, other] : view_.image().cluster.brokers) {
    if (id == request.broker_id) continue;
    for (const Uuid& dir : other->log_dirs) {
      if (std::ranges::binary_search(dirs, dir)) {
        return fail(k_invalid, "Broker {} is already registered with directory {}", id, dir);
      }
    }
  }
  return {};
}

Result<void> ClusterControl::check_features(const protocol::BrokerRegistrationRequest& request,
                                            FeatureLevel kraft_version) const {
  std::map<std::string, FeatureLevel, std::less<>> finalized = view_.image().features.finalized;
  finalized[std::string(metadata::k_metadata_version)] = view_.version().level();
  finalized[std::string(metadata::k_kraft_version)] = kraft_version;
  const auto check = [](std::string_view name, FeatureLevel level, std::int16_t min,
                        std::int16_t max) -> Result<void> {
    if (min <= level.value && level.value <= max) return {};
    return fail(Errc::unsupported_version,
                "Unable to register because the broker does not support finalized version {} of "
                "{}. The broker wants a version between {} and {}, inclusive.",
                level.value, name, min, max);
  };
  bool knows_metadata_version = false;
  for (const auto& feature : request.features) {
    const auto at = finalized.find(feature.name);
    TRY_OK(check(feature.name, at == finalized.end() ? FeatureLevel{} : at->second,
                 feature.min_supported_version, feature.max_supported_version));
    if (at != finalized.end()) finalized.erase(at);
    if (feature.name == metadata::k_metadata_version) knows_metadata_version = true;
  }
  if (!knows_metadata_version) {
    return fail(Errc::invalid_registration, "Request features do not contain 'metadata.version'");
  }
  for (const auto& [name, level] : finalized) {
    if (level.value == 0) continue;
    TRY_OK(check(name, level, 0, 0));  // the broker did not mention it
  }
  return {};
}

// Row  known as           session of that   who asks                    then
// G1   nobody             -                 any                         begins
// G2   this incarnation   any               any                         keeps its epoch and state
// G3   another            over              any                         takes its place
// G4   another            lasts             the broker in this process  takes its place: it was the
//                                                                       last run of this process
// G5   another            lasts             any other                   is refused
Result<Decision<protocol::BrokerRegistrationResponse>> ClusterControl::register_broker(
    const Call& call, const protocol::BrokerRegistrationRequest& request) const {
  if (request.cluster_id != view_.settings().cluster_id) {
    return fail(Errc::inconsistent_cluster_id, "Expected cluster ID {}, but got cluster ID {}",
                view_.settings().cluster_id, request.cluster_id);
  }
  const BrokerRegistration* existing = view_.broker(request.broker_id);
  const bool same_incarnation =
      existing != nullptr && existing->incarnation_id == request.incarnation_id;
  const bool is_of_this_process = request.broker_id == view_.settings().node_id &&
                                  view_.settings().own_broker_incarnation == request.incarnation_id;
  if (existing != nullptr && !same_incarnation && !is_of_this_process &&
      view_.heartbeats().has_session(request.broker_id, existing->epoch, call.now)) {
    return fail(Errc::duplicate_broker_registration,
                "Another broker is registered with that broker id. If the broker was recently "
                "restarted this should self-resolve once the heartbeat manager expires the "
                "broker's session.");
  }
  if (request.is_migrating_zk_broker) {
    return fail(Errc::broker_id_not_registered,
                "Controller does not support registering ZK brokers.");
  }
  TRY_OK(check_directories(request));
  TRY_OK(check_features(request, call.kraft_version));

  Decision<protocol::BrokerRegistrationResponse> decision;
  decision.atomic =
      false;  // the registration comes last: a broker that sees half of it tries again
  protocol::RegisterBrokerRecord record{.broker_id = request.broker_id,
                                        .incarnation_id = request.incarnation_id,
                                        .rack = request.rack};
  take_listeners_and_features(request, record);
  if (view_.version().directory_assignment()) record.log_dirs = request.log_dirs;
  if (same_incarnation) {
    record.broker_epoch = existing->epoch;
    record.fenced = existing->fenced;
    record.in_controlled_shutdown = existing->in_controlled_shutdown;
  } else {
    // Brokers say since version 3 which epoch they left cleanly (KIP-966).
    const bool clean = existing != nullptr && call.version >= ApiVersion{3} &&
                       request.previous_broker_epoch == existing->epoch;
    Leadership(view_).end_incarnation(request.broker_id, clean, decision.records);
    // Unique because offsets are: Kafka takes the offset of the next record.
    record.broker_epoch = BrokerEpoch{call.next_offset.value()};
  }
  decision.response.broker_epoch = record.broker_epoch;
  decision.records.push_back({std::move(record), view_.version().register_broker_record()});
  return decision;
}

BrokerState ClusterControl::next_state(const protocol::BrokerHeartbeatRequest& request,
                                       Offset registered_at) const {
  const BrokerState state = view_.heartbeats().state(request.broker_id);
  switch (state) {
    case BrokerState::fenced:
      if (request.want_shut_down) return BrokerState::shutdown_now;
      if (request.want_fence) return state;
      return request.current_metadata_offset >= registered_at ? BrokerState::unfenced : state;
    case BrokerState::unfenced:
      if (request.want_fence) {
        return request.want_shut_down ? BrokerState::shutdown_now : BrokerState::fenced;
      }
      if (!request.want_shut_down) return state;
      return Leadership(view_).has_leaderships(request.broker_id) ? BrokerState::controlled_shutdown
                                                                  : BrokerState::shutdown_now;
    case BrokerState::controlled_shutdown: {
      if (Leadership(view_).has_leaderships(request.broker_id)) return state;
      // Until the others know that it leads nothing, they would go on asking it.
      const auto slowest = view_.heartbeats().lowest_active_offset();
      const auto waits_for = view_.heartbeats().controlled_shutdown_offset(request.broker_id);
      return !slowest || *waits_for <= *slowest ? BrokerState::shutdown_now : state;
    }
    case BrokerState::shutdown_now:
      return state;
  }
  return state;
}

Result<HeartbeatDecision> ClusterControl::heartbeat(
    const protocol::BrokerHeartbeatRequest& request) const {
  const BrokerId id = request.broker_id;
  const auto registered_at = view_.registered_at(id);
  if (!registered_at) {
    return fail(Errc::stale_broker_epoch, "Receive a heartbeat from broker {} before registration",
                id);
  }
  TRY_OK(view_.check_broker_epoch(id, request.broker_epoch));
  HeartbeatDecision result{.next = next_state(request, *registered_at)};
  result.decision.atomic = false;
  Records& records = result.decision.records;
  const Leadership leadership(view_);
  if (result.next != view_.heartbeats().state(id)) {
    switch (result.next) {
      case BrokerState::fenced:
      case BrokerState::shutdown_now:
        leadership.fence(id, records);
        break;
      case BrokerState::unfenced:
        leadership.unfence(id, request.broker_epoch, records);
        break;
      case BrokerState::controlled_shutdown:
        leadership.begin_controlled_shutdown(id, request.broker_epoch, records);
        break;
    }
  }
  if (view_.version().directory_assignment()) {
    leadership.directories_offline(id, request.broker_epoch, request.offline_log_dirs, records);
  }
  if (view_.version().cordoned_log_dirs() && request.cordoned_log_dirs) {
    leadership.directories_cordoned(id, request.broker_epoch, *request.cordoned_log_dirs, records);
  }
  auto& response = result.decision.response;
  response.is_caught_up = request.current_metadata_offset >= *registered_at;
  response.is_fenced =
      result.next == BrokerState::fenced || result.next == BrokerState::shutdown_now;
  response.should_shut_down = result.next == BrokerState::shutdown_now;
  return result;
}

Result<Decision<protocol::UnregisterBrokerResponse>> ClusterControl::unregister_broker(
    const protocol::UnregisterBrokerRequest& request) const {
  const BrokerRegistration* broker = view_.broker(request.broker_id);
  if (broker == nullptr) {
    return fail(Errc::broker_id_not_registered, "Broker ID {} is not currently registered",
                request.broker_id);
  }
  Decision<protocol::UnregisterBrokerResponse> decision{.atomic = false};
  decision.response.error_message.reset();
  Leadership(view_).unregister(broker->id, broker->epoch, decision.records);
  return decision;
}

Result<Decision<protocol::ControllerRegistrationResponse>> ClusterControl::register_controller(
    const protocol::ControllerRegistrationRequest& request) const {
  if (!view_.version().controller_registration()) {
    return fail(Errc::unsupported_version,
                "The current MetadataVersion is too old to support controller registrations.");
  }
  protocol::RegisterControllerRecord record{.controller_id = request.controller_id,
                                            .incarnation_id = request.incarnation_id};
  take_listeners_and_features(request, record);
  Decision<protocol::ControllerRegistrationResponse> decision;
  decision.response.error_message.reset();
  decision.records.push_back({std::move(record), ApiVersion{0}});
  return decision;
}

Result<Decision<protocol::UnregisterControllerResponse>> ClusterControl::unregister_controller(
    const protocol::UnregisterControllerRequest& request) const {
  if (!view_.version().controller_unregistration()) {
    return fail(Errc::unsupported_version,
                "The current MetadataVersion is too old to support controller unregistration.");
  }
  if (view_.image().cluster.controller(request.controller_id) == nullptr) {
    return fail(Errc::controller_id_not_registered, "Controller ID {} is not currently registered.",
                request.controller_id);
  }
  Decision<protocol::UnregisterControllerResponse> decision;
  decision.response.error_message.reset();
  decision.records.push_back(
      {protocol::UnregisterControllerRecord{.controller_id = request.controller_id},
       ApiVersion{0}});
  return decision;
}

Result<Decision<protocol::AllocateProducerIdsResponse>> ClusterControl::allocate_producer_ids(
    const protocol::AllocateProducerIdsRequest& request) const {
  TRY_OK(view_.check_broker_epoch(request.broker_id, request.broker_epoch));
  const ProducerId first = view_.image().producer_ids.next.value_or(ProducerId{0});
  if (first.value() > std::numeric_limits<std::int64_t>::max() - k_producer_id_block) {
    return fail(Errc::unknown_server_error, "all producer ids are given out");
  }
  Decision<protocol::AllocateProducerIdsResponse> decision;
  decision.response.producer_id_start = first;
  decision.response.producer_id_len = k_producer_id_block;
  decision.records.push_back(
      {protocol::ProducerIdsRecord{
           .broker_id = request.broker_id,
           .broker_epoch = request.broker_epoch,
           .next_producer_id = ProducerId{first.value() + k_producer_id_block}},
       ApiVersion{0}});
  return decision;
}

}  // namespace moldau::controller
