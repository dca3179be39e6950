#include "harness/log_scenario.h"

#include <fmt/format.h>

#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "harness/log_life.h"
#include "harness/planted_bugs.h"
#include "sim/world.h"

namespace moldau::harness {

namespace {

using std::chrono::milliseconds;

class LogRun {
 public:
  explicit LogRun(const RunOptions& options);
  RunResult run();

 private:
  void live_once(bool healthy);
  void hurt_the_disk();
  void work_for_a_while(bool healthy);
  Ending die();
  void close_within(std::uint64_t events);
  [[nodiscard]] bool over() const {
    return verdict_.failed() || world_.events() >= options_.events_max;
  }

  RunOptions options_;
  sim::World world_;
  Rng rng_;
  Verdict verdict_;
  sim::Host& host_;
  std::vector<std::unique_ptr<LogSubject>> subjects_;
  std::unique_ptr<LogLife> life_;
  std::unique_ptr<sim::DiskFilter> bug_;
};

std::shared_ptr<const log::LogConfig> draw_config(Rng& rng) {
  auto config = std::make_shared<log::LogConfig>();
  config->segment_bytes = static_cast<std::int32_t>(1500 + rng.below(8000));
  config->index_interval_bytes = static_cast<std::int32_t>(100 + rng.below(1000));
  config->index_bytes_max = 4096;
  const std::uint64_t draw = rng.below(4);
  if (draw < 2) config->flush_messages = 1;
  if (draw == 2) config->flush_messages = static_cast<std::int64_t>(2 + rng.below(20));
  return config;
}

// Some disks sync slowly: then much is written, rolled and checkpointed that is not synced yet.
sim::DiskTiming draw_timing(Rng& rng) {
  sim::DiskTiming timing;
  if (rng.one_in(2)) timing.sync_max = milliseconds(20 + rng.below(200));
  return timing;
}

LogRun::LogRun(const RunOptions& options)
    : options_(options),
      world_(options.seed),
      rng_(world_.rng().fork()),
      verdict_(options.trace),
      host_(world_.add_host({.name = "node", .disk = draw_timing(rng_)})) {
  const std::uint64_t count = 1 + rng_.below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    auto subject = std::make_unique<LogSubject>();
    subject->topic = fmt::format("topic{}", i);
    subject->topic_id = Uuid(1, i + 1);
    subject->config = draw_config(rng_);
    subject->producer = ProducerId(static_cast<std::int64_t>(1000 * (i + 1)));
    subjects_.push_back(std::move(subject));
  }
  world_.set_after_event([this] {
    if (life_) life_->check();
  });
  if (const PlantedBug* bug = find_planted_bug(options.planted_bug)) {
    if (bug->plant != nullptr) bug_ = bug->plant();
    host_.volume().set_filter(bug_.get());
  }
}

RunResult LogRun::run() {
  const std::uint64_t lives = 3 + rng_.below(5);
  for (std::uint64_t life = 0; life < lives && !over(); ++life) live_once(false);
  // The disk is well: everything must open, work, and close.
  if (!over()) live_once(true);
  return {.passed = !verdict_.failed(),
          .failure = verdict_.text(),
          .events = world_.events(),
          .hash = world_.hash().value()};
}

void LogRun::hurt_the_disk() {
  sim::FaultPlan& faults = host_.volume().faults();
  faults.clear();
  host_.volume().set_capacity(0);
  if (rng_.one_in(4)) faults.set_stall_one_in(1 + rng_.below(20), milliseconds(50));
  if (rng_.one_in(6)) faults.set_failure_one_in(100 + rng_.below(400));
  if (rng_.one_in(6)) {
    faults.add({.op = sim::DiskOp::sync, .path_part = "", .skip = rng_.below(60)});
  }
  if (rng_.one_in(3)) {
    // Only segments wait: what vouches for them must not be quicker.
    faults.add({.op = sim::DiskOp::sync,
                .path_part = ".log",
                .skip = rng_.below(10),
                .times = 1 + rng_.below(8),
                .fault = sim::DiskFault::none,
                .stall = milliseconds(100 + rng_.below(2000))});
  }
  if (rng_.one_in(10)) host_.volume().set_capacity(host_.volume().used() + rng_.below(20'000));
}

void LogRun::live_once(bool healthy) {
  sim::Boot& boot = host_.boot();
  if (healthy) {
    host_.volume().faults().clear();
    host_.volume().set_capacity(0);
  } else {
    hurt_the_disk();
  }
  life_ = std::make_unique<LogLife>(boot.env(0), host_.volume(), subjects_, verdict_, rng_.next());
  life_->start();
  work_for_a_while(healthy);
  const Ending how = die();
  for (const auto& subject : subjects_) subject->model.ended(how);
  life_->abandon();
  if (!host_.unwind()) {
    verdict_.fail("the logs do not come to rest after their env has ended");
    (void)life_.release();
    host_.abandon();
    return;
  }
  life_.reset();
  host_.bury();
}

void LogRun::work_for_a_while(bool healthy) {
  const std::uint64_t events = healthy ? 400 : 5 + rng_.below(700);
  (void)world_.run_until([&] { return over() || life_->broken() || life_->at_rest(); }, events);
  if (over()) return;
  if (healthy && (life_->broken() || life_->at_rest())) {
    verdict_.fail("the logs do not work on a healthy disk");
  } else if (healthy) {
    close_within(100'000);
    if (!life_->closed_cleanly()) verdict_.fail("the logs do not close on a healthy disk");
  } else if (rng_.one_in(3)) {
    close_within(rng_.one_in(3) ? rng_.below(100) : 100'000);
  }
}

void LogRun::close_within(std::uint64_t events) {
  life_->stop_cleanly();
  (void)world_.run_until([&] { return verdict_.failed() || life_->at_rest(); }, events);
}

Ending LogRun::die() {
  const bool clean = life_->closed_cleanly();
  verdict_.note("--- the life ends after event {}, {}", world_.events(),
                clean             ? "closed"
                : life_->broken() ? "broken"
                                  : "working");
  if (rng_.one_in(3)) {
    verdict_.note("--- killed");
    host_.kill();
    // After a sync that failed the next process may see what is on the platter.
    if (life_->disk_was_hurt()) return Ending::power_cut;
    return clean ? Ending::clean : Ending::killed;
  }
  const sim::PowerCut how = sim::PowerCut::any(world_.rng());
  verdict_.note(
      "--- power cut: lose {} keep {} prefix {} scatter {} flips {} zeros {} names {}/8 {}",
      how.lose_weight, how.keep_weight, how.prefix_weight, how.scatter_weight, how.flip_bits,
      how.zero_tails, how.names_kept_of_8, how.names_in_order ? "in order" : "any");
  host_.cut_power(how);
  return clean ? Ending::clean : Ending::power_cut;
}

}  // namespace

RunResult run_log_scenario(const RunOptions& options) { return LogRun(options).run(); }

}  // namespace moldau::harness
