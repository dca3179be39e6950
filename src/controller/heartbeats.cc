#include "controller/heartbeats.h"

#include <algorithm>

namespace moldau::controller {

void Heartbeats::begin(const metadata::Cluster& cluster, Instant now) {
  clear();
  for (const auto& [id, broker] : cluster.brokers) {
    brokers_[id].fenced = broker->fenced;
    if (!broker->fenced) contact(id, broker->epoch, now);
  }
}

void Heartbeats::clear() {
  brokers_.clear();
  contacts_.clear();
}

void Heartbeats::registered(const metadata::BrokerRegistration& broker, bool new_incarnation) {
  if (new_incarnation) brokers_.erase(broker.id);
  Broker& entry = brokers_[broker.id];
  entry.fenced = broker.fenced;
  if (broker.fenced) entry.controlled_shutdown_offset.reset();
}

void Heartbeats::unregistered(BrokerId id) { brokers_.erase(id); }

void Heartbeats::contact(BrokerId id, BrokerEpoch epoch, Instant now) {
  contacts_[{id, epoch}] = now;
}

void Heartbeats::end_session(BrokerId id, BrokerEpoch epoch) { contacts_.erase({id, epoch}); }

void Heartbeats::touch(BrokerId id, bool fenced, Offset metadata_offset) {
  Broker& entry = brokers_[id];
  entry.fenced = fenced;
  entry.metadata_offset = metadata_offset;
  // A fenced broker is no longer waited for: its next heartbeat lets it go.
  if (fenced) entry.controlled_shutdown_offset.reset();
}

void Heartbeats::begin_controlled_shutdown(BrokerId id, Offset log_end) {
  Broker& entry = brokers_[id];
  if (!entry.controlled_shutdown_offset) entry.controlled_shutdown_offset = log_end;
}

std::optional<Heartbeats::Session> Heartbeats::take_expired(Instant now) {
  for (auto at = contacts_.begin(); at != contacts_.end(); ++at) {
    if (at->second + session_timeout_ >= now) continue;
    const Session session{at->first.first, at->first.second};
    contacts_.erase(at);
    return session;
  }
  return std::nullopt;
}

bool Heartbeats::has_session(BrokerId id, BrokerEpoch epoch, Instant now) const {
  const auto at = contacts_.find({id, epoch});
  return at != contacts_.end() && at->second + session_timeout_ >= now;
}

BrokerState Heartbeats::state(BrokerId id) const {
  const auto at = brokers_.find(id);
  if (at == brokers_.end()) return BrokerState::fenced;
  if (at->second.controlled_shutdown_offset) return BrokerState::controlled_shutdown;
  return at->second.fenced ? BrokerState::fenced : BrokerState::unfenced;
}

std::optional<Offset> Heartbeats::controlled_shutdown_offset(BrokerId id) const {
  const auto at = brokers_.find(id);
  return at == brokers_.end() ? std::nullopt : at->second.controlled_shutdown_offset;
}

std::optional<Offset> Heartbeats::lowest_active_offset() const {
  std::optional<Offset> lowest;
  for (const auto& [id, broker] : brokers_) {
    if (broker.fenced || broker.controlled_shutdown_offset) continue;
    if (!lowest || broker.metadata_offset < *lowest) lowest = broker.metadata_offset;
  }
  return lowest;
}

std::optional<Instant> Heartbeats::next_expiry() const {
  std::optional<Instant> next;
  for (const auto& [key, at] : contacts_) {
    const Instant over = at + session_timeout_ + Milliseconds{1};
    if (!next || over < *next) next = over;
  }
  return next;
}

}  // namespace moldau::controller
