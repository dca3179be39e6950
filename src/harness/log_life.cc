#include "harness/log_life.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "harness/batches.h"
#include "record/batch.h"

namespace moldau::harness {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::int32_t k_read_bytes = 16 << 10;

// Everything from the log start to the log end, as one run of bytes.
env::Task<Result<std::vector<std::byte>>> read_all(log::PartitionLog& log) {
  std::vector<std::byte> all;
  Offset from = log.log_start_offset();
  while (from < log.log_end_offset()) {
    CO_TRY(const SharedBytes some, co_await log.read_batches({.from = from,
                                                              .bytes_max = k_read_bytes,
                                                              .limit = log.log_end_offset(),
                                                              .at_least_one_batch = true}));
    const SeenBatches seen = see_batches(some.view());
    if (seen.batches.empty() || seen.batches.back().end() <= from) break;
    from = seen.batches.back().end();
    all.insert(all.end(), some.view().begin(), some.view().end());
  }
  co_return all;
}

}  // namespace

LogLife::LogLife(env::Env& env, sim::Volume& volume,
                 std::vector<std::unique_ptr<LogSubject>>& subjects, Verdict& verdict,
                 std::uint64_t seed)
    : env_(env),
      volume_(volume),
      subjects_(subjects),
      verdict_(verdict),
      rng_(seed),
      files_(env.disk, 8),
      workers_(env.scheduler),
      tasks_(env.scheduler) {}

LogLife::~LogLife() = default;

void LogLife::start() { tasks_.spawn(run()); }
void LogLife::stop_cleanly() { closing_ = true; }

template <class T>
bool LogLife::good(const Result<T>& result, const char* call, const LogSubject* subject) {
  if (ended_) return false;
  if (result.has_value()) return true;
  const Errc code = result.error().code();
  const bool storage =
      code == Errc::kafka_storage_error || code == Errc::io_failure || code == Errc::no_space;
  if (storage && (broken_ || disk_was_hurt())) {
    broken_ = true;
  } else {
    verdict_.fail(fmt::format("{} of {} failed: {}", call, subject ? subject->topic : "directory",
                              result.error().describe()));
  }
  return false;
}

env::Task<void> LogLife::rest(Duration max) {
  const auto time = Duration{rng_.below(static_cast<std::uint64_t>(max.count()) + 1)};
  co_await env::sleep_for(env_, time);
}

env::Task<void> LogLife::run() {
  faults_before_ = volume_.faults().suffered();
  auto directory = co_await log::LogDirectory::open(env_, "data");
  if (!good(directory, "open", nullptr)) co_return;
  directory_ = std::move(*directory);
  std::vector<log::LogLocation> where;
  for (const auto& subject : subjects_) {
    where.push_back(directory_->locate(subject->topic, subject->partition, subject->topic_id));
  }
  const auto config_of = [this](const std::string& topic) {
    for (const auto& subject : subjects_) {
      if (subject->topic == topic) return subject->config;
    }
    return subjects_.front()->config;
  };
  auto opened = co_await log::open_logs(env_, files_, std::move(where), config_of, 2);
  if (ended_) co_return;
  CHECK_OP(opened.size(), ==, subjects_.size());
  for (std::size_t i = 0; i < opened.size(); ++i) {
    if (!good(opened[i].log, "opening", subjects_[i].get())) co_return;
    auto open = std::make_unique<Open>();
    open->subject = subjects_[i].get();
    open->log = std::move(*opened[i].log);
    co_await verify(*open, opened[i].where);
    if (!going_on()) co_return;
    open_.push_back(std::move(open));
  }
  // The caller's duty: what a checkpoint says above the log's own recovery point must go.
  if (!good(co_await write_checkpoints(), "first checkpoint", nullptr)) co_return;
  for (const auto& open : open_) {
    // Who is idle finds out what a stop leaves of a log that was only recovered.
    if (rng_.one_in(6)) continue;
    workers_.spawn(work(*open));
    // Who never flushes finds out what recovery makes of many unsynced segments.
    if (rng_.one_in(2)) workers_.spawn(flush_now_and_then(*open));
  }
  workers_.spawn(checkpoint_now_and_then());
  co_await workers_.join();
  if (closing_ && !broken_ && !ended_) co_await close_all();
}

env::Task<void> LogLife::verify(Open& open, log::LogLocation given) {
  LogSubject& subject = *open.subject;
  const auto all = co_await read_all(*open.log);
  if (!good(all, "reading after a restart", &subject)) co_return;
  verdict_.note("{} opened: start {} end {} recovery point {} (given {}, clean {}), {} segments",
                subject.topic, open.log->log_start_offset(), open.log->log_end_offset(),
                open.log->recovery_point(), given.recovery_point, given.clean,
                open.log->segment_count());
  const auto wrong = subject.model.recovered(open.log->log_start_offset(),
                                             open.log->log_end_offset(), see_batches(*all));
  if (wrong) {
    verdict_.fail(fmt::format("{}: {}", subject.topic, *wrong));
    broken_ = true;
    co_return;
  }
  open.recovery_point = open.log->recovery_point();
  resume_producer(open);
}

// The sequence goes on where the log has it; a producer of which nothing is left is a new one.
void LogLife::resume_producer(Open& open) {
  LogSubject& subject = *open.subject;
  const auto& batches = subject.model.batches();
  const auto last =
      std::ranges::find(batches.rbegin(), batches.rend(), subject.producer, &ModelBatch::producer);
  // Producer state is made anew from the log start on, so what lies below is forgotten.
  if (last == batches.rend() || last->end() <= open.log->log_start_offset()) {
    subject.producer = subject.producer.next();
    subject.last_sent.reset();
    open.next_sequence = Sequence{0};
  } else {
    open.next_sequence = record::sequence_after(last->first_sequence, last->count);
  }
}

env::Task<void> LogLife::work(Open& open) {
  if (rng_.one_in(2)) co_await repeat_last(open);
  while (going_on()) {
    co_await one_step(open);
    if (!rng_.one_in(4)) co_await rest(milliseconds(2));
  }
}

env::Task<void> LogLife::one_step(Open& open) {
  const std::uint64_t draw = rng_.below(100);
  if (draw < 62) return append_some(open);
  if (draw < 68) return repeat_last(open);
  if (draw < 74) return flush(open);
  if (draw < 78) return roll(open);
  if (draw < 84) return cut(open);
  if (draw < 88) return move_start(open);
  if (draw < 91) return next_epoch(open);
  return read_somewhere(open);
}

LogLife::NewBatch LogLife::make_batch(Open& open, bool idempotent) {
  BatchSettings settings{.count = static_cast<int>(1 + rng_.below(5)),
                         .value_size = rng_.below(200),
                         .timestamp = env_.clock.wall()};
  if (idempotent) {
    settings.producer = open.subject->producer;
    settings.first_sequence = open.next_sequence;
    open.next_sequence = record::sequence_after(open.next_sequence, settings.count);
  }
  SharedBytes bytes = make_test_batch(settings, rng_);
  ModelBatch facts = see_batches(bytes.view()).batches.at(0);
  return {.bytes = std::move(bytes), .facts = facts};
}

env::Task<void> LogLife::append_some(Open& open) {
  env::TaskGroup together(env_.scheduler);
  const std::uint64_t count = 1 + rng_.below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    together.spawn(append_one(open, make_batch(open, rng_.one_in(2))));
  }
  co_await together.join();
}

env::Task<void> LogLife::append_one(Open& open, NewBatch batch) {
  LogSubject& subject = *open.subject;
  const Offset base = subject.model.will_append(batch.facts);
  batch.facts.base = base;
  if (batch.facts.producer >= ProducerId{0}) subject.last_sent = {batch.bytes, batch.facts};
  const auto appended =
      co_await open.log->append_as_leader(batch.bytes, {.leader_epoch = subject.leader_epoch});
  if (!good(appended, "append", &subject)) co_return;
  if (appended->first_offset != base || appended->duplicate) {
    verdict_.fail(fmt::format("{}: appended at {} what should be at {}", subject.topic,
                              appended->first_offset, base));
    broken_ = true;
    co_return;
  }
  verdict_.note("{} appended [{}, {})", subject.topic, base, base + batch.facts.count);
  subject.model.appended(base, subject.synced_appends());
}

// As a producer whose connection broke: what the log has must be told to be a duplicate.
env::Task<void> LogLife::repeat_last(Open& open) {
  LogSubject& subject = *open.subject;
  if (!subject.last_sent) co_return;
  const auto [bytes, facts] = *subject.last_sent;
  const ModelBatch* there = subject.model.batch_at(facts.base);
  if (there == nullptr || *there != facts || there->end() <= open.log->log_start_offset()) {
    co_return;
  }
  const auto again =
      co_await open.log->append_as_leader(bytes, {.leader_epoch = subject.leader_epoch});
  if (!good(again, "repeated append", &subject)) co_return;
  if (!again->duplicate || again->first_offset != facts.base) {
    verdict_.fail(fmt::format("{}: sequence {} of producer {} at {} was appended again at {}",
                              subject.topic, facts.first_sequence, facts.producer, facts.base,
                              again->first_offset));
    broken_ = true;
  }
}

env::Task<void> LogLife::flush(Open& open) {
  LogModel& model = open.subject->model;
  // Of what is on its way no answer has said that it is written; the flush promises the rest.
  const Offset end = model.acknowledged_end();
  const std::uint64_t cuts = model.cuts();
  const auto flushed = co_await open.log->flush();
  if (!good(flushed, "flush", open.subject)) co_return;
  verdict_.note("{} flushed to {}", open.subject->topic, end);
  model.durable_to(end, cuts);
}

env::Task<void> LogLife::flush_now_and_then(Open& open) {
  while (going_on()) {
    co_await rest(milliseconds(30));
    if (going_on()) co_await flush(open);
  }
}

env::Task<void> LogLife::roll(Open& open) {
  verdict_.note("{} rolls at {}", open.subject->topic, open.log->log_end_offset());
  (void)good(co_await open.log->roll(), "roll", open.subject);
}

env::Task<void> LogLife::cut(Open& open) {
  LogModel& model = open.subject->model;
  const std::int64_t count = model.end() - open.log->log_start_offset();
  if (count <= 0) co_return;
  const auto back = static_cast<std::int64_t>(
      rng_.below(static_cast<std::uint64_t>(std::min<std::int64_t>(count, 25)) + 1));
  // Where replicas part is always the end of a batch.
  const ModelBatch* inside = model.batch_at(model.end() - back);
  const bool whole = inside && inside->base >= open.log->log_start_offset();
  const Offset end = whole ? inside->base : model.end();
  model.begin_cut(end);
  verdict_.note("{} is cut from {} to {}", open.subject->topic, model.end(), end);
  const auto done = co_await open.log->truncate_to(end);
  if (!good(done, "truncate_to", open.subject)) co_return;
  // The caller's duty: no append before the checkpoint does not vouch for what was cut off.
  if (!good(co_await write_checkpoints(), "checkpoint after a cut", open.subject)) co_return;
  model.finish_cut(end);
  verdict_.note("{} was cut to {}", open.subject->topic, end);
  open.recovery_point = open.log->recovery_point();
  resume_producer(open);
  if (open.log->log_end_offset() != model.end()) {
    verdict_.fail(fmt::format("{}: cut to {}, ends at {} and not at {}", open.subject->topic, end,
                              open.log->log_end_offset(), model.end()));
    broken_ = true;
  }
}

env::Task<void> LogLife::move_start(Open& open) {
  LogModel& model = open.subject->model;
  const Offset start = open.log->log_start_offset();
  const std::int64_t count = model.acknowledged_end() - start;
  if (count <= 0) co_return;
  const Offset to =
      start + static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(count) / 2 + 1));
  model.begin_start(to);
  verdict_.note("{} start {} -> {}", open.subject->topic, start, to);
  if (!good(co_await open.log->advance_log_start_offset(to), "advance", open.subject)) co_return;
  (void)good(co_await open.log->delete_old_segments(), "delete_old_segments", open.subject);
}

env::Task<void> LogLife::next_epoch(Open& open) {
  LogSubject& subject = *open.subject;
  subject.leader_epoch = subject.leader_epoch.next();
  (void)good(co_await open.log->assign_leader_epoch(subject.leader_epoch, subject.model.end()),
             "assign_leader_epoch", &subject);
}

env::Task<void> LogLife::read_somewhere(Open& open) {
  LogModel& model = open.subject->model;
  const Offset start = open.log->log_start_offset();
  const std::int64_t count = model.acknowledged_end() - start;
  if (count <= 0) co_return;
  const Offset from =
      start + static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(count)));
  const auto some = co_await open.log->read_batches(
      {.from = from,
       .bytes_max = 1 + static_cast<std::int32_t>(rng_.below(k_read_bytes)),
       .limit = model.acknowledged_end(),
       .at_least_one_batch = true});
  if (!good(some, "read", open.subject)) co_return;
  const SeenBatches seen = see_batches(some->view());
  auto wrong = model.check_read(seen);
  if (!wrong && (seen.batches.empty() || seen.batches.front().base > from ||
                 seen.batches.front().end() <= from)) {
    wrong = fmt::format("M1 a read from {} does not begin with the batch that holds it", from);
  }
  if (wrong) {
    verdict_.fail(fmt::format("{}: {}", open.subject->topic, *wrong));
    broken_ = true;
  }
}

// One at a time: they replace the same files.
env::Task<Result<void>> LogLife::write_checkpoints() {
  while (checkpointing_ && !ended_) co_await env::sleep_for(env_, microseconds(50));
  checkpointing_ = true;
  const Result<void> written = co_await replace_checkpoints();
  checkpointing_ = false;
  co_return written;
}

env::Task<Result<void>> LogLife::replace_checkpoints() {
  std::vector<log::PartitionOffset> points;
  std::vector<log::PartitionOffset> starts;
  std::vector<Offset> start_of;
  std::vector<Offset> points_of;
  for (const auto& open : open_) {
    points.push_back(log::recovery_point_of(*open->log));
    points_of.push_back(points.back().offset);
    const auto start = log::log_start_of(*open->log);
    start_of.push_back(start ? start->offset : Offset{0});
    if (start) starts.push_back(*start);
    open->subject->model.begin_start_checkpoint(start_of.back());
  }
  CO_TRY_OK(co_await directory_->write_recovery_points(std::move(points)));
  CO_TRY_OK(co_await directory_->write_log_start_offsets(std::move(starts)));
  if (ended_) co_return fail(Errc::cancelled);
  for (std::size_t i = 0; i < open_.size(); ++i) {
    open_[i]->subject->model.finish_start_checkpoint(start_of[i]);
    verdict_.note("checkpoint: {} recovery point {} start {}", open_[i]->subject->topic,
                  points_of[i], start_of[i]);
  }
  co_return Result<void>{};
}

env::Task<void> LogLife::checkpoint_now_and_then() {
  while (going_on()) {
    co_await rest(milliseconds(40));
    if (!going_on()) co_return;
    (void)good(co_await write_checkpoints(), "checkpoint", nullptr);
  }
}

env::Task<void> LogLife::close_all() {
  for (const auto& open : open_) {
    if (!good(co_await open->log->close(), "close", open->subject)) co_return;
  }
  if (!good(co_await write_checkpoints(), "last checkpoint", nullptr)) co_return;
  const auto marked = co_await directory_->mark_clean_shutdown(BrokerEpoch{1});
  closed_cleanly_ = good(marked, "mark_clean_shutdown", nullptr);
}

void LogLife::check() {
  if (ended_ || broken_) return;
  for (const auto& open : open_) {
    LogModel& model = open->subject->model;
    const log::PartitionLog& log = *open->log;
    if (log.offline() || closing_ || model.cutting()) continue;
    const Offset point = log.recovery_point();
    if (point > log.log_end_offset() || log.log_start_offset() > log.log_end_offset()) {
      verdict_.fail(fmt::format("{}: log start {}, recovery point {}, log end {}",
                                open->subject->topic, log.log_start_offset(), point,
                                log.log_end_offset()));
    }
    const bool cut = open->cuts_seen != model.cuts();
    if (point < open->recovery_point && !cut) {
      verdict_.fail(fmt::format("{}: the recovery point fell from {} to {}", open->subject->topic,
                                open->recovery_point, point));
    }
    if (log.log_end_offset() < model.acknowledged_end() || log.log_end_offset() > model.end()) {
      verdict_.fail(fmt::format("{}: log end {}, acknowledged {}, asked for {}",
                                open->subject->topic, log.log_end_offset(),
                                model.acknowledged_end(), model.end()));
    }
    if (point != open->recovery_point) {
      verdict_.note("{} recovery point {} -> {}", open->subject->topic, open->recovery_point,
                    point);
    }
    open->recovery_point = point;
    open->cuts_seen = model.cuts();
    model.vouched(point);
  }
}

}  // namespace moldau::harness
