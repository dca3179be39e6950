#include "cli/reassignment_proposal.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/java_text.h"
#include "cli/joined.h"
#include "cli/options.h"
#include "controller/placement.h"

namespace moldau::cli {

Result<std::vector<BrokerId>> read_broker_list(std::string_view text) {
  std::vector<BrokerId> ids;
  std::vector<BrokerId> twice;
  for (const std::string_view one : split_at(text, ',')) {
    TRY(const std::int32_t id, read_java_int(one));
    auto& into = std::ranges::find(ids, BrokerId{id}) == ids.end() ? ids : twice;
    if (std::ranges::find(into, BrokerId{id}) == into.end()) into.emplace_back(id);
  }
  if (twice.empty()) return ids;
  std::ranges::sort(twice);
  return fail(Errc::invalid_request, "Broker list contains duplicate entries: [{}]",
              joined(twice, ", "));
}

Result<std::vector<std::string>> read_topics_to_move(std::string_view text) {
  TRY(std::vector<std::string> topics, read_topics_json(text));
  std::vector<std::string> twice;
  for (const std::string& topic : topics) {
    if (std::ranges::count(topics, topic) > 1 && std::ranges::find(twice, topic) == twice.end()) {
      twice.push_back(topic);
    }
  }
  if (twice.empty()) return topics;
  return fail(Errc::invalid_request, "List of topics to reassign contains duplicate entries: [{}]",
              joined(in_hash_order(std::move(twice)), ", "));
}

Result<Assignments> proposal_of(const Assignments& current, const std::vector<KnownBroker>& known,
                                const std::vector<BrokerId>& allowed, bool racks, Rng& rng) {
  std::vector<controller::UsableBroker> usable;
  std::size_t rackless = 0;
  for (const KnownBroker& broker : known) {
    if (std::ranges::find(allowed, broker.id) == allowed.end()) continue;
    usable.push_back({.id = broker.id, .rack = racks ? broker.rack : std::nullopt});
    if (!usable.back().rack) ++rackless;
  }
  if (racks && rackless != 0 && rackless != usable.size()) {
    return fail(Errc::invalid_request,
                "Not all brokers have rack information. Add --disable-rack-aware in command "
                "line to make replica assignment without rack information.");
  }
  std::map<std::string, std::vector<Replicas>> topics;
  for (const auto& [partition, replicas] : current) topics[partition.topic].push_back(replicas);
  Assignments out;
  for (const auto& [topic, partitions] : topics) {
    TRY(const std::vector<Replicas> placed,
        controller::place_replicas(usable, static_cast<int>(partitions.size()),
                                   static_cast<int>(partitions.front().size()), rng));
    for (std::size_t i = 0; i < placed.size(); ++i) {
      out[{topic, PartitionIndex{static_cast<std::int32_t>(i)}}] = placed[i];
    }
  }
  return out;
}

}  // namespace moldau::cli
