#include "broker/fetch_wait.h"

#include "broker/shard.h"

namespace moldau::broker {

void FetchBell::ring(env::Env& here, const std::shared_ptr<FetchBell>& bell) {
  if (here.mailbox.self() == bell->home_) {
    bell->signal_.ring();
  } else {
    here.mailbox.reply(bell->home_, [bell] { bell->signal_.ring(); });
  }
}

FetchWatch::~FetchWatch() {
  for (auto& [partition, id] : watched_) partition->forget(id);
}

bool FetchWatch::watch(std::shared_ptr<Partition> partition, replica::Visible visible,
                       Offset beyond) {
  replica::Leader* const leader = partition->leader();
  if (leader == nullptr || leader->end_of(visible) > beyond) return false;
  const replica::WaiterId id = partition->await_data(*this, visible, beyond);
  watched_.emplace_back(std::move(partition), id);
  return true;
}

void FetchWatch::released(replica::WaiterId /*id*/, Errc /*error*/) {
  FetchBell::ring(here_, bell_);
}

env::Task<std::vector<WatchAnswer>> watch_here(Shard& shard, WatchCommon common,
                                               std::vector<WatchAsk> asks) {
  std::vector<WatchAnswer> answers(asks.size());
  auto watch = std::make_unique<FetchWatch>(shard.env, common.bell);
  bool all_watched = true;
  for (std::size_t i = 0; i < asks.size(); ++i) {
    std::shared_ptr<Partition> partition = shard.partitions.find(asks[i].id);
    answers[i].ready =
        partition == nullptr || !watch->watch(std::move(partition), common.visible, asks[i].beyond);
    all_watched = all_watched && !answers[i].ready;
  }
  if (all_watched) shard.fetch_watches.insert_or_assign(common.wait, std::move(watch));
  co_return answers;
}

void unwatch(Shard& home, FetchWaitId wait, const std::vector<WatchAsk>& asks) {
  std::vector<bool> told(home.facts.shards.size(), false);
  for (const WatchAsk& ask : asks) {
    const ShardId owner = owner_of(ask.id, home.facts.shard_count());
    const auto place = static_cast<std::size_t>(owner.value());
    if (told[place]) continue;
    told[place] = true;
    Shard* const there = home.facts.shards[place];
    if (there == &home) {
      home.fetch_watches.erase(wait);
    } else {
      home.env.mailbox.reply(owner, [there, wait] { there->fetch_watches.erase(wait); });
    }
  }
}

}  // namespace moldau::broker
