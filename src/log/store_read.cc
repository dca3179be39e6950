#include <algorithm>

#include "log/store.h"

namespace moldau::log {

// Finds segment and positions in the state that was when it began; whatever it waits for, another
// truncation may come between. Then it begins again.
env::Task<Result<ReadRange>> PartitionLog::Store::read(ReadRequest request) {
  while (true) {
    CO_TRY_OK(usable());
    const std::uint64_t generation = generation_;
    Result<ReadRange> range = co_await locate(request);
    if (generation != generation_) continue;
    // Bytes that are no batches any more concern who reads there; the rest of the log is served.
    const bool is_of_this_read = !range && (range.error().code() == Errc::offset_out_of_range ||
                                            range.error().code() == Errc::corrupt_message);
    if (!range && !is_of_this_read) {
      co_return go_offline(range.error());
    }
    co_return range;
  }
}

env::Task<Result<ReadRange>> PartitionLog::Store::locate(ReadRequest request) {
  const Offset from = request.from;
  if (from < log_start || from > log_end) co_return fail(Errc::offset_out_of_range);
  const Offset limit = std::min(request.limit, log_end);
  if (from >= limit) co_return ReadRange{};
  const SegmentPtr newest = segments.back();
  const std::uint64_t newest_size = newest->size;
  const Offset end_of_log = log_end;
  std::size_t index = segment_index(from);
  while (index < segments.size()) {
    const SegmentPtr segment = segments[index];
    const std::uint64_t size = segment == newest ? newest_size : segment->size;
    CO_TRY(const std::optional<Start> start, co_await find_start(segment, from, size));
    if (!start) {  // compaction may have left nothing at or above `from` here
      if (segment == newest) break;
      ++index;
      continue;
    }
    std::uint64_t end = size;
    const bool limit_in_next = segment != newest && limit >= segments[index + 1]->base;
    const bool limit_at_end = segment == newest && limit == end_of_log;
    if (!limit_in_next && !limit_at_end) {
      CO_TRY(end, co_await limit_position(segment, limit, size));
    }
    if (end <= start->position) co_return ReadRange{};
    const bool on_older = segment != newest && limit > segments[index + 1]->base;
    CO_TRY(ReadRange range, co_await cut_range(segment, *start, end, request));
    range.on_older_segment = on_older;
    range.segment_base = segment->base;
    co_return range;
  }
  co_return ReadRange{};
}

std::optional<std::uint64_t> PartitionLog::Store::boundary_at(const Segment& segment,
                                                              Offset offset) const {
  for (const Boundary& known : boundaries_) {
    if (known.offset == offset && known.segment_base == segment.base) return known.position;
  }
  return std::nullopt;
}

env::Task<Result<std::optional<PartitionLog::Store::Start>>> PartitionLog::Store::find_start(
    SegmentPtr segment, Offset from, std::uint64_t size) {
  if (const auto known = boundary_at(*segment, from); known && *known < size) {
    co_return std::optional(Start{.position = *known, .first_offset = from, .first_size = 0});
  }
  CO_TRY(const std::optional<FoundBatch> found, co_await find_batch(segment, from, size, true));
  if (!found) co_return std::optional<Start>{};
  co_return std::optional(Start{.position = found->position,
                                .first_offset = found->facts.base_offset,
                                .first_size = found->facts.size});
}

// Where the batch that holds `limit` begins, or the next behind it.
env::Task<Result<std::uint64_t>> PartitionLog::Store::limit_position(SegmentPtr segment,
                                                                     Offset limit,
                                                                     std::uint64_t size) {
  if (const auto known = boundary_at(*segment, limit); known && *known < size) co_return *known;
  CO_TRY(const std::optional<FoundBatch> found, co_await find_batch(segment, limit, size));
  co_return found ? found->position : size;
}

env::Task<Result<ReadRange>> PartitionLog::Store::cut_range(SegmentPtr segment, Start start,
                                                            std::uint64_t end,
                                                            ReadRequest request) {
  CO_TRY(auto file, co_await file_of(segment, FileKind::log));
  const std::uint64_t available = end - start.position;
  auto size = static_cast<std::uint64_t>(std::max(request.bytes_max, 0));
  bool cut = false;
  if (size < available) {
    if (start.first_size == 0) {
      FrontScan scan(file, start.position, end);
      CO_TRY(const std::optional<FoundBatch> first, co_await scan.next());
      if (first) start.first_size = first->facts.size;
    }
    if (request.at_least_one_batch) size = std::max<std::uint64_t>(size, start.first_size);
    cut = size < start.first_size;
  }
  size = std::min(size, available);
  if (size == 0)
    co_return ReadRange{.range = {}, .first_batch_offset = k_no_offset, .first_batch_cut = cut};
  co_return ReadRange{.range = {.file = std::move(file),
                                .position = start.position,
                                .size = static_cast<std::size_t>(size)},
                      .first_batch_offset = start.first_offset,
                      .first_batch_cut = cut};
}

env::Task<Result<SharedBytes>> PartitionLog::Store::read_batches(ReadRequest request) {
  CO_TRY(const ReadRange found, co_await read(request));
  if (found.range.size == 0) co_return SharedBytes{};
  const std::uint64_t generation = generation_;
  const auto bytes = co_await found.range.file->read_at(found.range.position, found.range.size);
  if (!bytes) {
    if (generation != generation_) co_return co_await read_batches(request);
    co_return go_offline(bytes.error());
  }
  std::size_t whole = 0;
  while (true) {
    const auto facts = batch_facts(bytes->view().subspan(whole));
    if (!facts || facts->size > bytes->size() - whole) break;
    whole += facts->size;
  }
  co_return bytes->slice(0, whole);
}

}  // namespace moldau::log
