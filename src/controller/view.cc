#include "controller/view.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/check.h"

namespace moldau::controller {

MetadataVersion View::version() const {
  CHECK(image().features.metadata_version.has_value());
  return MetadataVersion{*image().features.metadata_version};
}

bool View::elr_enabled() const {
  return image().features.level(metadata::k_elr_version) >= FeatureLevel{1};
}

const BrokerRegistration* View::broker(BrokerId id) const { return image().cluster.broker(id); }

std::optional<Offset> View::registered_at(BrokerId id) const {
  const Offset* found = replayed_.registered_at.find(id);
  if (found == nullptr) return std::nullopt;
  return *found;
}

bool View::is_active(BrokerId id) const {
  const BrokerRegistration* registration = broker(id);
  return registration != nullptr && !registration->fenced && !registration->in_controlled_shutdown;
}

Result<void> View::check_broker_epoch(BrokerId id, BrokerEpoch epoch) const {
  const BrokerRegistration* registration = broker(id);
  if (registration == nullptr) {
    return fail(Errc::stale_broker_epoch, "No broker registration found for broker id {}", id);
  }
  if (registration->epoch != epoch) {
    return fail(Errc::stale_broker_epoch, "Expected broker epoch {}, but got broker epoch {}",
                registration->epoch, epoch);
  }
  return {};
}

Uuid View::default_directory(BrokerId id) const {
  const BrokerRegistration* registration = broker(id);
  if (registration == nullptr) return metadata::k_dir_unassigned;
  if (registration->log_dirs.empty()) return metadata::k_dir_migrating;
  return registration->log_dirs.size() == 1 ? registration->log_dirs.front()
                                            : metadata::k_dir_unassigned;
}

bool View::has_online_dir(BrokerId id, const Uuid& dir) const {
  const BrokerRegistration* registration = broker(id);
  return registration != nullptr && registration->has_online_dir(dir);
}

std::string View::topic_config(std::string_view topic, std::string_view key) const {
  using metadata::ConfigResource;
  using metadata::ConfigType;
  const std::string node = fmt::format("{}", settings_.node_id);
  for (const ConfigResource& resource :
       {ConfigResource{ConfigType::topic, std::string(topic)},
        ConfigResource{ConfigType::broker, node}, ConfigResource{ConfigType::broker, ""}}) {
    if (const auto value = image().configs.value(resource, key)) return std::string(*value);
  }
  return rules_.static_value(ConfigType::topic, key).value_or("");
}

std::size_t View::min_insync_replicas(const Topic& topic) const {
  const std::string text = topic_config(topic.name, "min.insync.replicas");
  std::size_t least = static_cast<std::size_t>(std::max(1, settings_.min_insync_replicas));
  // What was validated when it was set; a value from an old log that is none counts as the default.
  (void)std::from_chars(text.data(), text.data() + text.size(), least);
  const std::size_t replicas =
      topic.partitions.empty() ? least : topic.partitions.front()->replicas.size();
  return std::min(least, replicas);
}

bool View::unclean_election_enabled(std::string_view topic) const {
  return topic_config(topic, "unclean.leader.election.enable") == "true";
}

bool has_uncordoned_dir(const BrokerRegistration& broker) {
  if (!broker.cordoned_log_dirs || broker.log_dirs.empty()) return true;
  return std::ranges::any_of(broker.log_dirs, [&](const Uuid& dir) {
    return std::ranges::find(*broker.cordoned_log_dirs, dir) == broker.cordoned_log_dirs->end();
  });
}

}  // namespace moldau::controller
