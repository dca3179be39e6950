#include "cli/console_source.h"

#include <algorithm>
#include <utility>

namespace moldau::cli {

ConsoleSource::ConsoleSource(client::Cluster& cluster, Wanted wanted, const Console& console)
    : cluster_(cluster), console_(console), wanted_(std::move(wanted)) {}

env::Task<Result<void>> ConsoleSource::begin_partition() {
  const client::TopicPartition partition{wanted_.topic.value_or(""), *wanted_.partition};
  Offset at{wanted_.start};
  if (wanted_.start < 0) {
    CO_TRY(const client::FoundOffset found,
           co_await client::find_offset(cluster_, partition,
                                        static_cast<client::OffsetSpec>(wanted_.start),
                                        wanted_.settings.reader.isolation));
    at = found.offset;
  }
  consumer_->assign({partition});
  consumer_->seek(partition, at);
  co_return Result<void>{};
}

env::Task<Result<void>> ConsoleSource::begin() {
  client::ConsumerSettings settings = wanted_.settings;
  if (wanted_.partition) settings.group.reset();
  CO_TRY(consumer_, client::Consumer::make(cluster_, std::move(settings)));
  if (wanted_.partition) co_return co_await begin_partition();
  if (wanted_.include) {
    consumer_->subscribe_matching(
        [pattern = *wanted_.include](std::string_view name) { return pattern.matches(name); });
  } else {
    consumer_->subscribe({wanted_.topic.value_or("")});
  }
  co_return Result<void>{};
}

env::Task<Result<std::vector<client::PartitionRecords>>> ConsoleSource::poll(Instant end) {
  constexpr Milliseconds k_poll{100};  // a person who asks for the end waits so long
  env::Env& env = cluster_.env();
  if (!std::exchange(has_begun_, true)) CO_TRY_OK(co_await begin());
  while (env.clock.now() < end && !console_.interrupted()) {
    const auto left = std::chrono::ceil<Milliseconds>(end - env.clock.now());
    CO_TRY(auto records, co_await consumer_->poll(std::min(left, k_poll)));
    if (!records.empty()) co_return records;
  }
  co_return std::vector<client::PartitionRecords>{};
}

void ConsoleSource::give_back(const client::TopicPartition& partition, Offset offset) {
  if (offset < consumer_->position(partition)) consumer_->seek(partition, offset);
}

env::Task<void> ConsoleSource::close() {
  if (consumer_) co_await consumer_->close();
}

}  // namespace moldau::cli
