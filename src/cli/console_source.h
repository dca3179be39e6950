#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/name_pattern.h"
#include "cli/session.h"
#include "cli/tool.h"
#include "client/consumer.h"

namespace moldau::cli {

// Where the console consumer gets its records: a topic or those that match a pattern, in a group;
// or one partition, alone.
// Context: one shard; cluster and console outlive it. Await close() before it goes.
class ConsoleSource {
 public:
  struct Wanted {
    client::ConsumerSettings settings;
    std::optional<std::string> topic;
    std::optional<NamePattern> include;
    std::optional<PartitionIndex> partition;
    std::int64_t start = 0;  // of the partition: an offset, or an OffsetSpec
  };
  ConsoleSource(client::Cluster& cluster, Wanted wanted, const Console& console);

  // Records that came until `end`, or none. Errors: those that end the tool.
  [[nodiscard]] env::Task<Result<std::vector<client::PartitionRecords>>> poll(Instant end);
  // Records that were polled and not shown, from `offset` on, are not committed.
  void give_back(const client::TopicPartition& partition, Offset offset);
  [[nodiscard]] env::Task<void> close();

 private:
  [[nodiscard]] env::Task<Result<void>> begin();
  [[nodiscard]] env::Task<Result<void>> begin_partition();
  client::Cluster& cluster_;
  const Console& console_;
  Wanted wanted_;
  std::unique_ptr<client::Consumer> consumer_;
  bool has_begun_ = false;
};

}  // namespace moldau::cli
