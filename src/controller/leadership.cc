#include "controller/leadership.h"

#include <algorithm>

namespace moldau::controller {
namespace {

bool contains(const std::vector<BrokerId>& ids, BrokerId id) {
  return std::ranges::find(ids, id) != ids.end();
}

// The version of BrokerRegistrationChangeRecord is the least that can say it.
MetadataRecord registration_change(protocol::BrokerRegistrationChangeRecord record) {
  std::int16_t version = 0;
  if (record.in_controlled_shutdown != 0) version = 1;
  if (!record.log_dirs.empty()) version = 2;
  if (record.cordoned_log_dirs) version = 3;
  return {std::move(record), ApiVersion{version}};
}

}  // namespace

template <class Affected>
void Leadership::update(const Move& move, const Affected& affected, Records& records) const {
  for (const auto& [id, topic] : view_.image().topics.by_id) {
    for (const auto& partition : topic->partitions) {
      if (affected(*partition)) update_one(move, *topic, *partition, records);
    }
  }
}

void Leadership::update_one(const Move& move, const Topic& topic, const Partition& partition,
                            Records& records) const {
  WantedChange wanted;
  if (view_.unclean_election_enabled(topic.name)) wanted.election = Election::unclean;
  if (move.unclean != k_no_broker) wanted.unclean_replicas = {move.unclean};
  wanted.isr.emplace();
  for (const BrokerId id : partition.isr) {
    if (id != move.remove && id != move.unclean) wanted.isr->push_back(id);
  }
  const IsAlive is_alive = [this, &move](BrokerId id) {
    return id != move.remove && id != move.unclean && (id == move.add || view_.is_active(id));
  };
  if (auto record = change_partition(view_, topic, partition, wanted, is_alive)) {
    records.push_back(std::move(*record));
  }
}

void Leadership::fence(BrokerId id, Records& records) const {
  update({.remove = id}, [id](const Partition& p) { return contains(p.isr, id); }, records);
  records.push_back(
      registration_change({.broker_id = id, .broker_epoch = view_.broker(id)->epoch, .fenced = 1}));
}

void Leadership::unfence(BrokerId id, BrokerEpoch epoch, Records& records) const {
  records.push_back(registration_change({.broker_id = id, .broker_epoch = epoch, .fenced = -1}));
  update({.add = id}, [](const Partition& p) { return p.leader == k_no_broker; }, records);
}

void Leadership::begin_controlled_shutdown(BrokerId id, BrokerEpoch epoch, Records& records) const {
  if (!view_.broker(id)->in_controlled_shutdown) {
    records.push_back(
        registration_change({.broker_id = id, .broker_epoch = epoch, .in_controlled_shutdown = 1}));
  }
  update({.remove = id}, [id](const Partition& p) { return contains(p.isr, id); }, records);
}

void Leadership::unregister(BrokerId id, BrokerEpoch epoch, Records& records) const {
  update(
      {.remove = id},
      [id](const Partition& p) { return contains(p.isr, id) || contains(p.elr, id); }, records);
  records.push_back(
      {protocol::UnregisterBrokerRecord{.broker_id = id, .broker_epoch = epoch}, ApiVersion{0}});
}

void Leadership::end_incarnation(BrokerId id, bool clean, Records& records) const {
  if (view_.elr_enabled() && !clean) {
    update(
        {.unclean = id},
        [id](const Partition& p) { return contains(p.isr, id) || contains(p.elr, id); }, records);
  } else {
    update({.remove = id}, [id](const Partition& p) { return contains(p.isr, id); }, records);
  }
}

void Leadership::directories_offline(BrokerId id, BrokerEpoch epoch,
                                     const std::vector<Uuid>& offline, Records& records) const {
  std::vector<Uuid> lost;
  std::vector<Uuid> left;
  for (const Uuid& dir : view_.broker(id)->log_dirs) {
    (std::ranges::find(offline, dir) == offline.end() ? left : lost).push_back(dir);
  }
  if (lost.empty()) return;
  update(
      {.remove = id},
      [&](const Partition& p) {
        return contains(p.replicas, id) &&
               std::ranges::find(lost, p.directory_of(id)) != lost.end();
      },
      records);
  protocol::BrokerRegistrationChangeRecord record{.broker_id = id, .broker_epoch = epoch};
  record.log_dirs = std::move(left);
  records.push_back({std::move(record), ApiVersion{2}});
}

void Leadership::directories_cordoned(BrokerId id, BrokerEpoch epoch,
                                      const std::vector<Uuid>& cordoned, Records& records) const {
  const auto sorted = [](std::vector<Uuid> dirs) {
    std::ranges::sort(dirs);
    return dirs;
  };
  const auto& before = view_.broker(id)->cordoned_log_dirs;
  if (before && sorted(*before) == sorted(cordoned)) return;
  protocol::BrokerRegistrationChangeRecord record{.broker_id = id, .broker_epoch = epoch};
  record.cordoned_log_dirs = cordoned;
  records.push_back(registration_change(std::move(record)));
}

void Leadership::replica_offline(BrokerId id, const Topic& topic, const Partition& partition,
                                 Records& records) const {
  update_one({.remove = id}, topic, partition, records);
}

bool Leadership::has_leaderships(BrokerId id) const {
  for (const auto& [topic_id, topic] : view_.image().topics.by_id) {
    for (const auto& partition : topic->partitions) {
      if (partition->leader == id) return true;
    }
  }
  return false;
}

bool Leadership::elect_preferred_leaders(std::size_t most, Records& records) const {
  const WantedChange wanted{.election = Election::preferred};
  const IsAlive is_alive = [this](BrokerId id) { return view_.is_active(id); };
  for (const auto& [id, topic] : view_.image().topics.by_id) {
    for (const auto& partition : topic->partitions) {
      if (partition->leader == partition->preferred_leader()) continue;
      if (records.size() >= most) return true;
      if (auto record = change_partition(view_, *topic, *partition, wanted, is_alive)) {
        records.push_back(std::move(*record));
      }
    }
  }
  return false;
}

bool Leadership::elect_unclean_leaders(std::size_t most, Records& records) const {
  const WantedChange wanted{.election = Election::unclean};
  const IsAlive is_alive = [this](BrokerId id) { return view_.is_active(id); };
  for (const auto& [id, topic] : view_.image().topics.by_id) {
    const bool enabled = view_.unclean_election_enabled(topic->name);
    for (const auto& partition : topic->partitions) {
      if (!enabled || partition->leader != k_no_broker) continue;
      if (records.size() >= most) return true;
      if (auto record = change_partition(view_, *topic, *partition, wanted, is_alive)) {
        records.push_back(std::move(*record));
      }
    }
  }
  return false;
}

}  // namespace moldau::controller
