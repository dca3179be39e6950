#include "node/controller_host.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "node/controller_answers.h"
#include "node/raft_answers.h"

namespace moldau::node {

ControllerHost::ControllerHost(Parts parts, controller::Settings settings)
    : parts_(std::move(parts)),
      controller_(std::move(settings), parts_.rules),
      rng_(parts_.env.entropy.next()),
      tasks_(parts_.env.scheduler),
      clock_bell_(parts_.env.scheduler) {}

ControllerHost::~ControllerHost() = default;

void ControllerHost::start(RaftDriver& driver) {
  driver_ = &driver;
  tasks_.spawn(run_clock());
}

void ControllerHost::close() {
  stopping_ = true;
  lost();
  clock_bell_.ring();
  for (env::Signal* waiter : waiting_for_active_) waiter->ring();
}

env::Task<void> ControllerHost::stop() {
  close();
  co_await tasks_.join();
  if (clock_timer_) parts_.env.timers.cancel(*clock_timer_);
}

void ControllerHost::load(std::shared_ptr<const metadata::Image> image) {
  controller_.load(std::move(image));
}

Result<void> ControllerHost::committed(std::span<const metadata::MetadataRecord> records,
                                       Offset base, Offset end) {
  if (controller_.is_active()) return {};
  return controller_.replay(records, base, end, parts_.env.clock.now());
}

void ControllerHost::high_watermark(Offset end) {
  committed_ = end;
  controller_.commit(end);
  while (!held_.empty() && held_.front().end <= end) {
    held_.front().done->complete(Errc::none);
    held_.pop_front();
  }
}

Result<void> ControllerHost::gained(const raft::LeadershipGained& gained) {
  epoch_ = gained.epoch;
  TRY(controller::Decision<std::monostate> first, controller_.activate(parts_.env.clock.now()));
  if (!first.records.empty()) {
    TRY_OK(append(first.records, first.atomic));
  }
  parts_.log.info("this node is the active controller since leader epoch {}", gained.epoch);
  for (env::Signal* waiter : waiting_for_active_) waiter->ring();
  clock_bell_.ring();
  return {};
}

void ControllerHost::lost() {
  if (controller_.is_active()) controller_.resign();
  epoch_ = k_no_leader_epoch;
  for (const Held& held : held_) held.done->complete(Errc::not_controller);
  held_.clear();
}

controller::Call ControllerHost::call(const broker::ControllerRequest& request) {
  const auto kraft_version = static_cast<std::int16_t>(driver_->machine().kraft_version());
  return {.version = request.version,
          .now = parts_.env.clock.now(),
          .next_offset = driver_->machine().next_offset(),
          .kraft_version = {kraft_version},
          .rng = rng_,
          .authorizer = parts_.authorizer,
          .principal = request.principal,
          .host = request.client_host,
          .forwarded = request.forwarded};
}

Result<Offset> ControllerHost::append(const std::vector<metadata::MetadataRecord>& records,
                                      bool atomic) {
  if (records.empty()) return driver_->machine().next_offset();
  std::vector<std::vector<std::byte>> values;
  values.reserve(records.size());
  for (const metadata::MetadataRecord& record : records) {
    values.push_back(metadata::encode_record(record));
  }
  TRY(const raft::Accepted accepted, driver_->propose(epoch_, std::move(values), atomic));
  Result<void> replayed = controller_.replay(records, accepted.base_offset, accepted.end_offset,
                                             parts_.env.clock.now());
  if (!replayed) {
    parts_.failed(replayed.error());
    return fail(Errc::not_controller);
  }
  clock_bell_.ring();
  return accepted.end_offset;
}

env::Task<Errc> ControllerHost::wait_until_committed(Offset end) {
  if (end <= committed_) co_return Errc::none;
  env::Completion<Errc> done(parts_.env.scheduler);
  const auto place = std::ranges::upper_bound(held_, end, {}, &Held::end);
  held_.insert(place, Held{end, &done});
  co_return co_await done;
}

env::Task<void> ControllerHost::wait_until_shown(Offset end) {
  if (parts_.shown) co_await parts_.shown(end);
}

env::Task<void> ControllerHost::run_clock() {
  while (!stopping_) {
    co_await clock_bell_;
    if (stopping_ || !controller_.is_active()) continue;
    const std::optional<Instant> wake = controller_.wake_at();
    const Instant now = parts_.env.clock.now();
    if (wake && *wake <= now) {
      const controller::Decision<std::monostate> due = controller_.tick(now);
      Result<Offset> appended = append(due.records, due.atomic);
      if (!appended && appended.error().code() != Errc::not_controller) {
        parts_.failed(appended.error());
        co_return;
      }
    }
    arm_clock();
  }
}

void ControllerHost::arm_clock() {
  if (clock_timer_) parts_.env.timers.cancel(*clock_timer_);
  clock_timer_.reset();
  const std::optional<Instant> wake = controller_.wake_at();
  if (!wake) return;
  clock_timer_ = parts_.env.timers.arm(*wake, [this] {
    clock_timer_.reset();
    clock_bell_.ring();
  });
}

env::Task<bool> ControllerHost::wait_until_active(Milliseconds patience) {
  if (stopping_) co_return false;
  if (controller_.is_active()) co_return true;
  env::Signal bell(parts_.env.scheduler);
  const Instant deadline = parts_.env.clock.now() + std::min(patience, k_patience);
  const env::Timers::TimerId timer = parts_.env.timers.arm(deadline, [&bell] { bell.ring(); });
  waiting_for_active_.push_back(&bell);
  while (!controller_.is_active() && !stopping_ && parts_.env.clock.now() < deadline) {
    co_await bell;
  }
  std::erase(waiting_for_active_, &bell);
  parts_.env.timers.cancel(timer);
  co_return controller_.is_active() && !stopping_;
}

env::Task<Result<SharedBytes>> ControllerHost::answer(broker::ControllerRequest request) {
  if (is_quorum_api(request.api)) {
    if (!parts_.authorizer.allows(request.principal, request.client_host,
                                  quorum_operation(request.api), security::ResourceType::cluster,
                                  security::k_cluster_name)) {
      co_return raft_refusal(request.api, request.version, request.body,
                             Errc::cluster_authorization_failed);
    }
    co_return co_await driver_->answer(request.api, request.version, std::move(request.listener),
                                       std::move(request.body));
  }
  if (stopping_) co_return fail(Errc::not_controller);
  co_return co_await answer_as_controller(*this, std::move(request));
}

}  // namespace moldau::node
