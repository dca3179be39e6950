#include "node/broker_lifecycle.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "protocol/api/broker_heartbeat.h"
#include "protocol/api/broker_registration.h"
#include "protocol/api_table.h"

namespace moldau::node {
namespace {

constexpr Milliseconds k_retry_backoff{100};

bool may_pass(Errc error) {
  return facts(error).retry != Retry::no || error == Errc::duplicate_broker_registration ||
         error == Errc::not_controller || error == Errc::timed_out;
}

ApiVersion latest(protocol::ApiKey api) { return protocol::facts(api).on_controller.last; }

}  // namespace

BrokerLifecycle::BrokerLifecycle(env::Env& env, broker::ControllerClient& controller,
                                 Settings settings, std::function<Offset()> applied,
                                 telemetry::Logger log)
    : env_(env),
      controller_(controller),
      settings_(std::move(settings)),
      applied_(std::move(applied)),
      log_(log.named("node.BrokerLifecycle")),
      tasks_(env.scheduler),
      bell_(env.scheduler),
      unfenced_bell_(env.scheduler) {}

BrokerLifecycle::~BrokerLifecycle() = default;

env::Task<Result<void>> BrokerLifecycle::register_once() {
  protocol::BrokerRegistrationRequest request;
  request.broker_id = settings_.id;
  request.cluster_id = settings_.cluster_id;
  request.incarnation_id = settings_.incarnation_id;
  for (const config::Endpoint& endpoint : settings_.endpoints) {
    auto& listener = request.listeners.emplace_back();
    listener.name = endpoint.listener;
    listener.host = endpoint.host;
    listener.port = endpoint.port;
    listener.security_protocol = static_cast<std::int16_t>(endpoint.protocol);
  }
  for (const auto& [name, range] : settings_.features) {
    auto& feature = request.features.emplace_back();
    feature.name = name;
    feature.min_supported_version = range.min.value;
    feature.max_supported_version = range.max.value;
  }
  request.rack = settings_.rack;
  request.log_dirs = settings_.log_dirs;
  request.previous_broker_epoch = settings_.previous_epoch.value_or(BrokerEpoch{-1});
  CO_TRY(const protocol::BrokerRegistrationResponse response,
         co_await (broker::ask_controller<protocol::BrokerRegistrationRequest,
                                          protocol::BrokerRegistrationResponse>(
             controller_, std::move(request), latest(protocol::ApiKey::broker_registration))));
  if (response.error_code != Errc::none) co_return fail(response.error_code);
  epoch_ = response.broker_epoch;
  log_.info("registered as broker {} with broker epoch {}", settings_.id, *epoch_);
  co_return Result<void>{};
}

env::Task<Result<void>> BrokerLifecycle::join_cluster() {
  joining_ = true;
  Result<void> joined = co_await register_until_accepted();
  if (joined && settings_.before_unfencing) joined = co_await settings_.before_unfencing(*epoch_);
  if (joined && leaving_) joined = fail(Errc::cancelled);
  if (joined) {
    tasks_.spawn(run());
    while (fenced_ && !leaving_) co_await unfenced_bell_;
    if (fenced_) joined = fail(Errc::cancelled);
  }
  joining_ = false;
  co_return joined;
}

env::Task<Result<void>> BrokerLifecycle::register_until_accepted() {
  const Instant deadline = env_.clock.now() + settings_.registration_timeout;
  std::optional<Errc> told;  // each reason once: it is tried ten times a second
  while (true) {
    Result<void> registered = co_await register_once();
    if (leaving_) co_return fail(Errc::cancelled);
    if (registered) co_return registered;
    const Errc error = registered.error().code();
    if (!may_pass(error) || env_.clock.now() >= deadline) co_return registered;
    if (error == Errc::duplicate_broker_registration && told != error) {
      // After a kill, as long as another node is the controller.
      log_.info("waiting until the session of the last run of broker {} is over", settings_.id);
    } else if (told != error) {
      log_.warn("not registered yet: {}", registered.error().describe());
    }
    told = error;
    co_await pause(k_retry_backoff);
    if (leaving_) co_return fail(Errc::cancelled);
  }
}

void BrokerLifecycle::stop_joining() {
  if (!joining_) return;
  leaving_ = true;
  bell_.ring();
  unfenced_bell_.ring();
}

void BrokerLifecycle::metadata_advanced() {
  if (fenced_ || leaving_ || cordoned() != told_cordoned_) bell_.ring();
}

std::optional<std::vector<Uuid>> BrokerLifecycle::cordoned() const {
  return settings_.cordoned_log_dirs ? settings_.cordoned_log_dirs() : std::nullopt;
}

env::Task<void> BrokerLifecycle::pause(Milliseconds time) {
  const env::Timers::TimerId timer =
      env_.timers.arm(env_.clock.now() + time, [this] { bell_.ring(); });
  co_await bell_;
  env_.timers.cancel(timer);
}

env::Task<Result<bool>> BrokerLifecycle::heartbeat(bool want_shut_down) {
  protocol::BrokerHeartbeatRequest request;
  request.broker_id = settings_.id;
  request.broker_epoch = *epoch_;
  request.current_metadata_offset = applied_() - 1;
  request.want_fence = false;
  request.want_shut_down = want_shut_down;
  told_cordoned_ = cordoned();
  request.cordoned_log_dirs = told_cordoned_;
  CO_TRY(const protocol::BrokerHeartbeatResponse response,
         co_await (broker::ask_controller<protocol::BrokerHeartbeatRequest,
                                          protocol::BrokerHeartbeatResponse>(
             controller_, std::move(request), latest(protocol::ApiKey::broker_heartbeat))));
  if (response.error_code != Errc::none) co_return fail(response.error_code);
  if (fenced_ && !response.is_fenced) {
    fenced_ = false;
    unfenced_bell_.ring();
    log_.info("broker {} is unfenced", settings_.id);
  } else if (!fenced_ && response.is_fenced && !want_shut_down) {
    log_.warn("broker {} was fenced", settings_.id);
    fenced_ = true;
  }
  co_return response.should_shut_down;
}

env::Task<void> BrokerLifecycle::run() {
  while (!gone_) {
    const Result<bool> let_go = co_await heartbeat(leaving_);
    if (!let_go && let_go.error().code() == Errc::stale_broker_epoch) {
      // Somebody unregistered this broker: it keeps running outside the cluster, as Kafka's does.
      log_.warn("the controller does not know broker epoch {} any more", *epoch_);
      if (leaving_) break;
    } else if (!let_go && let_go.error().code() == Errc::cancelled) {
      break;
    } else if (!let_go) {
      log_.warn("heartbeat failed: {}", let_go.error().describe());
    }
    if (leaving_ && let_go && *let_go) break;
    if (gone_) break;
    co_await pause(leaving_ || fenced_ ? std::min(k_retry_backoff, settings_.heartbeat_interval)
                                       : settings_.heartbeat_interval);
  }
  gone_ = true;
  unfenced_bell_.ring();
}

env::Task<void> BrokerLifecycle::leave_cluster(Milliseconds patience) {
  leaving_ = true;
  bell_.ring();
  const env::Timers::TimerId timer = env_.timers.arm(env_.clock.now() + patience, [this] {
    gone_ = true;
    bell_.ring();
  });
  co_await tasks_.join();
  env_.timers.cancel(timer);
}

env::Task<void> BrokerLifecycle::drop_out() {
  gone_ = true;
  bell_.ring();
  co_await tasks_.join();
}

}  // namespace moldau::node
