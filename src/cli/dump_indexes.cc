#include "cli/dump_indexes.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "cli/session.h"
#include "log/file_names.h"
#include "record/records.h"

namespace moldau::cli {
namespace {

constexpr std::string_view k_corrupt_index =
    "org.apache.kafka.storage.internals.log.CorruptIndexException";
constexpr std::size_t k_body_size_max = 1U << 30U;
// Searched back and forth: Kafka's default index fits.
constexpr std::size_t k_index_window = 1U << 24U;
constexpr std::int64_t k_int_max = std::numeric_limits<std::int32_t>::max();

std::string beside(const std::string& path, Offset base, log::FileKind kind) {
  const std::string name = log::file_name(base, kind);
  return path.contains('/') ? env::join_path(env::parent_path(path), name) : name;
}

env::Task<Result<log::OffsetEntry>> offset_entry(FileWindow& index, std::uint64_t n, Offset base) {
  CO_TRY(const Bytes bytes,
         co_await index.at(n * log::k_offset_entry_size, log::k_offset_entry_size));
  co_return log::offset_entry_at(bytes, 0, base);
}

env::Task<Result<log::TimeEntry>> time_entry(FileWindow& index, std::uint64_t n, Offset base) {
  CO_TRY(const Bytes bytes, co_await index.at(n * log::k_time_entry_size, log::k_time_entry_size));
  co_return log::time_entry_at(bytes, 0, base);
}

// Where the log holds what an offset index says of `asked`: the last entry that is not above it.
env::Task<Result<std::uint64_t>> position_of(FileWindow* index, Offset base, Offset asked) {
  std::uint64_t position = 0;
  std::uint64_t low = 0;
  std::uint64_t high = index == nullptr ? 0 : index->size() / log::k_offset_entry_size;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    CO_TRY(const log::OffsetEntry entry, co_await offset_entry(*index, middle, base));
    if (entry.offset <= asked) {
      position = entry.position;
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  co_return position;
}

// Whether Kafka would keep the index at start; the text says why not.
Result<void> check_size(std::string_view what, const std::string& path, std::uint64_t size,
                        std::size_t entry_size) {
  if (size % entry_size == 0) return {};
  return thrown(k_corrupt_index, fmt::format("{} {} is corrupt, found {} bytes which is neither "
                                             "positive nor a multiple of {}",
                                             what, path, size, entry_size));
}

env::Task<Result<void>> check_times(FileWindow& index, std::string path, Offset base) {
  const std::uint64_t count = index.size() / log::k_time_entry_size;
  if (count > 0) {
    CO_TRY(const log::TimeEntry first, co_await time_entry(index, 0, base));
    CO_TRY(const log::TimeEntry last, co_await time_entry(index, count - 1, base));
    const auto refuse = [&](std::string_view what, std::int64_t found, std::int64_t least) {
      return thrown(
          k_corrupt_index,
          fmt::format("Corrupt time index found, time index file ({}) has non-zero size but the "
                      "last {} is {} which is less than the first {} {}",
                      path, what, found, what, least));
    };
    if (last.timestamp < first.timestamp) {
      co_return refuse("timestamp", to_millis(last.timestamp), to_millis(first.timestamp));
    }
    if (last.offset < base) co_return refuse("offset", last.offset.value(), base.value());
  }
  co_return check_size("Time index file", path, index.size(), log::k_time_entry_size);
}

Result<Timestamp> newest_in(const record::BatchView& batch) {
  TRY(const record::Records records, record::Records::read(batch, k_body_size_max));
  Timestamp newest = k_no_timestamp;
  for (const record::RecordView& record : records) newest = std::max(newest, record.timestamp);
  return newest;
}

}  // namespace

std::string normal_path(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || !out.ends_with('/')) out += c;
  }
  if (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}

std::string absolute_path(const ToolContext& context, const std::string& path) {
  if (path.starts_with('/') || context.working_directory.empty()) return path;
  return env::join_path(context.working_directory, path);
}

std::string name_in_path(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

Result<Offset> base_in_path(const std::string& path) {
  const std::string name = name_in_path(path);
  const std::string digits = name.substr(0, name.find('.'));
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || problem != std::errc{} || end != digits.data() + digits.size()) {
    return thrown("java.lang.NumberFormatException",
                  fmt::format("For input string: \"{}\"", digits));
  }
  return Offset{value};
}

env::Task<Result<FileWindow>> open_to_dump(ToolContext& context, std::string path) {
  auto file = co_await FileWindow::open(context.env.disk, path);
  if (file) co_return *std::move(file);
  if (file.error().code() == Errc::not_found) {
    co_return thrown("java.nio.file.NoSuchFileException", path);
  }
  co_return thrown("java.io.IOException", text_of(file.error()));
}

std::unexpected<Error> unreadable(const Error& error) {
  const std::string text = text_of(error);
  if (text.starts_with("Exception in thread")) return fail(error);
  return thrown(error.code() == Errc::invalid_record
                    ? "org.apache.kafka.common.InvalidRecordException"
                    : "org.apache.kafka.common.errors.CorruptRecordException",
                text);
}

env::Task<Result<void>> IndexDumper::compare(FileWindow& log, std::string path,
                                             std::string log_path, log::OffsetEntry entry) {
  const auto position = static_cast<std::int32_t>(entry.position);
  if (position < 0 || entry.position > log.size()) {
    const std::string records = fmt::format("FileRecords(size={}, file={}, start=0, end={})",
                                            log.size(), log_path, k_int_max);
    co_return thrown(
        "java.lang.IllegalArgumentException",
        position < 0
            ? fmt::format("Invalid position: {} in read from {}", position, records)
            : fmt::format("Slice from position {} exceeds end position of {}", position, records));
  }
  BatchFile batches(log, log_path, entry.position, entry.position + choices_.message_bytes_max);
  const auto batch = co_await batches.next();
  if (!batch) co_return unreadable(batch.error());
  if (!*batch) co_return thrown("java.util.NoSuchElementException", "");
  const Offset found = (*batch)->view.last_offset();
  if (found != entry.offset) mismatches_[path][entry.offset] = found;
  co_return Result<void>{};
}

env::Task<Result<void>> IndexDumper::dump_offsets(std::string path) {
  CO_TRY(const Offset base, base_in_path(path));
  const std::string log_path = beside(path, base, log::FileKind::log);
  CO_TRY(FileWindow log, co_await open_to_dump(context_, absolute_path(context_, log_path)));
  CO_TRY(FileWindow index, co_await open_to_dump(context_, path));
  const std::string whole_path = absolute_path(context_, path);
  const std::uint64_t count = index.size() / log::k_offset_entry_size;
  if (count == 0) {
    context_.console.out(path + " is empty.\n");
    co_return Result<void>{};
  }
  if (choices_.sanity_only) {
    CO_TRY(const log::OffsetEntry last, co_await offset_entry(index, count - 1, base));
    if (last.offset < base) {
      co_return thrown(k_corrupt_index,
                       fmt::format("Corrupt index found, index file {} has non-zero size but the "
                                   "last offset is {} which is less than the base offset {}",
                                   whole_path, last.offset, base));
    }
    CO_TRY_OK(check_size("Index file", whole_path, index.size(), log::k_offset_entry_size));
    context_.console.out(path + " passed sanity check.\n");
    co_return Result<void>{};
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    CO_TRY(const log::OffsetEntry entry, co_await offset_entry(index, i, base));
    if (entry.offset == base && i > 0) break;  // padding of a file that was open
    CO_TRY_OK(co_await compare(log, whole_path, absolute_path(context_, log_path), entry));
    if (choices_.verify_only) continue;
    context_.console.out(fmt::format("offset: {} position: {}\n", entry.offset, entry.position));
  }
  co_return Result<void>{};
}

env::Task<Result<void>> IndexDumper::compare(TimeFiles& files, log::TimeEntry entry,
                                             Timestamp previous) {
  CO_TRY(const std::uint64_t from,
         co_await position_of(files.offset_index, files.base, entry.offset));
  BatchFile batches(files.log, files.log_path, from, files.log.size());
  std::optional<BatchFile::Batch> found;
  while (true) {
    const auto batch = co_await batches.next();
    if (!batch) co_return unreadable(batch.error());
    found = *batch;
    if (!found || found->view.last_offset() >= entry.offset) break;
  }
  if (!found || found->view.last_offset() != entry.offset) {
    not_found_[files.path].emplace_back(entry.offset,
                                        found ? found->view.last_offset() : Offset{-1});
    co_return Result<void>{};
  }
  const auto newest = newest_in(found->view);
  if (!newest) co_return unreadable(newest.error());
  if (*newest != entry.timestamp) timestamps_[files.path].emplace_back(entry.timestamp, *newest);
  if (previous >= entry.timestamp) {
    out_of_order_[files.path].emplace_back(entry.timestamp, previous);
  }
  co_return Result<void>{};
}

env::Task<Result<void>> IndexDumper::dump_times(std::string path) {
  CO_TRY(const Offset base, base_in_path(path));
  const std::string log_path = beside(path, base, log::FileKind::log);
  CO_TRY(FileWindow log, co_await open_to_dump(context_, absolute_path(context_, log_path)));
  auto offsets = co_await FileWindow::open(
      context_.env.disk, beside(path, base, log::FileKind::offset_index), k_index_window);
  CO_TRY(FileWindow index, co_await open_to_dump(context_, path));
  TimeFiles files{log, offsets ? &*offsets : nullptr, absolute_path(context_, path),
                  absolute_path(context_, log_path), base};
  if (choices_.sanity_only) {
    CO_TRY_OK(co_await check_times(index, files.path, base));
    context_.console.out(path + " passed sanity check.\n");
    co_return Result<void>{};
  }
  Timestamp previous = k_no_timestamp;
  const std::uint64_t count = index.size() / log::k_time_entry_size;
  for (std::uint64_t i = 0; i < count; ++i) {
    CO_TRY(const log::TimeEntry entry, co_await time_entry(index, i, base));
    if (entry.offset == base && i > 0) break;  // padding of a file that was open
    CO_TRY_OK(co_await compare(files, entry, previous));
    previous = entry.timestamp;
    if (choices_.verify_only) continue;
    context_.console.out(
        fmt::format("timestamp: {} offset: {}\n", to_millis(entry.timestamp), entry.offset));
  }
  co_return Result<void>{};
}

std::string IndexDumper::mistakes() const {
  std::string text;
  for (const auto& [path, entries] : mismatches_) {
    text += fmt::format("Mismatches in :{}\n", path);
    for (auto it = entries.rbegin(); it != entries.rend(); ++it) {
      text += fmt::format("  Index offset: {}, log offset: {}\n", it->first, it->second);
    }
  }
  const auto times = [&](std::string_view title, std::string_view second, const TimePairs& files) {
    for (const auto& [path, pairs] : files) {
      text += fmt::format("{} in :{}\n", title, path);
      for (const auto& [entry, other] : pairs) {
        text += fmt::format("  Index timestamp: {}, {}: {}\n", to_millis(entry), second,
                            to_millis(other));
      }
    }
  };
  times("Found timestamp mismatch", "log timestamp", timestamps_);
  times("Found out of order timestamp", "Previously indexed timestamp", out_of_order_);
  for (const auto& [path, pairs] : not_found_) {
    text += fmt::format("The following indexed offsets are not found in :{}\n", path);
    for (const auto& [entry, found] : pairs) {
      text += fmt::format("Indexed offset: {}, found log offset: {}\n", entry, found);
    }
  }
  return text;
}

}  // namespace moldau::cli
