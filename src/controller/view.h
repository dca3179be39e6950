#pragma once
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "controller/config_rules.h"
#include "controller/controller.h"
#include "metadata/features.h"
#include "metadata/image.h"

// Inside of controller/: what deciders look at.
namespace moldau::controller {

using metadata::BrokerRegistration;
using metadata::FeatureLevel;
using metadata::Image;
using metadata::MetadataRecord;
using metadata::MetadataVersion;
using metadata::Partition;
using metadata::Topic;

// What records made, as a value: copying it shares everything, so a state of the past costs
// nothing.
struct Replayed {
  std::shared_ptr<const Image> image = std::make_shared<const Image>();
  metadata::PersistentMap<BrokerId, Offset> registered_at;  // of the RegisterBrokerRecord
  std::shared_ptr<const Replayed> before_transaction;       // set inside a metadata transaction
};

class Heartbeats;

// Deciders get this and are const: they cannot change what they look at.
class View {
 public:
  View(const Settings& settings, const ConfigRules& rules, const Replayed& replayed,
       const Heartbeats& heartbeats)
      : settings_(settings), rules_(rules), replayed_(replayed), heartbeats_(heartbeats) {}

  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const ConfigRules& rules() const { return rules_; }
  [[nodiscard]] const Image& image() const { return *replayed_.image; }
  [[nodiscard]] const Heartbeats& heartbeats() const { return heartbeats_; }
  // REQUIRES: active, so that there is one.
  [[nodiscard]] MetadataVersion version() const;
  [[nodiscard]] bool elr_enabled() const;

  [[nodiscard]] const BrokerRegistration* broker(BrokerId id) const;
  [[nodiscard]] std::optional<Offset> registered_at(BrokerId id) const;
  // Registered, not fenced, not in controlled shutdown.
  [[nodiscard]] bool is_active(BrokerId id) const;
  // Errors: stale_broker_epoch.
  [[nodiscard]] Result<void> check_broker_epoch(BrokerId id, BrokerEpoch epoch) const;
  // Where a new replica on this broker goes: its one directory, else the broker chooses.
  [[nodiscard]] Uuid default_directory(BrokerId id) const;
  [[nodiscard]] bool has_online_dir(BrokerId id, const Uuid& dir) const;

  // The value in force for a topic: its own, this broker's, the cluster's, the file's.
  [[nodiscard]] std::string topic_config(std::string_view topic, std::string_view key) const;
  // min.insync.replicas, but no more than the topic has replicas.
  [[nodiscard]] std::size_t min_insync_replicas(const Topic& topic) const;
  [[nodiscard]] bool unclean_election_enabled(std::string_view topic) const;

 private:
  const Settings& settings_;
  const ConfigRules& rules_;
  const Replayed& replayed_;
  const Heartbeats& heartbeats_;
};

// Whether a broker has a log directory that takes new replicas.
[[nodiscard]] bool has_uncordoned_dir(const BrokerRegistration& broker);

}  // namespace moldau::controller
