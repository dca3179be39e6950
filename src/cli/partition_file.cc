#include "cli/partition_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/joined.h"
#include "env/disk.h"
#include "protocol/java_order.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

using Json = nlohmann::ordered_json;
using client::TopicPartition;

constexpr std::size_t k_file_bytes_max = 64 << 20;

Result<Json> parsed(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    return fail(Errc::invalid_request, "The input string is not a valid JSON");
  }
  return json;
}

std::unexpected<Error> expected(std::string_view what, const Json& received) {
  return fail(Errc::invalid_request, "Expected {}, received {}", what,
              protojson::json_text(received));
}

// The parts of a file, as the classes of Kafka's that decode them name what is wrong.
Result<const Json*> object(const Json& json) {
  if (!json.is_object()) return expected("JSON object", json);
  return &json;
}

Result<const Json*> array(const Json& json) {
  if (!json.is_array()) return expected("JSON array", json);
  return &json;
}

const Json* find(const Json& json, std::string_view name) {
  const auto at = json.find(std::string(name));
  return at == json.end() ? nullptr : &*at;
}

Result<const Json*> field(const Json& json, std::string_view name) {
  const Json* found = find(json, name);
  if (found == nullptr) {
    return fail(Errc::invalid_request, "No such field exists: `{}`", name);
  }
  return found;
}

Result<std::string> text_of_field(const Json& json) {
  if (!json.is_string()) return expected("`String` value", json);
  return json.get<std::string>();
}

bool fits_int(const Json& json) {
  if (!json.is_number_integer()) return false;
  if (json.is_number_unsigned()) return json.get<std::uint64_t>() <= INT32_MAX;
  return json.get<std::int64_t>() >= INT32_MIN;
}

Result<std::int32_t> int_of_field(const Json& json) {
  if (!fits_int(json)) return expected("`Integer` value", json);
  return static_cast<std::int32_t>(json.get<std::int64_t>());
}

Result<std::int64_t> long_of_field(const Json& json) {
  const bool too_large =
      json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t{INT64_MAX};
  if (!json.is_number_integer() || too_large) return expected("`Long` value", json);
  return json.get<std::int64_t>();
}

Result<void> check_version(const Json& json) {
  const Json* version = find(json, "version");
  if (version == nullptr) return {};
  TRY(const std::int32_t number, int_of_field(*version));
  if (number == 1) return {};
  return fail(Errc::invalid_request, "Not supported version field value {}", number);
}

Result<TopicPartition> partition_of(const Json& json) {
  TRY(const Json* const topic, field(json, "topic"));
  TRY(std::string name, text_of_field(*topic));
  TRY(const Json* const partition, field(json, "partition"));
  TRY(const std::int32_t index, int_of_field(*partition));
  return TopicPartition{std::move(name), PartitionIndex{index}};
}

Result<Placement> placement_of(const Json& json) {
  Placement out;
  TRY(out.partition, partition_of(json));
  TRY(const Json* const replicas, field(json, "replicas"));
  if (!replicas->is_array()) return expected("`JSON array` value", *replicas);
  for (const Json& one : *replicas) {
    TRY(const std::int32_t id, int_of_field(one));
    out.replicas.emplace_back(id);
  }
  const Json* const log_dirs = find(json, "log_dirs");
  if (log_dirs == nullptr) {
    out.log_dirs.assign(out.replicas.size(), std::string(k_any_log_dir));
    return out;
  }
  if (!log_dirs->is_array()) return expected("`JSON array` value", *log_dirs);
  for (const Json& one : *log_dirs) {
    TRY(std::string directory, text_of_field(one));
    out.log_dirs.push_back(std::move(directory));
  }
  if (out.replicas.size() != out.log_dirs.size()) {
    return fail(Errc::invalid_request,
                "Size of replicas list [{}] is different from size of log dirs list [{}] for "
                "partition {}",
                joined(out.replicas, ", "), joined(out.log_dirs, ", "), out.partition);
  }
  return out;
}

}  // namespace

env::Task<Result<std::string>> read_text_file(ToolContext& context, std::string path) {
  const Result<SharedBytes> file =
      co_await env::read_file(context.env.disk, path, k_file_bytes_max);
  if (!file) co_return fail(Errc::invalid_request, "Unable to read file {}", path);
  co_return std::string(as_text(file->view()));
}

Result<std::vector<PartitionEnd>> read_offsets_json(std::string_view text) {
  TRY(const Json json, parsed(text));
  TRY_OK(object(json));
  TRY_OK(check_version(json));
  const Json* const partitions = find(json, "partitions");
  if (partitions == nullptr) return fail(Errc::invalid_request, "Missing partitions field");
  TRY_OK(array(*partitions));
  std::vector<PartitionEnd> out;
  for (const Json& one : *partitions) {
    TRY_OK(object(one));
    TRY(TopicPartition partition, partition_of(one));
    TRY(const Json* const offset, field(one, "offset"));
    TRY(const std::int64_t end, long_of_field(*offset));
    out.push_back({std::move(partition), Offset{end}});
  }
  return out;
}

Result<std::vector<TopicPartition>> read_election_json(std::string_view text) {
  const Result<Json> json = parsed(text);
  if (!json) return fail(Errc::invalid_request, "Replica election data is empty");
  TRY_OK(object(*json));
  const Json* const partitions = find(*json, "partitions");
  if (partitions == nullptr) {
    return fail(Errc::invalid_request, "Replica election data is missing \"partitions\" field");
  }
  TRY_OK(array(*partitions));
  std::vector<TopicPartition> out;
  for (const Json& one : *partitions) {
    TRY_OK(object(one));
    TRY(TopicPartition partition, partition_of(one));
    out.push_back(std::move(partition));
  }
  if (const std::vector<TopicPartition> twice = repeated_in(out); !twice.empty()) {
    return fail(Errc::invalid_request, "Replica election data contains duplicate partitions: [{}]",
                joined(twice, ", "));
  }
  return out;
}

Result<std::vector<Placement>> read_reassignment_json(std::string_view text) {
  TRY(const Json json, parsed(text));
  TRY_OK(object(json));
  TRY_OK(check_version(json));
  std::vector<Placement> out;
  const Json* const partitions = find(json, "partitions");
  if (partitions == nullptr) return out;
  TRY_OK(array(*partitions));
  for (const Json& one : *partitions) {
    TRY_OK(object(one));
    TRY(Placement placement, placement_of(one));
    out.push_back(std::move(placement));
  }
  return out;
}

Result<std::vector<std::string>> read_topics_json(std::string_view text) {
  TRY(const Json json, parsed(text));
  TRY_OK(object(json));
  TRY_OK(check_version(json));
  std::vector<std::string> out;
  const Json* const topics = find(json, "topics");
  if (topics == nullptr) return out;
  TRY_OK(array(*topics));
  for (const Json& one : *topics) {
    TRY_OK(object(one));
    TRY(const Json* const topic, field(one, "topic"));
    TRY(std::string name, text_of_field(*topic));
    out.push_back(std::move(name));
  }
  return out;
}

std::vector<TopicPartition> repeated_in(const std::vector<TopicPartition>& all) {
  std::vector<TopicPartition> twice;
  for (const TopicPartition& one : all) {
    if (std::ranges::count(all, one) > 1 && std::ranges::find(twice, one) == twice.end()) {
      twice.push_back(one);
    }
  }
  return in_hash_order(std::move(twice));
}

std::vector<TopicPartition> in_hash_order(std::vector<TopicPartition> all) {
  const auto mask = static_cast<std::uint32_t>(protocol::java_capacity_grown(all.size()) - 1);
  std::vector<std::pair<std::uint32_t, std::size_t>> order;  // bucket, place in `all`
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto topic = static_cast<std::uint32_t>(protocol::java_hash(all[i].topic));
    const std::uint32_t hash =
        (31U + static_cast<std::uint32_t>(all[i].partition.value())) * 31U + topic;
    order.emplace_back((hash ^ (hash >> 16U)) & mask, i);
  }
  std::ranges::sort(order);
  std::vector<TopicPartition> sorted;
  for (const auto& [bucket, i] : order) sorted.push_back(std::move(all[i]));
  return sorted;
}

std::vector<std::string> in_hash_order(std::vector<std::string> all) {
  const std::size_t capacity = protocol::java_capacity_grown(all.size());
  return protocol::in_java_order(std::move(all), capacity);
}

}  // namespace moldau::cli
