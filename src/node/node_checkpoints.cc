#include <algorithm>
#include <iterator>
#include <utility>

#include "env/call_on.h"
#include "node/node_state.h"

// What the checkpoint files of the log directories say, while the node runs and when it ends.
namespace moldau::node {

env::Task<std::vector<ReplicaCheckpoint>> Node::State::gather_checkpoints() {
  std::vector<ReplicaCheckpoint> all;
  for (const auto& one : hosts) {
    ReplicaHost* const host = &one->replicas();
    std::vector<ReplicaCheckpoint> some = co_await env::call_on<std::vector<ReplicaCheckpoint>>(
        env(), one->shard().port, [host] { return host->checkpoints(); });
    all.insert(all.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  }
  co_return all;
}

env::Task<void> Node::State::run_checkpoints() {
  const Milliseconds interval = settings.config.replication.high_watermark_checkpoint_interval;
  const Milliseconds expiry_interval = settings.config.log.producer_id_expiration_check_interval;
  Instant next_checkpoint = env().clock.now() + interval;
  Instant next_expiry = env().clock.now() + expiry_interval;
  while (!stop_asked) {
    const env::Timers::TimerId timer = env().timers.arm(std::min(next_checkpoint, next_expiry),
                                                        [this] { checkpoint_bell.ring(); });
    co_await checkpoint_bell;
    env().timers.cancel(timer);
    if (stop_asked) co_return;
    if (env().clock.now() >= next_expiry) {
      next_expiry = env().clock.now() + expiry_interval;
      co_await expire_producers();
    }
    if (env().clock.now() < next_checkpoint) continue;
    next_checkpoint = env().clock.now() + interval;
    Result<void> done = co_await write_checkpoints(WhenSame::skip);
    if (!done) {
      fail_with(done.error());
      co_return;
    }
  }
}

// One at a time: what was gathered first must not be written last.
env::Task<Result<void>> Node::State::write_checkpoints(WhenSame when_same) {
  const env::Turns::Turn turn = co_await checkpoint_turns.next();
  std::vector<ReplicaCheckpoint> now = co_await gather_checkpoints();
  const Offset metadata = driver ? driver->recovery_point() : Offset{0};
  const bool same = now == checkpointed && metadata == metadata_checkpointed;
  if (same && when_same == WhenSame::skip) co_return Result<void>{};
  if (driver) directories->note_metadata_log(settings.config.metadata_log.directory, metadata);
  CO_TRY_OK(co_await directories->write_checkpoints(now));
  checkpointed = std::move(now);
  metadata_checkpointed = metadata;
  co_return Result<void>{};
}

env::Task<void> Node::State::forget_in_checkpoints() {
  Result<void> done = co_await write_checkpoints(WhenSame::write);
  if (!done) fail_with(done.error());
}

env::Task<void> Node::State::expire_producers() {
  for (const auto& one : hosts) {
    ReplicaHost* const host = &one->replicas();
    (void)co_await env::call_on<bool>(env(), one->shard().port,
                                      [host] { return host->expire_producers(); });
  }
}

env::Task<Result<void>> Node::State::close_replicas() {
  std::optional<Error> first;
  for (const auto& one : hosts) {
    ReplicaHost* const host = &one->replicas();
    std::vector<ReplicaFailure> failures = co_await env::call_on<std::vector<ReplicaFailure>>(
        env(), one->shard().port, [host] { return host->close_all(); });
    if (!failures.empty() && !first) first = std::move(failures.front().error);
  }
  if (first) co_return fail(*std::move(first));
  co_return co_await write_checkpoints(WhenSame::write);
}

}  // namespace moldau::node
