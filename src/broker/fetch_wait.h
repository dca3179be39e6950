#pragma once
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "broker/partition.h"
#include "broker/topic_partition.h"
#include "env/completion.h"
#include "env/env.h"

namespace moldau::broker {

struct Shard;

// The bell of one long poll: any shard that owns one of its partitions rings it.
// Context: rung through ring(), from any shard; waited for on its home shard.
class FetchBell {
 public:
  explicit FetchBell(env::Env& home) : home_(home.mailbox.self()), signal_(home.scheduler) {}
  [[nodiscard]] ShardId home() const { return home_; }
  // On the home shard.
  [[nodiscard]] env::Signal& signal() { return signal_; }
  static void ring(env::Env& here, const std::shared_ptr<FetchBell>& bell);

 private:
  ShardId home_;
  env::Signal signal_;
};

// Names one long poll on all shards.
struct FetchWaitId {
  ShardId home;
  std::uint64_t number = 0;
  friend bool operator==(const FetchWaitId&, const FetchWaitId&) = default;
  template <class H>
  friend H AbslHashValue(H state, const FetchWaitId& id) {
    return H::combine(std::move(state), id.home, id.number);
  }
};

// The part of one long poll on one shard: it rings at the first of its partitions that has more to
// read, or that is no longer led here.
// Context: the shard of the partitions, which keeps it in Shard::fetch_watches until unwatch().
class FetchWatch final : public Waiter {
 public:
  FetchWatch(env::Env& here, std::shared_ptr<FetchBell> bell)
      : here_(here), bell_(std::move(bell)) {}
  ~FetchWatch() override;

  // False, and nothing watched, when there is more to read already.
  [[nodiscard]] bool watch(std::shared_ptr<Partition> partition, replica::Visible visible,
                           Offset beyond);
  void released(replica::WaiterId id, Errc error) override;

 private:
  env::Env& here_;
  std::shared_ptr<FetchBell> bell_;
  std::vector<std::pair<std::shared_ptr<Partition>, replica::WaiterId>> watched_;
};

struct WatchAsk {
  TopicIdPartition id;
  Offset beyond;
};
struct WatchCommon {
  FetchWaitId wait;
  std::shared_ptr<FetchBell> bell;
  replica::Visible visible = replica::Visible::high_watermark;
};
struct WatchAnswer {
  bool ready = false;  // there is more to read than when it was read
};
// For ask_owners(): watches the partitions of this shard for one long poll.
[[nodiscard]] env::Task<std::vector<WatchAnswer>> watch_here(Shard& shard, WatchCommon common,
                                                             std::vector<WatchAsk> asks);
// Ends the watches of a long poll on every shard that has some of `asks`.
void unwatch(Shard& home, FetchWaitId wait, const std::vector<WatchAsk>& asks);

}  // namespace moldau::broker
