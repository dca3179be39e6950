#include <fmt/core.h>

#include <algorithm>

#include "metadata/delta.h"

// What broker and controller records do. Source: ClusterDelta, BrokerRegistration.
namespace moldau::metadata {
namespace {

template <class Endpoints>
std::vector<Endpoint> endpoints_of(const Endpoints& from) {
  std::vector<Endpoint> endpoints;
  endpoints.reserve(from.size());
  for (const auto& e : from) {
    endpoints.push_back(
        {e.name, e.host, e.port, static_cast<SecurityProtocol>(e.security_protocol)});
  }
  return endpoints;
}

template <class Features>
FeatureRanges features_of(const Features& from) {
  FeatureRanges ranges;
  for (const auto& f : from) {
    ranges[f.name] = {FeatureLevel{f.min_supported_version}, FeatureLevel{f.max_supported_version}};
  }
  return ranges;
}

std::vector<Uuid> sorted(std::vector<Uuid> ids) {
  std::ranges::sort(ids);
  return ids;
}

// The fields of BrokerRegistrationChangeRecord: 0 leaves it as it is.
Result<void> change_flag(std::int8_t change, std::int8_t to_true, std::int8_t to_false,
                         std::string_view what, bool& flag) {
  if (change == 0) return {};
  if (change == to_true) {
    flag = true;
  } else if (change == to_false && to_false != 0) {
    flag = false;
  } else {
    return fail(Errc::unusable_record, "unknown value {} for {}", change, what);
  }
  return {};
}

}  // namespace

Result<BrokerRegistration> Delta::registered(BrokerId id, BrokerEpoch epoch) const {
  const BrokerRegistration* broker = now_.cluster.broker(id);
  if (broker == nullptr) return fail(Errc::unusable_record, "broker {} is not registered", id);
  if (broker->epoch != epoch) {
    return fail(Errc::unusable_record, "broker {} is registered with epoch {}, not {}", id,
                broker->epoch, epoch);
  }
  return *broker;
}

void Delta::put_broker(BrokerRegistration broker) {
  const BrokerId id = broker.id;
  const BrokerRegistration* before = now_.cluster.broker(id);
  if (before != nullptr && *before == broker) return;
  now_.cluster.brokers.set(id, std::make_shared<const BrokerRegistration>(std::move(broker)));
  changes_.brokers.insert(id);
}

Result<void> Delta::apply(const protocol::RegisterBrokerRecord& record) {
  put_broker({.id = record.broker_id,
              .epoch = record.broker_epoch,
              .incarnation_id = record.incarnation_id,
              .endpoints = endpoints_of(record.end_points),
              .features = features_of(record.features),
              .rack = record.rack,
              .fenced = record.fenced,
              .in_controlled_shutdown = record.in_controlled_shutdown,
              .is_migrating_zk_broker = record.is_migrating_zk_broker,
              .log_dirs = sorted(record.log_dirs),
              .cordoned_log_dirs = record.cordoned_log_dirs});
  return {};
}

Result<void> Delta::apply(const protocol::UnregisterBrokerRecord& record) {
  TRY_OK(registered(record.broker_id, record.broker_epoch));
  now_.cluster.brokers.erase(record.broker_id);
  changes_.brokers.insert(record.broker_id);
  return {};
}

Result<void> Delta::apply(const protocol::FenceBrokerRecord& record) {
  TRY(BrokerRegistration broker, registered(record.id, record.epoch));
  broker.fenced = true;
  put_broker(std::move(broker));
  return {};
}

Result<void> Delta::apply(const protocol::UnfenceBrokerRecord& record) {
  TRY(BrokerRegistration broker, registered(record.id, record.epoch));
  broker.fenced = false;
  put_broker(std::move(broker));
  return {};
}

Result<void> Delta::apply(const protocol::BrokerRegistrationChangeRecord& record) {
  TRY(BrokerRegistration broker, registered(record.broker_id, record.broker_epoch));
  TRY_OK(change_flag(record.fenced, 1, -1, "fenced", broker.fenced));
  TRY_OK(change_flag(record.in_controlled_shutdown, 1, 0, "inControlledShutdown",
                     broker.in_controlled_shutdown));
  if (!record.log_dirs.empty()) broker.log_dirs = sorted(record.log_dirs);
  if (record.cordoned_log_dirs) broker.cordoned_log_dirs = record.cordoned_log_dirs;
  put_broker(std::move(broker));
  return {};
}

Result<void> Delta::apply(const protocol::RegisterControllerRecord& record) {
  const BrokerId id = record.controller_id;
  now_.cluster.controllers.set(
      id, std::make_shared<const ControllerRegistration>(
              ControllerRegistration{.id = id,
                                     .incarnation_id = record.incarnation_id,
                                     .zk_migration_ready = record.zk_migration_ready,
                                     .endpoints = endpoints_of(record.end_points),
                                     .features = features_of(record.features)}));
  changes_.controllers.insert(id);
  return {};
}

Result<void> Delta::apply(const protocol::UnregisterControllerRecord& record) {
  const BrokerId id = record.controller_id;
  if (!now_.cluster.controllers.erase(id)) {
    return fail(Errc::unusable_record, "controller {} is not registered", id);
  }
  changes_.controllers.insert(id);
  return {};
}

}  // namespace moldau::metadata
