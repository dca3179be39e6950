#include "broker/group_coordinators.h"

#include <algorithm>
#include <utility>

#include "broker/coordinator_partition.h"
#include "broker/shard.h"
#include "config/node_config.h"

namespace moldau::broker {
namespace {

group::MigrationPolicy policy_of(std::string_view name) {
  if (name == "disabled") return group::MigrationPolicy::disabled;
  if (name == "downgrade") return group::MigrationPolicy::downgrade;
  if (name == "upgrade") return group::MigrationPolicy::upgrade;
  return group::MigrationPolicy::bidirectional;
}

group::Settings settings_of(const config::NodeConfig& node) {
  const config::GroupSettings& groups = node.groups;
  group::Settings out;
  out.group_min_session_timeout = groups.classic.session_timeout_min;
  out.group_max_session_timeout = groups.classic.session_timeout_max;
  out.group_initial_rebalance_delay = groups.classic.initial_rebalance_delay;
  out.group_max_size = groups.classic.members_max;
  out.offset_metadata_max_bytes = groups.offsets.metadata_bytes_max;
  out.offsets_retention = groups.offsets.retention;
  out.offsets_retention_check_interval = groups.offsets.retention_check_interval;
  const config::GroupTimings& consumer = groups.consumer;
  out.consumer_session_timeout = consumer.session_timeout;
  out.consumer_session_timeout_range = {consumer.session_timeout_min, consumer.session_timeout_max};
  out.consumer_heartbeat_interval = consumer.heartbeat_interval;
  out.consumer_heartbeat_interval_range = {consumer.heartbeat_interval_min,
                                           consumer.heartbeat_interval_max};
  out.consumer_max_size = groups.consumer.members_max;
  out.consumer_assignment_interval = groups.consumer.assignment_interval;
  out.consumer_assignment_interval_range = {consumer.assignment_interval_min,
                                            consumer.assignment_interval_max};
  if (!groups.consumer.assignors.empty()) out.consumer_assignors = groups.consumer.assignors;
  out.migration_policy = policy_of(groups.migration_policy);
  return out;
}

GroupHost::Settings host_settings(const config::GroupSettings& groups) {
  const auto codec = compress::codec_of_id(static_cast<unsigned>(groups.offsets.compression_codec));
  GroupHost::Settings out{
      .load_buffer_bytes = groups.offsets.load_buffer_bytes,
      .compression = compress::Compression::of(codec.value_or(compress::Codec::none)),
      .linger = groups.append_linger,
      .write_timeout = groups.offsets.commit_timeout};
  if (groups.append_linger < Milliseconds{0}) out.linger.reset();
  return out;
}

std::unique_ptr<group::Coordinator> make_machine(Shard& shard) {
  return std::make_unique<group::Coordinator>(
      settings_of(*shard.view->node), [&shard] { return env::new_uuid(shard.env.entropy); });
}

// What the cluster looks like now. `gone`: topics that are no longer there.
GroupHost::Work news_of(const Shard& shard, std::vector<group::DeletedTopic> gone = {}) {
  return [image = shard.view->image, settings = settings_of(*shard.view->node),
          gone = std::move(gone)](group::Coordinator& machine, coordinator::Now now,
                                  group::Step& out) {
    machine.configure(settings);
    machine.new_image(image, now, out);
    if (!gone.empty()) machine.topics_deleted(gone, now, out);
  };
}

std::vector<group::DeletedTopic> gone_since(const metadata::Topics& before,
                                            const metadata::Topics& now) {
  std::vector<group::DeletedTopic> out;
  if (before.by_id.is_same(now.by_id)) return out;
  for (const auto& [id, topic] : before.by_id) {
    if (now.by_id.find(id) == nullptr) out.push_back({topic->name, id});
  }
  return out;
}

env::Task<Result<group::Answer>> ask_here(Shard& shard, TopicIdPartition id, GroupHost::Call call,
                                          BeforeAsking before) {
  log::VerificationGuard guard = log::k_no_guard;
  if (before) {
    CO_TRY(guard, co_await before(shard, id));
  }
  co_return co_await shard.groups.ask(id, std::move(call), guard);
}

group::Ask asker_of(const RequestContext& context) {
  return {
      .id = {},
      .version = context.version(),
      .client_id = std::string{context.client_id()},
      .client_host = "/" + std::string{context.host()},
      .may_describe = [&authorizer = context.shard.facts.authorizer, principal = context.principal,
                       host = std::string{context.host()}](std::string_view topic) {
        return authorizer.allows(principal, host, security::Operation::describe,
                                 security::ResourceType::topic, topic);
      }};
}

// The question as a host takes it.
GroupHost::Call call_of(const RequestContext& context, GroupQuestion question) {
  return [asker = asker_of(context), question = std::move(question)](
             group::Coordinator& machine, coordinator::AskId id, coordinator::Now now,
             group::Step& out) mutable {
    asker.id = id;
    question(machine, asker, now, out);
  };
}

env::Task<std::vector<Result<group::Answer>>> ask_all_here(Shard& shard, GroupHost::Call call) {
  return shard.groups.ask_all(std::move(call));
}

}  // namespace

GroupCoordinators::~GroupCoordinators() = default;

GroupCoordinators::Hosts::iterator GroupCoordinators::place_of(const TopicIdPartition& id) {
  return std::ranges::lower_bound(hosts_, id, {}, [](const auto& host) { return host->id(); });
}

GroupHost* GroupCoordinators::find(const TopicIdPartition& id) {
  const auto at = place_of(id);
  return at == hosts_.end() || (*at)->id() != id ? nullptr : at->get();
}

void GroupCoordinators::lead(std::shared_ptr<Partition> partition) {
  const TopicIdPartition id = partition->id();
  if (find(id) != nullptr) return;
  auto host = std::make_unique<GroupHost>(
      shard_.env, std::move(partition), host_settings(shard_.view->node->groups),
      [this] { return make_machine(shard_); },
      [this](group::Coordinator& machine, coordinator::Now now, group::Step& out) {
        news_of(shard_)(machine, now, out);
      },
      shard_.log.named("broker.GroupCoordinators"));
  hosts_.insert(place_of(id), std::move(host));
}

env::Task<void> GroupCoordinators::resign(TopicIdPartition id) {
  if (find(id) == nullptr) co_return;
  const auto at = place_of(id);
  const std::unique_ptr<GroupHost> host = std::move(*at);
  hosts_.erase(at);
  host->stop(Errc::not_coordinator);
  co_await host->join();
}

env::Task<void> GroupCoordinators::resign_all() {
  while (!hosts_.empty()) co_await resign(hosts_.back()->id());
}

void GroupCoordinators::view_changed(const ClusterView& before) {
  if (hosts_.empty()) return;
  const GroupHost::Work news =
      news_of(shard_, gone_since(before.image->topics, shard_.view->image->topics));
  for (const auto& host : hosts_) host->tell(news);
}

void GroupCoordinators::drain() {
  for (const auto& host : hosts_) host->stop(Errc::not_coordinator);
}

env::Task<Result<group::Answer>> GroupCoordinators::ask(TopicIdPartition id, GroupHost::Call call,
                                                        log::VerificationGuard guard) {
  GroupHost* const host = find(id);
  if (host == nullptr) co_return fail(Errc::not_coordinator);
  co_return co_await host->ask(std::move(call), guard);
}

env::Task<AppendAnswer> GroupCoordinators::end_transaction(TopicIdPartition id,
                                                           TransactionEnd end) {
  GroupHost* const host = find(id);
  if (host == nullptr) {
    AppendAnswer refusal;
    refusal.error = Errc::not_coordinator;
    co_return refusal;
  }
  co_return co_await host->end_transaction(std::move(end));
}

bool GroupCoordinators::loaded() const {
  return std::ranges::all_of(hosts_, [](const auto& host) { return host->active(); });
}

env::Task<std::vector<Result<group::Answer>>> GroupCoordinators::ask_all(GroupHost::Call call) {
  std::vector<TopicIdPartition> ids;
  ids.reserve(hosts_.size());
  for (const auto& host : hosts_) ids.push_back(host->id());
  std::vector<Result<group::Answer>> answers;
  // Hosts may come and go while one is asked.
  for (const TopicIdPartition& id : ids) answers.push_back(co_await ask(id, call));
  co_return answers;
}

std::optional<TopicIdPartition> partition_of_group(const metadata::Image& image,
                                                   std::string_view group) {
  return coordinator_partition(image, k_offsets_topic, group);
}

env::Task<Result<group::Answer>> ask_group(RequestContext& context, std::string group,
                                           GroupQuestion question, BeforeAsking before) {
  const std::optional<TopicIdPartition> id = partition_of_group(context.image(), group);
  if (!id) co_return fail(Errc::coordinator_not_available);
  Shard& owner = context.shard.facts.owner(*id);
  co_return co_await env::call_on<Result<group::Answer>>(
      context.env(), owner.port,
      [&owner, id = *id, call = call_of(context, std::move(question)),
       before = std::move(before)]() mutable {
        return ask_here(owner, id, std::move(call), std::move(before));
      });
}

env::Task<std::vector<Result<group::Answer>>> ask_all_groups(RequestContext& context,
                                                             GroupQuestion question) {
  const GroupHost::Call call = call_of(context, std::move(question));
  std::vector<Result<group::Answer>> all;
  for (Shard* const shard : context.shard.facts.shards) {
    auto answers = co_await env::call_on<std::vector<Result<group::Answer>>>(
        context.env(), shard->port,
        [shard, call = call]() mutable { return ask_all_here(*shard, std::move(call)); });
    std::ranges::move(answers, std::back_inserter(all));
  }
  co_return all;
}

}  // namespace moldau::broker
