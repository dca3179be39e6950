#include "node/metadata_publisher.h"

#include <algorithm>
#include <set>

#include "env/call_on.h"
#include "node/format.h"

namespace moldau::node {
namespace {

void merge(metadata::Changes& into, metadata::Changes from) {
  for (auto& [id, change] : from.topics) {
    const auto [at, added] = into.topics.try_emplace(id, change);
    if (added) continue;
    at->second.deleted = change.deleted;
    if (change.deleted) at->second.partitions.clear();
    at->second.partitions.merge(change.partitions);
  }
  into.configs.merge(from.configs);
  into.brokers.merge(from.brokers);
  into.controllers.merge(from.controllers);
  into.features = into.features || from.features;
}

bool contains(const std::vector<BrokerId>& replicas, BrokerId id) {
  return std::ranges::find(replicas, id) != replicas.end();
}

bool cordons(const metadata::Image& image) {
  const auto& level = image.features.metadata_version;
  return level && metadata::MetadataVersion{*level}.cordoned_log_dirs();
}

config::ConfigMap to_config(const metadata::ConfigMap& map) { return {map.begin(), map.end()}; }

env::Task<bool> set_view(broker::Shard& shard, std::shared_ptr<const broker::ClusterView> view) {
  shard.show(std::move(view));
  co_return true;
}

}  // namespace

MetadataPublisher::MetadataPublisher(env::Env& env, Parts parts)
    : env_(env),
      parts_(std::move(parts)),
      work_(env.scheduler),
      tasks_(env.scheduler),
      node_config_(parts_.facts.config) {
  tasks_.spawn(run());
}

MetadataPublisher::~MetadataPublisher() = default;

void MetadataPublisher::publish(metadata::Loader::Published published) {
  if (queue_.empty() || published.from_snapshot) {
    queue_.push_back(std::move(published));
  } else {
    merge(queue_.back().changes, std::move(published.changes));
    queue_.back().image = std::move(published.image);
  }
  work_.ring();
}

void MetadataPublisher::caught_up() {
  caught_up_ = true;
  work_.ring();
}

env::Task<void> MetadataPublisher::stop() {
  stopping_ = true;
  work_.ring();
  co_await tasks_.join();
  stop_waiting();
}

void MetadataPublisher::stop_waiting() {
  waits_over_ = true;
  for (const Waiting& waiting : waiting_) waiting.bell->ring();
}

env::Task<void> MetadataPublisher::wait_until(Offset end) {
  env::Signal bell(env_.scheduler);
  while (applied_end_ < end && !waits_over_) {
    waiting_.push_back({end, &bell});
    co_await bell;
    std::erase_if(waiting_, [&bell](const Waiting& waiting) { return waiting.bell == &bell; });
  }
}

env::Task<void> MetadataPublisher::run() {
  while (!stopping_) {
    if (queue_.empty() || !caught_up_) {
      co_await work_;
      continue;
    }
    metadata::Loader::Published published = std::move(queue_.front());
    queue_.pop_front();
    co_await bring_out(std::move(published.before), published.image, std::move(published.changes));
    applied_end_ = published.image->provenance.last_contained_offset.next();
    for (const Waiting& waiting : waiting_) {
      if (waiting.end <= applied_end_) waiting.bell->ring();
    }
    parts_.applied();
  }
}

void MetadataPublisher::renew_settings(const metadata::Image& image,
                                       const metadata::Changes& changes) {
  const metadata::ConfigResource own{metadata::ConfigType::broker,
                                     std::to_string(parts_.facts.node_id.value())};
  const metadata::ConfigResource all{metadata::ConfigType::broker, ""};
  if (!changes.configs.contains(own) && !changes.configs.contains(all)) return;
  dynamic_broker_ = to_config(image.configs.of(own));
  dynamic_default_ = to_config(image.configs.of(all));
  Result<config::LoadedNodeConfig> loaded =
      config::with_dynamic(*parts_.facts.config, dynamic_default_, dynamic_broker_);
  if (!loaded) {
    parts_.log.error("the dynamic broker configuration is not applied: {}",
                     loaded.error().describe());
    return;
  }
  for (const std::string& warning : loaded->warnings) parts_.log.warn("{}", warning);
  node_config_ = std::make_shared<const config::NodeConfig>(std::move(loaded->config));
}

std::shared_ptr<const broker::TopicSettings> MetadataPublisher::settings_of(
    const metadata::Image& image, const std::string& topic) {
  const config::BrokerLayers layers{dynamic_broker_, dynamic_default_, node_config_->settings};
  Result<config::TopicConfig> config = config::resolve_topic_config(
      layers, to_config(image.configs.of({metadata::ConfigType::topic, topic})));
  if (!config) {
    parts_.log.error("topic {} goes by the defaults: {}", topic, config.error().describe());
    config = config::resolve_topic_config(layers, {});
  }
  return broker::make_topic_settings(
      config ? *config : config::TopicConfig{},
      {.id_expiration = node_config_->log.producer_id_expiration,
       .verify_transactions = node_config_->transactions.partition_verification});
}

MetadataPublisher::Work MetadataPublisher::work_of(const metadata::Image& before,
                                                   const metadata::Image& image,
                                                   const metadata::Changes& changes) {
  Work work;
  for (const auto& [id, change] : changes.topics) {
    TopicWork& topic = work[id];
    topic.name = change.name;
    topic.deleted = image.topics.find(id) == nullptr;
    topic.partitions = change.partitions;
    // Created, changed and gone again while another state was brought out: nobody knows it.
    if (topic.deleted && before.topics.find(id) == nullptr) work.erase(id);
  }
  bool every_topic = false;
  for (const metadata::ConfigResource& resource : changes.configs) {
    if (resource.type == metadata::ConfigType::broker) every_topic = true;
    if (resource.type != metadata::ConfigType::topic) continue;
    const metadata::Topic* topic = image.topics.find(resource.name);
    if (topic == nullptr) continue;
    work[topic->id].name = topic->name;
    work[topic->id].all_partitions = true;
  }
  if (every_topic) {
    for (const auto& [id, topic] : image.topics.by_id) {
      work[id].name = topic->name;
      work[id].all_partitions = true;
    }
  }
  return work;
}

void MetadataPublisher::order(const metadata::Topic& topic, const metadata::Partition& partition,
                              const std::shared_ptr<const broker::TopicSettings>& settings,
                              std::vector<std::vector<ReplicaOrder>>& orders) {
  const BrokerId self = parts_.facts.node_id;
  if (!contains(partition.replicas, self)) return;
  const broker::TopicIdPartition id{topic.id, partition.index};
  ReplicaOrder order{
      .id = id,
      .where = parts_.directories.place(topic.name, partition.index, topic.id,
                                        partition.directory_of(self)),
      .leads = partition.leader == self,
      .leader_epoch = partition.leader_epoch,
      .replicas = partition.replicas,
      .isr = partition.isr,
      .high_watermark = parts_.directories.high_watermark(topic.name, partition.index),
      .settings = settings,
  };
  const ShardId owner = broker::owner_of(id, parts_.facts.shard_count());
  orders[static_cast<std::size_t>(owner.value())].push_back(std::move(order));
}

env::Task<void> MetadataPublisher::bring_out(std::shared_ptr<const metadata::Image> before,
                                             std::shared_ptr<const metadata::Image> image,
                                             metadata::Changes changes) {
  renew_settings(*image, changes);
  parts_.directories.cordon(cordons(*image) ? node_config_->log.cordoned_directories
                                            : std::vector<std::string>{});
  const std::size_t shards = parts_.hosts.size();
  const Work work = work_of(*before, *image, changes);
  // Topics that went come first: one of the same name may be new, and takes their folders' names.
  Gone gone(shards);
  Gone replaced(shards);
  for (const auto& [id, topic_work] : work) {
    if (image->topics.find(id) != nullptr) continue;
    const metadata::Topic& topic = *before->topics.find(id);
    Gone& where = image->topics.find(topic.name) == nullptr ? gone : replaced;
    for (const auto& partition : topic.partitions) {
      if (contains(partition->replicas, parts_.facts.node_id)) goes(topic, partition->index, where);
    }
  }
  std::vector<std::vector<ReplicaOrder>> orders(shards);
  for (const auto& [id, topic_work] : work) {
    const metadata::Topic* topic = image->topics.find(id);
    if (topic == nullptr) continue;
    order_topic(topic_work, before->topics.find(id), *topic, settings_of(*image, topic->name),
                orders, gone);
  }
  auto view = std::make_shared<broker::ClusterView>();
  view->image = std::move(image);
  view->node = node_config_;
  view->dynamic_broker = dynamic_broker_;
  view->dynamic_default = dynamic_default_;
  view->controller = parts_.controller();
  view->kraft_version = parts_.kraft_version();
  co_await remove(std::move(replaced));
  co_await host(std::move(orders));
  co_await show(std::move(view));
  co_await remove(std::move(gone));
}

void MetadataPublisher::goes(const metadata::Topic& topic, PartitionIndex index, Gone& gone) {
  const broker::TopicIdPartition id{topic.id, index};
  parts_.directories.forget(topic.name, index);
  const ShardId owner = broker::owner_of(id, parts_.facts.shard_count());
  gone[static_cast<std::size_t>(owner.value())].push_back(id);
}

void MetadataPublisher::order_topic(const TopicWork& work, const metadata::Topic* before,
                                    const metadata::Topic& topic,
                                    const std::shared_ptr<const broker::TopicSettings>& settings,
                                    std::vector<std::vector<ReplicaOrder>>& orders, Gone& gone) {
  const BrokerId self = parts_.facts.node_id;
  for (const auto& partition : topic.partitions) {
    if (!work.all_partitions && !work.partitions.contains(partition->index)) continue;
    const metadata::Partition* old =
        before == nullptr ? nullptr : before->partition(partition->index);
    const bool had = old != nullptr && contains(old->replicas, self);
    if (had && !contains(partition->replicas, self)) goes(topic, partition->index, gone);
    order(topic, *partition, settings, orders);
  }
}

env::Task<void> MetadataPublisher::host(std::vector<std::vector<ReplicaOrder>> orders) {
  // What fails is tried once more, so the orders stay until the answers are there.
  std::vector<env::Task<std::vector<ReplicaFailure>>> running;
  std::vector<std::size_t> places;
  for (std::size_t s = 0; s < orders.size(); ++s) {
    if (orders[s].empty()) continue;
    places.push_back(s);
    running.push_back(env::call_on<std::vector<ReplicaFailure>>(
        env_, parts_.facts.shards[s]->port, [host = parts_.hosts[s], some = orders[s]]() mutable {
          return host->apply(std::move(some));
        }));
  }
  for (std::size_t i = 0; i < running.size(); ++i) {
    std::vector<ReplicaFailure> failures = co_await running[i];
    for (ReplicaFailure& failure : failures) {
      const auto same = std::ranges::find_if(orders[places[i]], [&](const ReplicaOrder& order) {
        return order.where.path == failure.where.path;
      });
      if (same != orders[places[i]].end()) {
        co_await host_again(*same, std::move(failure.error));
      }
    }
  }
}

env::Task<void> MetadataPublisher::host_again(ReplicaOrder order, Error error) {
  const std::string path = order.where.path;
  if (error.code() != Errc::inconsistent_topic_id) {
    not_served(path, error);
    co_return;
  }
  // A topic of that name was deleted and made again while this node was away.
  parts_.log.warn("{} belongs to another topic of that name; it is kept as a stray folder", path);
  const Result<void> aside = co_await parts_.directories.set_aside(order.where);
  if (!aside) {
    not_served(path, Error(Errc::kafka_storage_error, aside.error().describe()));
    co_return;
  }
  co_await parts_.folders_went();
  const auto owner =
      static_cast<std::size_t>(broker::owner_of(order.id, parts_.facts.shard_count()).value());
  order.where.clean = false;
  order.where.recovery_point = Offset{0};
  order.where.log_start_offset = Offset{0};
  const std::vector<ReplicaFailure> failures = co_await env::call_on<std::vector<ReplicaFailure>>(
      env_, parts_.facts.shards[owner]->port,
      [host = parts_.hosts[owner], some = std::vector{std::move(order)}]() mutable {
        return host->apply(std::move(some));
      });
  if (!failures.empty()) not_served(path, failures.front().error);
}

void MetadataPublisher::not_served(const std::string& path, const Error& error) {
  all_served_ = false;
  // Each change of the partition tries again.
  std::string why = error.describe();
  std::string& told = unserved_[path];
  if (told != why) parts_.log.error("{} is not served: {}", path, why);
  told = std::move(why);
  // It must not be opened again on this disk: a sync that failed would pass the second time, and
  // what it did not bring to the platter would count as synced.
  if (error.code() == Errc::kafka_storage_error) parts_.log_failed(error);
}

env::Task<void> MetadataPublisher::show(std::shared_ptr<const broker::ClusterView> view) {
  std::vector<env::Task<bool>> running;
  for (broker::Shard* shard : parts_.facts.shards) {
    running.push_back(
        env::call_on<bool>(env_, shard->port, [shard, view] { return set_view(*shard, view); }));
  }
  for (env::Task<bool>& task : running) (void)co_await task;
}

env::Task<void> MetadataPublisher::remove(Gone gone) {
  bool some_went = false;
  for (std::size_t s = 0; s < gone.size(); ++s) {
    if (gone[s].empty()) continue;
    std::vector<std::string> uniques;
    for (std::size_t i = 0; i < gone[s].size(); ++i) {
      uniques.push_back(env::new_uuid(env_.entropy).to_string());
    }
    const std::vector<ReplicaFailure> failures = co_await env::call_on<std::vector<ReplicaFailure>>(
        env_, parts_.facts.shards[s]->port,
        [host = parts_.hosts[s], ids = std::move(gone[s]), uniques]() mutable {
          return host->remove(std::move(ids), std::move(uniques));
        });
    for (const ReplicaFailure& failure : failures) {
      parts_.log.error("{} was not removed: {}", failure.where.path, failure.error.describe());
      parts_.log_failed(failure.error);
    }
    some_went = true;
  }
  if (some_went) co_await parts_.folders_went();
}

}  // namespace moldau::node
