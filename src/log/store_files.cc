#include <algorithm>

#include "log/store.h"

namespace moldau::log {
namespace {

constexpr std::size_t k_page_size = 4096;
constexpr std::size_t k_scan_chunk = 4096;

PooledFile& slot_of(Segment& segment, FileKind kind) {
  switch (kind) {
    case FileKind::log:
      return segment.log;
    case FileKind::offset_index:
      return segment.offset_index;
    case FileKind::time_index:
      return segment.time_index;
    case FileKind::txn_index:
    case FileKind::snapshot:
      return segment.txn_index;
  }
  return segment.txn_index;
}

}  // namespace

env::Task<Result<std::optional<FoundBatch>>> FrontScan::next() {
  if (position_ >= end_) co_return std::optional<FoundBatch>{};
  const std::uint64_t left = end_ - position_;
  const auto needed = static_cast<std::size_t>(std::min<std::uint64_t>(left, k_batch_front_size));
  if (position_ < chunk_at_ || position_ + needed > chunk_at_ + chunk_.size()) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, k_scan_chunk));
    CO_TRY(chunk_, co_await file_->read_at(position_, size));
    chunk_at_ = position_;
  }
  const auto skip = static_cast<std::size_t>(position_ - chunk_at_);
  if (skip > chunk_.size()) co_return std::optional<FoundBatch>{};
  const auto facts = batch_facts(chunk_.view().subspan(skip));
  if (!facts || facts->size > left) co_return std::optional<FoundBatch>{};
  const FoundBatch found{.position = position_, .facts = *facts};
  position_ += facts->size;
  co_return std::optional(found);
}

std::string PartitionLog::Store::path_of(const Segment& segment, FileKind kind) const {
  return env::join_path(where.path, file_name(segment.base, kind));
}

std::string PartitionLog::Store::path_of(std::string_view name) const {
  return env::join_path(where.path, std::string{name});
}

env::Task<Result<std::shared_ptr<env::File>>> PartitionLog::Store::file_of(SegmentPtr segment,
                                                                           FileKind kind) {
  PooledFile& slot = slot_of(*segment, kind);
  if (std::shared_ptr<env::File> open = files.find(slot)) co_return open;
  const env::OpenMode mode =
      kind == FileKind::log ? env::OpenMode::read_write : env::OpenMode::create;
  co_return co_await files.open(slot, path_of(*segment, kind), mode);
}

std::size_t PartitionLog::Store::segment_index(Offset offset) const {
  const auto above = std::ranges::upper_bound(segments, offset, {},
                                              [](const SegmentPtr& one) { return one->base; });
  return above == segments.begin() ? 0 : static_cast<std::size_t>(above - segments.begin()) - 1;
}

env::Task<Result<void>> PartitionLog::Store::remove_segment_files(SegmentPtr segment) {
  ++generation_;
  // The .log first: what a crash leaves of the others are orphans that the next start removes.
  for (const FileKind kind :
       {FileKind::log, FileKind::offset_index, FileKind::time_index, FileKind::txn_index}) {
    slot_of(*segment, kind).close();
    const Result<void> removed = co_await files.disk().remove(path_of(*segment, kind));
    if (!removed && removed.error().code() != Errc::not_found) co_return removed;
  }
  ++names_changed_;
  co_return Result<void>{};
}

// Binary search over the first entries of pages, then within the page. `floor` gives the last entry
// of a run that is not above what is asked. The page found begins with such an entry.
env::Task<Result<std::optional<PartitionLog::Store::IndexPage>>> PartitionLog::Store::find_page(
    std::shared_ptr<env::File> file, std::size_t entry_size, std::uint64_t count,
    std::function<std::optional<std::size_t>(Bytes)> floor) {
  const std::uint64_t per_page = k_page_size / entry_size;
  std::uint64_t low = 0;  // its first entry is not above
  std::uint64_t high =
      (count + per_page - 1) / per_page;  // its first entry is above, or it is the end
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    CO_TRY(const SharedBytes entry,
           co_await file->read_at(middle * per_page * entry_size, entry_size));
    if (entry.size() < entry_size)
      co_return fail(Errc::corrupt_data, "{}: too short", file->path());
    (floor(entry.view()).has_value() ? low : high) = middle;
  }
  const std::uint64_t begin = low * per_page;
  const std::uint64_t entries = std::min(per_page, count - begin);
  CO_TRY(
      const SharedBytes page,
      co_await file->read_at(begin * entry_size, static_cast<std::size_t>(entries) * entry_size));
  if (page.size() < entries * entry_size) {
    co_return fail(Errc::corrupt_data, "{}: too short", file->path());
  }
  if (!floor(page.view())) co_return std::optional<IndexPage>{};
  co_return std::optional(IndexPage{.first = begin, .entries = page});
}

env::Task<Result<std::uint64_t>> PartitionLog::Store::floor_position(SegmentPtr segment,
                                                                     Offset offset) {
  const Offset base = segment->base;
  std::uint64_t on_disk = segment->offset_entries;
  if (segment == segments.back()) {
    const auto slot = floor_by_offset(offset_tail_.bytes, base, offset);
    if (slot) co_return offset_entry_at(offset_tail_.bytes, *slot, base).position;
    on_disk = std::min(on_disk, offset_tail_.first);
  }
  if (on_disk == 0) co_return std::uint64_t{0};
  const auto floor = [base, offset](Bytes entries) {
    return floor_by_offset(entries, base, offset);
  };
  if (page_.segment_base == base) {
    const Bytes cached = page_.entries.view();
    const std::size_t count = cached.size() / k_offset_entry_size;
    const auto slot = floor(cached);
    if (slot && *slot + 1 < count) co_return offset_entry_at(cached, *slot, base).position;
  }
  const std::uint64_t generation = generation_;
  CO_TRY(const auto file, co_await file_of(segment, FileKind::offset_index));
  CO_TRY(const auto page, co_await find_page(file, k_offset_entry_size, on_disk, floor));
  if (!page) co_return std::uint64_t{0};
  if (generation == generation_) page_ = {.segment_base = base, .entries = page->entries};
  const Bytes entries = page->entries.view();
  co_return offset_entry_at(entries, *floor(entries), base).position;
}

env::Task<Result<Offset>> PartitionLog::Store::upper_offset(SegmentPtr segment,
                                                            std::uint64_t position) {
  const Offset base = segment->base;
  Offset behind = log_end;  // the answer when no entry on the disk is
  std::uint64_t on_disk = segment->offset_entries;
  if (segment == segments.back()) {
    const Bytes tail = offset_tail_.bytes;
    const auto before = last_before_position(tail, position);
    const std::size_t next = before ? *before + 1 : 0;
    if (next < tail.size() / k_offset_entry_size) behind = offset_entry_at(tail, next, base).offset;
    if (before) co_return behind;
    on_disk = std::min(on_disk, offset_tail_.first);
  } else {
    behind = segments[segment_index(base) + 1]->base;
  }
  if (on_disk == 0) co_return behind;
  CO_TRY(const auto file, co_await file_of(segment, FileKind::offset_index));
  CO_TRY(const auto page,
         co_await find_page(file, k_offset_entry_size, on_disk, [position](Bytes entries) {
           return last_before_position(entries, position);
         }));
  const std::uint64_t next =
      page ? page->first + *last_before_position(page->entries.view(), position) + 1 : 0;
  if (next >= on_disk) co_return behind;
  CO_TRY(const SharedBytes entry,
         co_await file->read_at(next * k_offset_entry_size, k_offset_entry_size));
  if (entry.size() < k_offset_entry_size) {
    co_return fail(Errc::corrupt_data, "{}: too short", file->path());
  }
  co_return offset_entry_at(entry.view(), 0, base).offset;
}

env::Task<Result<TimeEntry>> PartitionLog::Store::floor_time(SegmentPtr segment, Timestamp asked) {
  const Offset base = segment->base;
  std::uint64_t on_disk = segment->time_entries;
  if (segment == segments.back()) {
    const auto slot = floor_by_time(time_tail_.bytes, base, asked);
    if (slot) co_return time_entry_at(time_tail_.bytes, *slot, base);
    on_disk = std::min(on_disk, time_tail_.first);
  }
  const TimeEntry none{.timestamp = k_no_timestamp, .offset = base};
  if (on_disk == 0) co_return none;
  const auto floor = [base, asked](Bytes entries) { return floor_by_time(entries, base, asked); };
  CO_TRY(const auto file, co_await file_of(segment, FileKind::time_index));
  CO_TRY(const auto page, co_await find_page(file, k_time_entry_size, on_disk, floor));
  if (!page) co_return none;
  const Bytes entries = page->entries.view();
  co_return time_entry_at(entries, *floor(entries), base);
}

env::Task<Result<std::optional<FoundBatch>>> PartitionLog::Store::find_batch(SegmentPtr segment,
                                                                             Offset offset,
                                                                             std::uint64_t size,
                                                                             bool or_damaged) {
  CO_TRY(const std::uint64_t from, co_await floor_position(segment, offset));
  CO_TRY(const auto file, co_await file_of(segment, FileKind::log));
  FrontScan scan(file, from, size);
  CO_TRY(std::optional<FoundBatch> found, co_await scan.next());
  // An index can be damaged like every file; whoever believed it would skip records.
  const bool astray = from > 0 && (!found || found->facts.base_offset < segment->base ||
                                   found->facts.base_offset > offset);
  if (astray) {
    if (segment != segments.back()) CO_TRY_OK(co_await remake_offset_index(segment));
    scan = FrontScan(file, 0, size);
    CO_TRY(found, co_await scan.next());
  }
  while (found && found->facts.last_offset < offset) {
    CO_TRY(found, co_await scan.next());
  }
  if (!found && or_damaged && scan.position() < size) {
    co_return fail(Errc::corrupt_message, "{}: no batch at byte {}", file->path(), scan.position());
  }
  co_return found;
}

env::Task<Result<void>> PartitionLog::Store::remake_offset_index(SegmentPtr segment) {
  segment->offset_entries = 0;
  const std::uint64_t generation = ++generation_;
  forget_positions();
  SegmentIndexer indexer(config->index_interval_bytes, {k_no_timestamp, segment->base},
                         k_no_timestamp);
  CO_TRY(const auto log, co_await file_of(segment, FileKind::log));
  FrontScan scan(log, 0, segment->size);
  std::vector<std::byte> bytes;
  while (true) {
    CO_TRY(const std::optional<FoundBatch> found, co_await scan.next());
    if (!found || !fits_segment(segment->base, found->facts.last_offset)) break;
    const auto entry = indexer.add(found->facts, found->position).offset;
    if (entry) append_offset_entry(bytes, segment->base, *entry);
  }
  if (generation != generation_) co_return Result<void>{};
  CO_TRY(const auto index, co_await file_of(segment, FileKind::offset_index));
  CO_TRY_OK(co_await index->truncate(0));
  const std::size_t count = bytes.size() / k_offset_entry_size;
  if (count > 0) CO_TRY_OK(co_await index->write_at(0, {SharedBytes::take(std::move(bytes))}));
  segment->indexes_synced = false;
  if (generation == generation_) segment->offset_entries = count;
  co_return Result<void>{};
}

env::Task<Result<TimeEntry>> PartitionLog::Store::last_time_entry(SegmentPtr segment) {
  const Offset base = segment->base;
  if (segment == segments.back() && !time_tail_.bytes.empty()) {
    const std::size_t count = time_tail_.bytes.size() / k_time_entry_size;
    co_return time_entry_at(time_tail_.bytes, count - 1, base);
  }
  if (segment->time_entries == 0) co_return TimeEntry{k_no_timestamp, base};
  CO_TRY(const auto file, co_await file_of(segment, FileKind::time_index));
  CO_TRY(
      const SharedBytes entry,
      co_await file->read_at((segment->time_entries - 1) * k_time_entry_size, k_time_entry_size));
  if (entry.size() < k_time_entry_size) {
    co_return fail(Errc::corrupt_data, "{}: too short", file->path());
  }
  co_return time_entry_at(entry.view(), 0, base);
}

env::Task<Result<TimeEntry>> PartitionLog::Store::max_of(SegmentPtr segment) {
  if (segment == segments.back() && active_loaded_) co_return indexer_.max();
  if (!segment->max) {
    CO_TRY(const TimeEntry last, co_await last_time_entry(segment));
    segment->max = last;
  }
  co_return *segment->max;
}

Result<void> PartitionLog::Store::usable() const {
  if (offline) return fail(*offline);
  if (closed_) return fail(Errc::kafka_storage_error, "{}: the log is closed", where.path);
  return {};
}

std::unexpected<Error> PartitionLog::Store::go_offline(const Error& why) {
  if (why.code() == Errc::cancelled) return fail(why);
  if (!offline) {
    offline = Error(Errc::kafka_storage_error, where.path + ": " + why.describe());
  }
  return fail(*offline);
}

}  // namespace moldau::log
