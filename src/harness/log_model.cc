#include "harness/log_model.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "record/batch.h"

namespace moldau::harness {

namespace {

std::string show(const ModelBatch& batch) {
  return fmt::format("[{}, {}) crc {:08x} producer {} sequence {}", batch.base, batch.end(),
                     batch.crc, batch.producer, batch.first_sequence);
}

}  // namespace

SeenBatches see_batches(Bytes run) {
  SeenBatches seen;
  while (!run.empty()) {
    const auto batch = record::BatchView::read(run);
    if (!batch) {
      seen.trouble = fmt::format("M1 {} bytes after offset {} are no batch: {}", run.size(),
                                 seen.batches.empty() ? Offset{-1} : seen.batches.back().end(),
                                 batch.error().describe());
      return seen;
    }
    if (!batch->crc_matches()) {
      seen.trouble = fmt::format("M1 the batch at offset {} has a wrong CRC", batch->base_offset());
      return seen;
    }
    seen.batches.push_back({.base = batch->base_offset(),
                            .count = batch->last_offset_delta() + 1,
                            .crc = batch->crc(),
                            .producer = batch->producer_id(),
                            .first_sequence = batch->base_sequence()});
    run = run.subspan(batch->size());
  }
  return seen;
}

Offset LogModel::will_append(ModelBatch batch) {
  batch.base = end();
  batches_.push_back(batch);
  return batch.base;
}

void LogModel::appended(Offset base, bool synced) {
  const ModelBatch* batch = batch_at(base);
  CHECK(batch != nullptr);
  acknowledged_end_ = std::max(acknowledged_end_, batch->end());
  if (synced) durable_to(batch->end(), cuts_);
}

const ModelBatch* LogModel::batch_at(Offset offset) const {
  const auto after = std::ranges::upper_bound(batches_, offset, {}, &ModelBatch::base);
  if (after == batches_.begin()) return nullptr;
  const ModelBatch& batch = *std::prev(after);
  return offset < batch.end() ? &batch : nullptr;
}

void LogModel::durable_to(Offset end, std::uint64_t cuts) {
  if (cuts != cuts_) return;
  durable_end_ = std::max(durable_end_, end);
  if (!open_cut_) unsynced_cut_.reset();
}

void LogModel::vouched(Offset end) {
  if (open_cut_) return;
  durable_end_ = std::max(durable_end_, end);
  if (unsynced_cut_ && end > *unsynced_cut_) unsynced_cut_.reset();
}

void LogModel::begin_cut(Offset end) {
  if (const ModelBatch* inside = batch_at(end)) end = inside->base;
  ++cuts_;
  open_cut_ = end;
  durable_end_ = std::min(durable_end_, end);
  acknowledged_end_ = std::min(acknowledged_end_, end);
  unsynced_cut_ = unsynced_cut_ ? std::min(*unsynced_cut_, end) : end;
}

void LogModel::finish_cut(Offset end) {
  ++cuts_;
  open_cut_.reset();
  while (!batches_.empty() && batches_.back().end() > end) {
    start_of_empty_ = batches_.back().base;
    batches_.pop_back();
  }
  acknowledged_end_ = std::min(acknowledged_end_, this->end());
  durable_end_ = std::min(durable_end_, this->end());
}

void LogModel::begin_start(Offset start) { start_ = std::max(start_, start); }
void LogModel::begin_start_checkpoint(Offset at) { durable_start_ = std::min(durable_start_, at); }
void LogModel::finish_start_checkpoint(Offset at) { durable_start_ = at; }

void LogModel::ended(Ending how) { ending_ = ending_ ? std::max(*ending_, how) : how; }

// Below it what is there must be what the model says.
Offset LogModel::trusted_end() const {
  if (open_cut_) return *open_cut_;
  if (ending_ == Ending::power_cut && unsynced_cut_) return *unsynced_cut_;
  return Offset{std::numeric_limits<std::int64_t>::max()};
}

std::optional<std::string> LogModel::check_ends(Offset start, Offset end) const {
  if (start > start_ || start < durable_start_) {
    return fmt::format("M7 the log starts at {}, asked for {}, checkpointed {}", start, start_,
                       durable_start_);
  }
  if (end < durable_end_) {
    return fmt::format("M3 the log ends at {}, everything below {} was promised to be durable", end,
                       durable_end_);
  }
  if (ending_ != Ending::power_cut && end < acknowledged_end_) {
    return fmt::format("M4 the log ends at {}, everything below {} was acknowledged", end,
                       acknowledged_end_);
  }
  if (ending_ == Ending::clean && end != this->end()) {
    return fmt::format("M5 the log ends at {}, it was closed at {}", end, this->end());
  }
  return std::nullopt;
}

std::optional<std::string> LogModel::check_run(const std::vector<ModelBatch>& seen,
                                               Offset end) const {
  const Offset trusted = trusted_end();
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (i > 0 && seen[i].base != seen[i - 1].end()) {
      return fmt::format("M1 after {} comes {}", show(seen[i - 1]), show(seen[i]));
    }
    if (seen[i].end() > trusted) continue;
    const ModelBatch* mine = batch_at(seen[i].base);
    if (mine == nullptr) {
      return fmt::format("M2 nobody appended {}; the log should end at {}", show(seen[i]),
                         this->end());
    }
    if (*mine != seen[i]) {
      return fmt::format("M2 read {}, appended {}", show(seen[i]), show(*mine));
    }
  }
  if (!seen.empty() && seen.back().end() != end) {
    return fmt::format("M1 the last batch is {}, the log ends at {}", show(seen.back()), end);
  }
  return std::nullopt;
}

std::optional<std::string> LogModel::recovered(Offset start, Offset end, const SeenBatches& seen) {
  if (!ending_) ending_ = Ending::clean;
  if (!seen.trouble.empty()) return seen.trouble;
  if (auto wrong = check_ends(start, end)) return wrong;
  if (auto wrong = check_run(seen.batches, end)) return wrong;
  if (start < end && (seen.batches.empty() || seen.batches.front().base > start)) {
    return fmt::format("M1 the first batch after the log start {} is {}, the log ends at {}", start,
                       seen.batches.empty() ? "none" : show(seen.batches.front()), end);
  }
  // Records below the log start may come back as long as their segments do.
  const Offset from = seen.batches.empty() ? end : seen.batches.front().base;
  std::erase_if(batches_, [from](const ModelBatch& batch) { return batch.end() > from; });
  if (!batches_.empty() && batches_.back().end() != from) batches_.clear();
  batches_.insert(batches_.end(), seen.batches.begin(), seen.batches.end());
  start_of_empty_ = end;
  start_ = start;
  acknowledged_end_ = end;
  durable_end_ = std::min(durable_end_, end);
  open_cut_.reset();
  // Nobody has synced since; what the last power cut left is on the platter.
  if (ending_ == Ending::power_cut) unsynced_cut_.reset();
  ending_.reset();
  return std::nullopt;
}

std::optional<std::string> LogModel::check_read(const SeenBatches& seen) const {
  if (!seen.trouble.empty()) return seen.trouble;
  if (seen.batches.empty()) return std::nullopt;
  return check_run(seen.batches, seen.batches.back().end());
}

}  // namespace moldau::harness
