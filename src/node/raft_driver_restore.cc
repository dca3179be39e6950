#include <algorithm>
#include <limits>
#include <utility>

#include "log/batch_facts.h"
#include "log/checkpoint_files.h"
#include "log/file_names.h"
#include "node/raft_driver.h"
#include "record/batch.h"
#include "record/validate.h"

// What the driver reads and checks before it starts.
namespace moldau::node {
namespace {

constexpr std::size_t k_small_file_max = 1U << 20U;

protocol::QuorumStateData from_file(const log::QuorumState& state) {
  protocol::QuorumStateData out;
  out.leader_id = state.leader.value_or(k_no_broker);
  out.leader_epoch = state.leader_epoch;
  out.voted_id = state.voted.value_or(k_no_broker);
  out.voted_directory_id = state.voted_directory;
  out.cluster_id = state.cluster_id;
  out.applied_offset = Offset{state.applied_offset};
  out.current_voters.emplace();
  for (const BrokerId voter : state.current_voters) {
    out.current_voters->emplace_back().voter_id = voter;
  }
  return out;
}

std::unexpected<Error> in_file(const std::string& path, const Error& error) {
  return fail(error.code(), "{}: {}", path, error.describe());
}

env::Task<Result<std::optional<protocol::QuorumStateData>>> read_quorum_state(env::Env& env,
                                                                              std::string path) {
  Result<SharedBytes> text = co_await env::read_file(env.disk, path, k_small_file_max);
  if (!text && text.error().code() == Errc::not_found) co_return std::nullopt;
  if (!text) co_return fail(std::move(text).error());
  const Result<log::QuorumState> state = log::parse_quorum_state(as_text(text->view()));
  if (!state) co_return in_file(path, state.error());
  co_return from_file(*state);
}

}  // namespace

// What stands beside the log tells how far it was synced in the lives before: snapshots and the
// checkpoint say so, and an epoch begins when all before it is durable (see restore).
env::Task<Result<Offset>> RaftDriver::known_durable() {
  Offset end = settings_.log.recovery_point;
  if (!snapshots_->all().empty()) end = std::max(end, snapshots_->all().back().first.end_offset);
  const std::string path =
      env::join_path(settings_.log.path, std::string{log::k_leader_epoch_checkpoint});
  const Result<SharedBytes> text = co_await env::read_file(env_.disk, path, k_small_file_max);
  if (!text && text.error().code() == Errc::not_found) co_return end;
  if (!text) co_return fail(text.error());
  const auto epochs = log::parse_epoch_checkpoint(as_text(text->view()));
  if (!epochs) co_return in_file(path, epochs.error());
  if (!epochs->empty()) end = std::max(end, epochs->back().start_offset);
  co_return end;
}

env::Task<Result<void>> RaftDriver::open_log(log::FilePool& files) {
  CO_TRY(const bool there, co_await env_.disk.exists(settings_.log.path));
  Offset known{0};
  if (there) {
    CO_TRY(snapshots_, co_await MetadataSnapshots::open(env_, settings_.log.path));
    CO_TRY(known, co_await known_durable());
  }
  log::LogLocation where = settings_.log;
  where.keep_below = where.clean ? Offset{std::numeric_limits<std::int64_t>::max()} : known;
  where.recovery_point = Offset{0};  // so that every batch is checked
  CO_TRY(log_,
         co_await log::PartitionLog::open(env_, files, std::move(where), settings_.log_config));
  if (!there) {
    CO_TRY(snapshots_, co_await MetadataSnapshots::open(env_, settings_.log.path));
  }
  if (const auto& cut = log_->recovery().cut) {
    logger_.error("the metadata log lost its end: {}", log::describe(log_->recovery(), *cut));
  }
  if (log_->log_end_offset() < known) {
    logger_.error(
        "the metadata log {} ends at offset {}, but had reached {}: what stood between is "
        "gone",
        settings_.log.path, log_->log_end_offset(), known);
  }
  // What the machine believes durable must be so; after an unclean stop it may be in the cache
  // only.
  co_return co_await log_->flush();
}

env::Task<Result<void>> RaftDriver::restore(log::FilePool& files) {
  CO_TRY_OK(co_await open_log(files));
  raft::Restored restored;
  CO_TRY(restored.quorum_state, co_await read_quorum_state(env_, quorum_state_path()));
  restored.log_start_offset = log_->log_start_offset();
  restored.log_end_offset = log_->log_end_offset();
  for (const log::EpochStart& entry : log_->leader_epochs().entries()) {
    restored.epochs.push_back({entry.epoch, entry.start_offset});
  }
  restored.snapshots = snapshots_->all();
  raft::ControlScan scan;
  if (!snapshots_->all().empty()) {
    const raft::SnapshotId newest = snapshots_->all().back().first;
    CO_TRY_OK(co_await scan_snapshot(scan, newest));
    if (newest != raft::k_bootstrap_snapshot) {
      published_ = newest.end_offset;
      restored.newest_snapshot_time = scan.snapshot_time();
    }
  }
  published_ = std::max(published_, log_->log_start_offset());
  CO_TRY_OK(co_await scan_log(scan, log_->log_start_offset(), restored));
  restored.control = scan.found();
  CO_TRY(machine_, raft::Machine::open(settings_.raft, std::move(restored)));
  co_return Result<void>{};
}

env::Task<Result<void>> RaftDriver::scan_snapshot(raft::ControlScan& scan, raft::SnapshotId id) {
  CO_TRY(const SharedBytes bytes, co_await snapshots_->read(id));
  const std::string path = env::join_path(settings_.log.path, id.file_name());
  record::BatchesView batches(bytes.view());
  std::size_t position = 0;
  while (position < bytes.size()) {
    const auto batch = batches.next();
    if (batch && !*batch) break;
    Result<void> good = batch ? record::check_intact(**batch) : Result<void>{fail(batch.error())};
    if (good) good = scan.snapshot_batch(id, **batch);
    if (!good) {
      co_return fail(Errc::corrupt_data,
                     "{}: damaged at byte {}: {}. Put the directory back from a copy", path,
                     position, good.error().describe());
    }
    position += (*batch)->size();
  }
  if (scan.snapshot_complete()) co_return Result<void>{};
  co_return fail(Errc::corrupt_data, "{} does not end with a snapshot footer", path);
}

// Also after a clean stop: what went bad since on the disk would be served as metadata.
env::Task<Result<void>> RaftDriver::scan_log(raft::ControlScan& scan, Offset from,
                                             raft::Restored& restored) {
  const Offset end = log_->log_end_offset();
  Offset at = from;
  while (at < end) {
    const Result<SharedBytes> bytes = co_await log_->read_batches(
        {.from = at, .bytes_max = k_read_bytes, .limit = end, .at_least_one_batch = true});
    if (!bytes && bytes.error().code() == Errc::kafka_storage_error) co_return fail(bytes.error());
    if (!bytes) co_return co_await damaged_at(at);
    record::BatchesView batches(bytes->view());
    const Offset before = at;
    while (true) {
      const auto batch = batches.next();
      if (batch && !*batch) break;
      // The base offset is outside the CRC. The log may begin inside a batch.
      const bool good =
          batch && record::check_intact(**batch) && (*batch)->next_offset() > at &&
          ((*batch)->base_offset() == at || (at == from && (*batch)->base_offset() < at));
      if (!good || !scan.log_batch(**batch)) co_return co_await damaged_at(at);
      if ((*batch)->base_offset() >= published_) {
        restored.bytes_after_newest_snapshot += static_cast<std::int64_t>((*batch)->size());
      }
      at = (*batch)->next_offset();
    }
    if (at == before) co_return co_await damaged_at(at);
  }
  co_return Result<void>{};
}

// Always an error: which file, and where in it.
env::Task<Result<void>> RaftDriver::damaged_at(Offset at) {
  CO_TRY(const auto entries, co_await env_.disk.list(settings_.log.path));
  Offset base{0};
  for (const env::DirectoryEntry& entry : entries) {
    const auto name = log::parse_file_name(entry.name);
    const bool log =
        name && name->kind == log::FileKind::log && name->state == log::FileState::live;
    if (log && name->base <= at) base = std::max(base, name->base);
  }
  const std::string path =
      env::join_path(settings_.log.path, log::file_name(base, log::FileKind::log));
  CO_TRY(const auto file, co_await env_.disk.open(path, env::OpenMode::read));
  CO_TRY(const std::uint64_t size, file->size());
  std::uint64_t position = 0;
  while (position < size) {
    CO_TRY(const SharedBytes front, co_await file->read_at(position, record::k_batch_header_size));
    const auto facts = log::batch_facts(front.view());
    if (!facts || facts->last_offset >= at) break;
    position += facts->size;
  }
  co_return fail(log::damage_of_durable(path, position, at));
}

}  // namespace moldau::node
