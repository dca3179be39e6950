#include <fmt/core.h>

#include <memory>

#include "harness/workload.h"
#include "protocol/api/create_topics.h"
#include "protocol/api/delete_topics.h"
#include "protocol/api/describe_configs.h"
#include "protocol/api/incremental_alter_configs.h"
#include "protocol/api/metadata.h"

namespace moldau::harness {

namespace {

using std::chrono::milliseconds;

constexpr std::int8_t k_topic_resource = 2;
constexpr std::int8_t k_set = 0;
constexpr std::string_view k_config = "retention.bytes";

struct NewTopic {
  std::string name;
  std::int32_t partitions = 1;
  std::vector<std::pair<std::string, std::string>> configs;
};

class Admin {
 public:
  Admin(ClusterRun& run, ClusterClient& client) : run_(run), client_(client) {}

  // True when it is there, now or before.
  env::Task<bool> create(NewTopic topic) {
    protocol::CreateTopicsRequest request;
    request.timeout_ms = Milliseconds{3000};
    protocol::CreateTopicsRequest::CreatableTopic wanted;
    wanted.name = topic.name;
    wanted.num_partitions = topic.partitions;
    wanted.replication_factor = 1;
    for (const auto& [key, value] : topic.configs)
      wanted.configs.push_back({.name = key, .value = value});
    request.topics.push_back(std::move(wanted));
    const auto answer =
        co_await client_.ask<protocol::CreateTopicsRequest, protocol::CreateTopicsResponse>(
            std::move(request));
    if (!answer || answer->topics.size() != 1) co_return false;
    const auto& result = answer->topics[0];
    run_.verdict.note("create {} -> error {}", topic.name, static_cast<int>(result.error_code));
    if (result.error_code != Errc::none && result.error_code != Errc::topic_already_exists) {
      if (is_refusal(result.error_code)) {
        run_.verdict.fail(fmt::format("creating {} was refused with error {}: {}", topic.name,
                                      static_cast<int>(result.error_code),
                                      result.error_message.value_or("")));
      }
      co_return false;
    }
    run_.metadata.created(topic.name, result.topic_id, now());
    co_return true;
  }

  // True when it is certainly not there any more.
  env::Task<bool> remove(std::string name) {
    protocol::DeleteTopicsRequest request;
    request.timeout_ms = Milliseconds{3000};
    request.topics.push_back({.name = name, .topic_id = {}});
    // Up to version 5 the names stood elsewhere.
    const auto answer =
        co_await client_.ask<protocol::DeleteTopicsRequest, protocol::DeleteTopicsResponse>(
            std::move(request), ApiVersion{6});
    if (!answer || answer->responses.size() != 1) co_return false;
    const Errc error = answer->responses[0].error_code;
    run_.verdict.note("delete {} -> error {}", name, static_cast<int>(error));
    // Unknown: an earlier request did it, and its answer was lost.
    if (error != Errc::none && error != Errc::unknown_topic_or_partition) co_return false;
    run_.metadata.deleted(name, now());
    co_return true;
  }

  env::Task<void> remove_one() {
    const auto name = pick("extra");
    if (!name) co_return;
    run_.metadata.will_delete(*name);
    (void)co_await remove(*name);
  }

  // A topic of the run goes, with all that it holds, and another one of its name comes.
  env::Task<void> make_again() {
    std::vector<TopicPlan*> all;
    for (const auto* plans : {&run_.topics, &run_.fleeting}) {
      for (const auto& topic : *plans) all.push_back(topic.get());
    }
    if (all.empty()) co_return;
    TopicPlan& plan = *all[client_.rng().below(all.size())];
    if (plan.id.is_zero()) co_return co_await create_planned(plan);
    // Groups come to the end of what is there only when that stays.
    if (!plan.comes_and_goes || (run_.healed && !run_.groups.empty())) co_return;
    run_.topic_goes(plan);
    while (run_.going_on() && plan.in_use > 0) co_await rest();
    if (!run_.going_on()) co_return;
    run_.metadata.will_delete(plan.name);
    while (!co_await remove(plan.name)) {
      co_await rest();
      if (!run_.going_on()) co_return;
    }
    for (auto& partition : plan.partitions) {
      partition = std::make_unique<PartitionOracle>(partition->name(), partition->synced());
    }
    co_await create_planned(plan);
  }

  // What was to come later, if it has not come yet.
  env::Task<void> make_the_rest() {
    for (const auto& topic : run_.topics) {
      if (topic->id.is_zero()) co_await create_planned(*topic);
    }
  }

  // Until it is there and its id is known, or the run stops.
  env::Task<void> create_planned(TopicPlan& plan) {
    const auto partitions = static_cast<std::int32_t>(plan.partitions.size());
    run_.metadata.will_create(plan.name, partitions);
    while (
        run_.going_on() &&
        !co_await create({.name = plan.name, .partitions = partitions, .configs = plan.configs})) {
      co_await rest();
    }
    while (run_.going_on() && plan.id.is_zero()) {
      co_await list();
      co_await rest();
    }
  }

  env::Task<void> configure_one() {
    const auto name = pick("");
    if (!name) co_return;
    const std::string value = std::to_string(1'000'000'000 + ++changes_);
    run_.metadata.will_set(*name, value);
    protocol::IncrementalAlterConfigsRequest request;
    protocol::IncrementalAlterConfigsRequest::AlterConfigsResource resource;
    resource.resource_type = k_topic_resource;
    resource.resource_name = *name;
    resource.configs.push_back(
        {.name = std::string(k_config), .config_operation = k_set, .value = value});
    request.resources.push_back(std::move(resource));
    const auto answer =
        co_await client_.ask<protocol::IncrementalAlterConfigsRequest,
                             protocol::IncrementalAlterConfigsResponse>(std::move(request));
    if (!answer || answer->responses.size() != 1) co_return;
    run_.verdict.note("set {} of {} -> error {}", value, *name,
                      static_cast<int>(answer->responses[0].error_code));
    if (answer->responses[0].error_code == Errc::none) run_.metadata.was_set(*name, value, now());
  }

  env::Task<void> describe_one() {
    const auto name = pick("");
    if (!name) co_return;
    const Instant asked = now();
    protocol::DescribeConfigsRequest request;
    protocol::DescribeConfigsRequest::DescribeConfigsResource resource;
    resource.resource_type = k_topic_resource;
    resource.resource_name = *name;
    resource.configuration_keys->push_back(std::string(k_config));
    request.resources.push_back(std::move(resource));
    const auto answer =
        co_await client_.ask<protocol::DescribeConfigsRequest, protocol::DescribeConfigsResponse>(
            std::move(request));
    if (!answer || answer->results.size() != 1) co_return;
    const auto& result = answer->results[0];
    if (result.error_code != Errc::none || result.configs.size() != 1) co_return;
    constexpr std::int8_t k_of_topic = 1;
    std::optional<std::string> value;
    if (result.configs[0].config_source == k_of_topic) value = result.configs[0].value;
    run_.check(run_.metadata.described(*name, value, asked));
  }

  env::Task<void> list() {
    const Instant asked = now();
    protocol::MetadataRequest request;
    request.topics.reset();
    request.allow_auto_topic_creation = false;
    // Version 4 is the first that can say not to create what is asked for.
    const auto answer = co_await client_.ask<protocol::MetadataRequest, protocol::MetadataResponse>(
        std::move(request), ApiVersion{4});
    if (!answer || answer->error_code != Errc::none) co_return;
    std::vector<SeenTopic> seen;
    for (const auto& topic : answer->topics) {
      if (topic.error_code != Errc::none || !topic.name) continue;
      seen.push_back({.name = *topic.name,
                      .id = topic.topic_id,
                      .partitions = static_cast<std::int32_t>(topic.partitions.size())});
      for (const auto* plans :
           {&run_.topics, &run_.transactional, &run_.fleeting, &run_.coordinators, &run_.outputs}) {
        for (const auto& plan : *plans) {
          const bool known = topic.topic_id.is_zero() || plan->former_ids.contains(topic.topic_id);
          if (plan->name == *topic.name && !known) plan->id = topic.topic_id;
        }
      }
    }
    run_.check(run_.metadata.listed(seen, asked));
  }

  env::Task<void> create_another() {
    const std::string name = fmt::format("extra{}", ++created_);
    const auto partitions = static_cast<std::int32_t>(1 + client_.rng().below(3));
    run_.metadata.will_create(name, partitions);
    const bool there = co_await create({.name = name, .partitions = partitions, .configs = {}});
    if (there && run_.healed) run_.admin_alive = true;
  }

 private:
  [[nodiscard]] Instant now() const { return run_.world.now(); }
  env::Task<void> rest() {
    co_await env::sleep_for(client_.env(), milliseconds(20 + client_.rng().below(100)));
  }
  [[nodiscard]] static bool is_refusal(Errc error) {
    // Not invalid_replication_factor: it says that the broker is fenced, as one that stops is.
    return error == Errc::invalid_config || error == Errc::invalid_request ||
           error == Errc::invalid_partitions || error == Errc::invalid_topic_exception;
  }
  [[nodiscard]] std::optional<std::string> pick(std::string_view prefix) {
    std::vector<std::string> names = run_.metadata.present();
    std::erase_if(names, [&](const std::string& name) { return !name.starts_with(prefix); });
    if (names.empty()) return std::nullopt;
    return names[client_.rng().below(names.size())];
  }

  ClusterRun& run_;
  ClusterClient& client_;
  int created_ = 0;
  int changes_ = 0;
};

}  // namespace

env::Task<void> run_admin(ClusterRun& run, ClusterClient& client) {
  Admin admin(run, client);
  for (const auto* plans :
       {&run.coordinators, &run.transactional, &run.fleeting, &run.outputs, &run.topics}) {
    for (const auto& plan : *plans) {
      if (!plan->comes_later) co_await admin.create_planned(*plan);
    }
  }
  while (run.going_on()) {
    if (run.healed) co_await admin.make_the_rest();
    const std::uint64_t draw = client.rng().below(11);
    if (draw < 4) {
      co_await admin.list();
    } else if (draw < 6) {
      co_await admin.create_another();
    } else if (draw < 7) {
      co_await admin.remove_one();
    } else if (draw < 8) {
      co_await admin.configure_one();
    } else if (draw < 9 || !run.fleeting.empty()) {
      co_await admin.make_again();
    } else {
      co_await admin.describe_one();
    }
    if (run.going_on()) {
      co_await env::sleep_for(client.env(), milliseconds(client.rng().below(400)));
    }
  }
  co_await client.close();
}

}  // namespace moldau::harness
