#include "protocol/api/describe_log_dirs.h"

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "broker/handlers/handlers.h"
#include "metadata/features.h"

namespace moldau::broker {
namespace {

using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;
using Directory = DescribeLogDirsResponse::DescribeLogDirsResult;

// What a shard knows of one log.
struct LogFacts {
  std::string directory;  // as log.dirs has it
  std::string topic;
  PartitionIndex partition;
  std::int64_t size = 0;
  std::int64_t lag = 0;

  friend auto operator<=>(const LogFacts&, const LogFacts&) = default;
};

env::Task<std::vector<LogFacts>> logs_here(Shard& shard) {
  std::vector<LogFacts> found;
  for (const std::shared_ptr<Partition>& partition : shard.partitions.all()) {
    const log::PartitionLog& log = partition->log();
    found.push_back(
        {.directory = env::parent_path(log.path()),
         .topic = log.topic(),
         .partition = log.partition(),
         .size = static_cast<std::int64_t>(log.size()),
         .lag = std::max<std::int64_t>(partition->high_watermark() - log.log_end_offset(), 0)});
  }
  co_return found;
}

// Sorted.
env::Task<std::vector<LogFacts>> all_logs(RequestContext& context) {
  std::vector<LogFacts> all;
  for (Shard* const shard : context.shard.facts.shards) {
    auto some = co_await env::call_on<std::vector<LogFacts>>(context.env(), shard->port,
                                                             [shard] { return logs_here(*shard); });
    std::ranges::move(some, std::back_inserter(all));
  }
  std::ranges::sort(all);
  co_return all;
}

// nullopt: all are asked for.
using Asked = std::optional<absl::flat_hash_set<std::pair<std::string, PartitionIndex>>>;

Asked asked_of(const DescribeLogDirsRequest& request) {
  if (!request.topics) return std::nullopt;
  Asked asked(std::in_place);
  for (const auto& topic : *request.topics) {
    for (const PartitionIndex partition : topic.partitions) asked->emplace(topic.topic, partition);
  }
  return asked;
}

bool is_cordoned(const RequestContext& context, const std::string& directory) {
  const auto& level = context.image().features.metadata_version;
  if (!level || !metadata::MetadataVersion{*level}.cordoned_log_dirs()) return false;
  const std::vector<std::string>& cordoned = context.view->node->log.cordoned_directories;
  return std::ranges::any_of(
      cordoned, [&](const std::string& one) { return one == "*" || one == directory; });
}

std::int64_t as_int64(std::uint64_t bytes) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(bytes, INT64_MAX));
}

void add_logs(const std::vector<LogFacts>& logs, const std::string& directory, const Asked& asked,
              Directory& out) {
  for (const LogFacts& log : logs) {
    if (log.directory != directory) continue;
    if (asked && !asked->contains(std::pair{log.topic, log.partition})) continue;
    if (out.topics.empty() || out.topics.back().name != log.topic) {
      out.topics.emplace_back().name = log.topic;
    }
    out.topics.back().partitions.push_back({.partition_index = log.partition,
                                            .partition_size = log.size,
                                            .offset_lag = log.lag,
                                            .is_future_key = false});
  }
}

}  // namespace

Answer<DescribeLogDirsResponse> describe_log_dirs(RequestContext& context,
                                                  DescribeLogDirsRequest request) {
  DescribeLogDirsResponse response;
  if (!context.allows_on_cluster(security::Operation::describe)) {
    response.error_code = Errc::cluster_authorization_failed;
    co_return response;
  }
  const Asked asked = asked_of(request);
  const std::vector<LogFacts> logs = co_await all_logs(context);
  const std::vector<std::string> directories = context.shard.facts.config->log.directories;
  for (auto at = directories.begin(); at != directories.end(); ++at) {
    if (std::find(directories.begin(), at, *at) != at) continue;
    Directory& out = response.results.emplace_back();
    const Result<env::DiskSpace> space = co_await context.env().disk.space_of(*at);
    if (!space) {
      out.log_dir = *at;
      out.error_code = Errc::kafka_storage_error;
      continue;
    }
    out.log_dir = space->directory;
    out.total_bytes = as_int64(space->total_bytes);
    out.usable_bytes = as_int64(space->usable_bytes);
    out.is_cordoned = is_cordoned(context, *at);
    add_logs(logs, *at, asked, out);
  }
  co_return response;
}

}  // namespace moldau::broker
