#pragma once
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "broker/topic_partition.h"
#include "env/task.h"

namespace moldau::broker {

// The coordinators of one kind on one shard: a host for each partition of their topic that lives
// here and that this broker leads.
// Context: the shard. Host: a CoordinatorHost.
template <class Host>
class CoordinatorSet {
 public:
  using Answer = typename Host::Answer;
  using Call = typename Host::Call;

  [[nodiscard]] Host* find(const TopicIdPartition& id) {
    const auto at = place_of(id);
    return at == hosts_.end() || (*at)->id() != id ? nullptr : at->get();
  }
  // REQUIRES: there is none of its partition.
  void add(std::unique_ptr<Host> host) { hosts_.insert(place_of(host->id()), std::move(host)); }

  // Completes when the coordinator has ended. No effect when there is none.
  [[nodiscard]] env::Task<void> resign(TopicIdPartition id) {
    if (find(id) == nullptr) co_return;
    const auto at = place_of(id);
    const std::unique_ptr<Host> host = std::move(*at);
    hosts_.erase(at);
    host->stop(Errc::not_coordinator);
    co_await host->join();
  }
  [[nodiscard]] env::Task<void> resign_all() {
    while (!hosts_.empty()) co_await resign(hosts_.back()->id());
  }
  void tell_all(const typename Host::Work& news) {
    for (const auto& host : hosts_) host->tell(news);
  }
  // Who waits for a coordinator is told not_coordinator, so that the node can stop.
  void drain() {
    for (const auto& host : hosts_) host->stop(Errc::not_coordinator);
  }
  [[nodiscard]] bool empty() const { return hosts_.empty(); }
  // Whether all have read their logs.
  [[nodiscard]] bool loaded() const {
    return std::ranges::all_of(hosts_, [](const auto& host) { return host->active(); });
  }

  // Errors: those of CoordinatorHost::ask; not_coordinator when the partition does not lead here.
  [[nodiscard]] env::Task<Result<Answer>> ask(TopicIdPartition id, Call call) {
    Host* const host = find(id);
    if (host == nullptr) co_return fail(Errc::not_coordinator);
    co_return co_await host->ask(std::move(call));
  }
  // One answer of each, in the order of their ids.
  [[nodiscard]] env::Task<std::vector<Result<Answer>>> ask_all(Call call) {
    std::vector<TopicIdPartition> ids;
    ids.reserve(hosts_.size());
    for (const auto& host : hosts_) ids.push_back(host->id());
    std::vector<Result<Answer>> answers;
    // Hosts may come and go while one is asked.
    for (const TopicIdPartition& id : ids) answers.push_back(co_await ask(id, call));
    co_return answers;
  }

 private:
  using Hosts = std::vector<std::unique_ptr<Host>>;
  [[nodiscard]] typename Hosts::iterator place_of(const TopicIdPartition& id) {
    return std::ranges::lower_bound(hosts_, id, {}, [](const auto& host) { return host->id(); });
  }

  Hosts hosts_;  // by id
};

}  // namespace moldau::broker
