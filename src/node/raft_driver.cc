#include "node/raft_driver.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "log/checkpoint_files.h"
#include "log/file_names.h"
#include "node/raft_answers.h"
#include "protocol/codec.h"
#include "raft/snapshot_writer.h"
#include "record/batch.h"

namespace moldau::node {
namespace {

constexpr std::chrono::minutes k_cleaning_interval{1};

log::QuorumState to_file(const raft::PersistQuorumState& state) {
  log::QuorumState out;
  out.data_version = state.version.value();
  if (state.data.leader_id.value() >= 0) out.leader = state.data.leader_id;
  out.leader_epoch = state.data.leader_epoch;
  if (state.data.voted_id.value() >= 0) out.voted = state.data.voted_id;
  out.voted_directory = state.data.voted_directory_id;
  out.cluster_id = state.data.cluster_id;
  out.applied_offset = state.data.applied_offset.value();
  if (state.data.current_voters) {
    for (const auto& voter : *state.data.current_voters) {
      out.current_voters.push_back(voter.voter_id);
    }
  }
  return out;
}

}  // namespace

RaftDriver::RaftDriver(env::Env& env, Settings settings, MetadataLogUser& user,
                       telemetry::Logger log)
    : env_(env),
      settings_(std::move(settings)),
      user_(user),
      logger_(log.named("node.RaftDriver")),
      tasks_(env.scheduler),
      work_(env.scheduler),
      cleaning_bell_(env.scheduler) {}

RaftDriver::~RaftDriver() = default;

std::string RaftDriver::quorum_state_path() const {
  return env::join_path(settings_.log.path, std::string{log::k_quorum_state});
}

env::Task<Result<std::unique_ptr<RaftDriver>>> RaftDriver::open(env::Env& env, log::FilePool& files,
                                                                Settings settings,
                                                                MetadataLogUser& user,
                                                                telemetry::Logger log) {
  std::unique_ptr<RaftDriver> driver(new RaftDriver(env, std::move(settings), user, log));
  CO_TRY_OK(co_await driver->restore(files));
  co_return driver;
}

void RaftDriver::start() {
  tasks_.spawn(run());
  tasks_.spawn(run_cleaning());
}

void RaftDriver::fail_with(const Error& error) {
  if (failed_) return;
  failed_ = true;
  work_.ring();
  cleaning_bell_.ring();
  user_.metadata_log_failed(error);
}

void RaftDriver::step(raft::Input input) {
  if (failed_) return;
  if (persisting_ && !std::holds_alternative<raft::PersistDone>(input)) {
    held_.push_back(std::move(input));
    return;
  }
  raft::Outputs out = machine_->step(std::move(input), env_.clock.now(), env_.clock.wall());
  if (out.persist) persisting_ = true;
  if (out.empty()) return;
  outputs_.push_back(std::move(out));
  work_.ring();
}

env::Task<void> RaftDriver::run() {
  if (!snapshots_->all().empty() && snapshots_->all().back().first != raft::k_bootstrap_snapshot) {
    const raft::SnapshotId newest = snapshots_->all().back().first;
    Result<SharedBytes> bytes = co_await snapshots_->read(newest);
    Result<void> loaded =
        bytes ? user_.load_snapshot(newest, *bytes) : Result<void>{fail(bytes.error())};
    if (!loaded) fail_with(loaded.error());
  }
  step(raft::Tick{});
  while (!failed_) {
    if (!outputs_.empty()) {
      raft::Outputs out = std::move(outputs_.front());
      outputs_.pop_front();
      Result<void> done = co_await execute(std::move(out));
      if (!done) fail_with(done.error());
      continue;
    }
    if (unsynced_) {
      Result<void> done = co_await sync_log();
      if (!done) fail_with(done.error());
      continue;
    }
    if (stopping_) break;
    co_await work_;
  }
  if (timer_) env_.timers.cancel(*timer_);
  for (auto& [ticket, bell] : asking_) bell->complete(std::nullopt);
  asking_.clear();
}

env::Task<Result<void>> RaftDriver::persist(raft::PersistQuorumState state) {
  const std::string text = log::write_quorum_state(to_file(state));
  CO_TRY_OK(co_await env::replace_file(env_.disk, quorum_state_path(),
                                       SharedBytes::copy_of(as_bytes(text))));
  persisting_ = false;
  step(raft::PersistDone{});
  while (!persisting_ && !held_.empty()) {
    raft::Input input = std::move(held_.front());
    held_.pop_front();
    step(std::move(input));
  }
  co_return Result<void>{};
}

env::Task<Result<void>> RaftDriver::sync_log() {
  unsynced_ = false;
  CO_TRY_OK(co_await log_->flush());
  step(raft::LogSynced{log_->recovery_point()});
  co_return Result<void>{};
}

env::Task<Result<void>> RaftDriver::execute(raft::Outputs out) {
  // A timer that persisting might outlive is set first; ticks are held back until it is done.
  if (out.wake_at) arm(*out.wake_at);
  if (out.persist) {
    CO_TRY_OK(co_await persist(*out.persist));
  }
  if (out.lost) user_.leadership_lost(*out.lost);
  if (out.truncate) {
    CO_TRY_OK(co_await log_->truncate_to(out.truncate->end));
  }
  for (raft::Append& append : out.appends) {
    CO_TRY_OK(co_await log_->append_as_leader(
        std::move(append.batch),
        {.leader_epoch = append.epoch, .origin = log::AppendOrigin::raft_leader}));
    unsynced_ = true;
  }
  if (out.high_watermark) {
    CO_TRY_OK(co_await publish_until(*out.high_watermark));
    user_.high_watermark(*out.high_watermark);
  }
  if (out.gained) {
    CO_TRY_OK(user_.leadership_gained(*out.gained));
  }
  for (raft::Answer& answer : out.answers) hand_out(std::move(answer));
  // One voter asks nobody.
  CHECK(out.sends.empty());
  if (out.take_snapshot) tasks_.spawn(take_snapshot());
  co_return Result<void>{};
}

env::Task<Result<void>> RaftDriver::publish_until(Offset end) {
  while (published_ < end) {
    CO_TRY(const SharedBytes bytes, co_await log_->read_batches({.from = published_,
                                                                 .bytes_max = k_read_bytes,
                                                                 .limit = end,
                                                                 .at_least_one_batch = true}));
    record::BatchesView batches(bytes.view());
    Offset next = published_;
    while (true) {
      CO_TRY(const std::optional<record::BatchView> batch, batches.next());
      if (!batch) break;
      next = batch->next_offset();
    }
    if (next == published_) {
      co_return fail(Errc::corrupt_data, "{}: no batch at offset {}, below the high watermark {}",
                     settings_.log.path, published_, end);
    }
    CO_TRY_OK(user_.committed(bytes));
    published_ = next;
  }
  co_return Result<void>{};
}

Result<raft::Accepted> RaftDriver::propose(LeaderEpoch epoch,
                                           std::vector<std::vector<std::byte>> values,
                                           bool atomic) {
  if (failed_ || stopping_ || persisting_) return fail(Errc::not_controller);
  const raft::Ticket ticket{++last_ticket_};
  raft::Outputs out = machine_->step(
      raft::Propose{
          .ticket = ticket, .epoch = epoch, .values = std::move(values), .atomic = atomic},
      env_.clock.now(), env_.clock.wall());
  if (out.persist) persisting_ = true;
  Result<raft::Accepted> answer = fail(Errc::not_controller);
  for (const raft::Accepted& accepted : out.accepted) {
    if (accepted.ticket == ticket) answer = accepted;
  }
  for (const raft::Refused& refused : out.refused) {
    if (refused.ticket == ticket) answer = fail(refused.error);
  }
  out.accepted.clear();
  out.refused.clear();
  if (!out.empty()) {
    outputs_.push_back(std::move(out));
    work_.ring();
  }
  return answer;
}

void RaftDriver::hand_out(raft::Answer answer) {
  const raft::Ticket ticket = std::visit([](const auto& one) { return one.ticket; }, answer);
  const auto at = asking_.find(ticket);
  if (at == asking_.end()) return;
  AnswerBell* const bell = at->second;
  asking_.erase(at);
  bell->complete(std::move(answer));
}

env::Task<Result<SharedBytes>> RaftDriver::answer(protocol::ApiKey api, ApiVersion version,
                                                  std::string listener, SharedBytes body) {
  const raft::Ticket ticket{++last_ticket_};
  CO_TRY(raft::Input input, raft_input(api, ticket, version, std::move(listener), body));
  AnswerBell bell(env_.scheduler);
  if (failed_ || stopping_) co_return fail(Errc::cancelled);
  asking_.emplace(ticket, &bell);
  step(std::move(input));
  std::optional<raft::Answer> answer = co_await bell;
  if (!answer) co_return fail(Errc::cancelled);
  co_return co_await encode(*std::move(answer), version);
}

env::Task<Result<SharedBytes>> RaftDriver::encode(raft::Answer answer, ApiVersion version) {
  if (auto* fetched = std::get_if<raft::AnswerFetch>(&answer)) {
    if (fetched->read_from) {
      CO_TRY(SharedBytes records, co_await log_->read_batches(
                                      {.from = *fetched->read_from,
                                       .bytes_max = static_cast<std::int32_t>(fetched->max_bytes),
                                       .limit = log_->log_end_offset(),
                                       .at_least_one_batch = true}));
      fetched->response.responses.at(0).partitions.at(0).records =
          protocol::Records(std::move(records));
    }
  } else if (auto* part = std::get_if<raft::AnswerFetchSnapshot>(&answer)) {
    if (part->read) {
      CO_TRY(SharedBytes bytes,
             co_await snapshots_->read_part(part->read->id,
                                            static_cast<std::uint64_t>(part->read->position),
                                            static_cast<std::size_t>(part->read->size)));
      part->response.topics.at(0).partitions.at(0).unaligned_records =
          protocol::Records(std::move(bytes));
    }
  }
  co_return std::visit(
      [version](const auto& one) {
        return protocol::encoded(one.response.k_message, &one.response, version);
      },
      answer);
}

void RaftDriver::arm(Instant when) {
  if (timer_) env_.timers.cancel(*timer_);
  timer_ = env_.timers.arm(when, [this] {
    timer_.reset();
    step(raft::Tick{});
  });
}

env::Task<Result<void>> RaftDriver::stop() {
  if (stopping_) co_return Result<void>{};
  step(raft::Shutdown{});
  stopping_ = true;
  work_.ring();
  cleaning_bell_.ring();
  co_await tasks_.join();
  if (failed_) co_return fail(Errc::kafka_storage_error, "the metadata log had failed before");
  co_return co_await log_->close();
}

env::Task<void> RaftDriver::run_cleaning() {
  while (!stopping_ && !failed_) {
    const env::Timers::TimerId timer =
        env_.timers.arm(env_.clock.now() + k_cleaning_interval, [this] { cleaning_bell_.ring(); });
    co_await cleaning_bell_;
    env_.timers.cancel(timer);
    bool more = true;
    while (more && !stopping_ && !failed_) {
      const Result<bool> cleaned = co_await clean_once();
      if (!cleaned) fail_with(cleaned.error());
      more = cleaned && *cleaned;
    }
  }
}

env::Task<Result<bool>> RaftDriver::clean_once() {
  if (snapshots_->all().size() < 2) co_return false;
  CO_TRY(const std::vector<raft::SnapshotOnDisk> snapshots, co_await snapshots_->described());
  const std::optional<raft::SnapshotId> oldest = raft::clean_before(
      snapshots, static_cast<std::int64_t>(log_->size()), env_.clock.wall(), settings_.retention);
  if (!oldest) co_return false;
  CO_TRY_OK(co_await snapshots_->remove_before(*oldest));
  CO_TRY_OK(co_await log_->advance_log_start_offset(oldest->end_offset));
  CO_TRY_OK(co_await log_->delete_old_segments());
  step(raft::LogCleaned{*oldest});
  co_return true;
}

env::Task<void> RaftDriver::take_snapshot() {
  std::optional<MetadataLogUser::Image> image = user_.snapshot();
  if (!image) {
    step(raft::SnapshotGivenUp{});
    co_return;
  }
  const raft::SnapshotId id = image->id;
  Result<void> written = co_await write_snapshot(*std::move(image));
  if (!written) {
    fail_with(written.error());
    co_return;
  }
  const auto at =
      std::ranges::find(snapshots_->all(), id, [](const auto& entry) { return entry.first; });
  step(raft::SnapshotTaken{id, at->second});
  logger_.info("wrote the metadata snapshot {}", id.file_name());
}

env::Task<Result<void>> RaftDriver::write_snapshot(MetadataLogUser::Image image) {
  raft::SnapshotWriter writer({.id = image.id,
                               .last_contained_log_time = image.last_contained_log_time,
                               .now = env_.clock.wall(),
                               .kraft_version = machine_->kraft_version(),
                               .voters = machine_->voters()});
  std::vector<std::byte> content;
  const auto collect = [&content](const std::vector<std::byte>& part) {
    content.insert(content.end(), part.begin(), part.end());
  };
  for (const std::vector<std::byte>& value : image.records) {
    writer.add(value);
    collect(writer.take());
  }
  collect(writer.finish());
  co_return co_await snapshots_->write(image.id, SharedBytes::take(std::move(content)));
}

}  // namespace moldau::node
