#include "cli/dump_log.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <map>

#include "cli/console_settings.h"
#include "cli/dump_records.h"
#include "cli/session.h"
#include "env/disk.h"
#include "log/checkpoint_files.h"
#include "log/file_names.h"
#include "log/index_format.h"
#include "log/producer_snapshot.h"
#include "record/message_set.h"

namespace moldau::cli {
namespace {

constexpr std::string_view k_what =
    "This tool helps to parse a log file and dump its contents to the console, useful for "
    "debugging a seemingly corrupt log segment.";

constexpr auto k_options = std::to_array<Option>({
    {.name = "files", .value = "file,...", .help = "REQUIRED: the files to dump."},
    {.name = "print-data-log", .help = "Print keys and values, too."},
    {.name = "deep-iteration", .help = "Print each record, not only batches."},
    {.name = "skip-record-metadata", .help = "Print of a record only key and value."},
    {.name = "max-bytes", .value = "bytes", .help = "Read so much of each log."},
    {.name = "max-message-size", .value = "bytes", .help = "Read and not used."},
    {.name = "index-sanity-check", .help = "Only check that an index would be kept at start."},
    {.name = "verify-index-only", .help = "Compare an index with its log, print no entries."},
    {.name = "key-decoder-class",
     .value = "class",
     .help = "How keys are read.",
     .value_is_optional = true},
    {.name = "value-decoder-class",
     .value = "class",
     .help = "How values are read.",
     .value_is_optional = true},
    {.name = "cluster-metadata-decoder", .help = "Values are metadata records."},
    {.name = "offsets-decoder", .help = "Records of __consumer_offsets."},
    {.name = "transaction-log-decoder", .help = "Records of __transaction_state."},
    {.name = "share-group-state-decoder", .help = "Records of __share_group_state."},
    {.name = "remote-log-metadata-decoder", .help = "Records of __remote_log_metadata."},
    k_help,
});

constexpr std::size_t k_file_size_max = std::numeric_limits<std::int32_t>::max();

struct IndexMistakes {
  std::map<Offset, Offset> mismatches;                        // of .index: entry, log
  std::vector<std::pair<Timestamp, Timestamp>> timestamps;    // of .timeindex: entry, log
  std::vector<std::pair<Timestamp, Timestamp>> out_of_order;  // entry, the one before
  std::vector<std::pair<Offset, Offset>> not_found;           // entry, log or -1
};

struct Dump {
  ToolContext& context;
  DumpChoices choices;
  std::size_t bytes_max = k_file_size_max;
  bool sanity_only = false;
  bool verify_only = false;
  std::map<std::string, IndexMistakes> mistakes;
  std::map<std::string, std::map<Offset, Offset>> gaps;

  void out(std::string_view text) const { context.console.out(text); }
};

std::unexpected<Error> thrown(std::string_view java_class, std::string_view text) {
  return fail(Errc::invalid_request, "Exception in thread \"main\" {}: {}", java_class, text);
}
std::unexpected<Error> corrupt(const Error& error) {
  return thrown("org.apache.kafka.common.errors.CorruptRecordException", text_of(error));
}

std::string name_in(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

Result<Offset> base_of(const std::string& path) {
  const std::string name = name_in(path);
  const std::string digits = name.substr(0, name.find('.'));
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || problem != std::errc{} || end != digits.data() + digits.size()) {
    return thrown("java.lang.NumberFormatException",
                  fmt::format("For input string: \"{}\"", digits));
  }
  return Offset{value};
}

env::Task<Result<SharedBytes>> read_whole(Dump& dump, std::string path, std::size_t bytes_max) {
  const auto file = co_await dump.context.env.disk.open(path, env::OpenMode::read);
  if (!file && file.error().code() == Errc::not_found) {
    co_return thrown("java.nio.file.NoSuchFileException", path);
  }
  if (!file) co_return thrown("java.io.IOException", text_of(file.error()));
  CO_TRY(const std::uint64_t size, (*file)->size());
  co_return co_await (*file)->read_at(
      0, static_cast<std::size_t>(std::min<std::uint64_t>(size, bytes_max)));
}

std::string log_beside(const std::string& path, Offset base) {
  return env::join_path(env::parent_path(path), log::file_name(base, log::FileKind::log));
}

env::Task<Result<void>> dump_segment(Dump& dump, std::string path) {
  const std::string name = name_in(path);
  if (path.ends_with(".log")) {
    CO_TRY(const Offset base, base_of(path));
    dump.out(fmt::format("Log starting offset: {}\n", base));
  } else if (name == log::k_bootstrap_checkpoint) {
    dump.out("KRaft bootstrap snapshot\n");
  } else {
    const auto snapshot = log::parse_metadata_snapshot_name(name);
    if (!snapshot) {
      co_return thrown("java.util.NoSuchElementException", "No value present");
    }
    dump.out(fmt::format("Snapshot end offset: {}, epoch: {}\n", snapshot->id.end_offset,
                         snapshot->id.epoch));
  }
  CO_TRY(const SharedBytes bytes, co_await read_whole(dump, path, dump.bytes_max));
  record::BatchesView batches(bytes.view());
  RecordDumper dumper(dump.choices);
  Result<void> ended;
  while (true) {
    const std::size_t position = batches.consumed();
    const auto batch = batches.next();
    if (!batch) ended = corrupt(batch.error());
    if (!batch || !*batch) break;
    std::string text;
    const Result<void> done = dumper.dump(**batch, position, text);
    dump.out(text);
    if (done) continue;
    ended = text_of(done.error()).starts_with("Failed to decode")
                ? thrown("java.lang.RuntimeException", text_of(done.error()))
                : corrupt(done.error());
    break;
  }
  if (!ended) co_return ended;
  if (!batches.rest().empty() && dump.bytes_max == k_file_size_max) {
    dump.out(fmt::format("Found {} invalid bytes at the end of {}\n", batches.rest().size(), name));
  }
  if (!dumper.gaps().empty()) dump.gaps[path] = dumper.gaps();
  co_return ended;
}

// Whether Kafka would keep the index at start; the text says why not.
Result<void> check_sanity(const std::string& path, std::size_t size, std::size_t entry_size,
                          Offset base, Offset last) {
  constexpr std::string_view k_class =
      "org.apache.kafka.storage.internals.log.CorruptIndexException";
  if (size % entry_size != 0) {
    return thrown(k_class, fmt::format("Index file {} is corrupt, found {} bytes which is neither "
                                       "positive nor a multiple of {}",
                                       path, size, entry_size));
  }
  if (size == 0 || last >= base) return {};
  return thrown(k_class, fmt::format("Corrupt index found, index file ({}) has non-zero size but "
                                     "the last offset is {} which is less than the base offset {}",
                                     path, last, base));
}

env::Task<Result<void>> dump_offset_index(Dump& dump, std::string path) {
  CO_TRY(const Offset base, base_of(path));
  CO_TRY(const SharedBytes log, co_await read_whole(dump, log_beside(path, base), k_file_size_max));
  CO_TRY(const SharedBytes index, co_await read_whole(dump, path, k_file_size_max));
  const std::size_t count = index.size() / log::k_offset_entry_size;
  if (count == 0) {
    dump.out(path + " is empty.\n");
    co_return Result<void>{};
  }
  if (dump.sanity_only) {
    const Offset last = log::offset_entry_at(index.view(), count - 1, base).offset;
    CO_TRY_OK(check_sanity(path, index.size(), log::k_offset_entry_size, base,
                           last > base ? last : Offset{-1}));
    dump.out(path + " passed sanity check.\n");
    co_return Result<void>{};
  }
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    const log::OffsetEntry entry = log::offset_entry_at(index.view(), i, base);
    if (entry.offset == base && i > 0) break;  // padding of a file that was open
    Offset found{-1};
    if (entry.position < log.size()) {
      if (const auto batch = record::BatchView::read(log.view().subspan(entry.position))) {
        found = batch->last_offset();
      }
    }
    if (found != entry.offset) dump.mistakes[path].mismatches[entry.offset] = found;
    if (!dump.verify_only) {
      text += fmt::format("offset: {} position: {}\n", entry.offset, entry.position);
    }
  }
  dump.out(text);
  co_return Result<void>{};
}

struct BatchEnd {
  Offset last_offset;
  Timestamp max_timestamp;
};

std::vector<BatchEnd> batch_ends(Bytes log) {
  std::vector<BatchEnd> out;
  record::BatchesView batches(log);
  while (true) {
    const auto batch = batches.next();
    if (!batch || !*batch) return out;
    Timestamp newest = k_no_timestamp;
    if (!(*batch)->is_legacy()) {
      newest = (*batch)->max_timestamp();
    } else if (const auto entry = record::LegacyEntry::read(**batch)) {
      newest = entry->timestamp();
    }
    out.push_back({(*batch)->last_offset(), newest});
  }
}

void check_time_entry(IndexMistakes& mistakes, const std::vector<BatchEnd>& batches,
                      const log::TimeEntry& entry, Timestamp previous) {
  const auto found = std::ranges::lower_bound(batches, entry.offset, {}, &BatchEnd::last_offset);
  if (found == batches.end() || found->last_offset != entry.offset) {
    mistakes.not_found.emplace_back(entry.offset,
                                    found == batches.end() ? Offset{-1} : found->last_offset);
    return;
  }
  if (found->max_timestamp != entry.timestamp) {
    mistakes.timestamps.emplace_back(entry.timestamp, found->max_timestamp);
  }
  if (previous >= entry.timestamp) mistakes.out_of_order.emplace_back(entry.timestamp, previous);
}

env::Task<Result<void>> dump_time_index(Dump& dump, std::string path) {
  CO_TRY(const Offset base, base_of(path));
  CO_TRY(const SharedBytes log, co_await read_whole(dump, log_beside(path, base), k_file_size_max));
  CO_TRY(const SharedBytes index, co_await read_whole(dump, path, k_file_size_max));
  const std::size_t count = index.size() / log::k_time_entry_size;
  if (dump.sanity_only) {
    const Offset last =
        count == 0 ? base : log::time_entry_at(index.view(), count - 1, base).offset;
    CO_TRY_OK(check_sanity(path, index.size(), log::k_time_entry_size, base, last));
    dump.out(path + " passed sanity check.\n");
    co_return Result<void>{};
  }
  const std::vector<BatchEnd> batches = batch_ends(log.view());
  Timestamp previous = k_no_timestamp;
  IndexMistakes mistakes;
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    const log::TimeEntry entry = log::time_entry_at(index.view(), i, base);
    if (entry.offset == base && i > 0) break;  // padding of a file that was open
    check_time_entry(mistakes, batches, entry, previous);
    previous = entry.timestamp;
    if (dump.verify_only) continue;
    text += fmt::format("timestamp: {} offset: {}\n", to_millis(entry.timestamp), entry.offset);
  }
  dump.out(text);
  dump.mistakes[path] = std::move(mistakes);
  co_return Result<void>{};
}

env::Task<Result<void>> dump_aborted(Dump& dump, std::string path) {
  CO_TRY(const SharedBytes bytes, co_await read_whole(dump, path, k_file_size_max));
  const auto entries = log::parse_aborted_entries(bytes.view());
  if (!entries)
    co_return thrown("org.apache.kafka.common.KafkaException", text_of(entries.error()));
  for (const log::AbortedEntry& entry : *entries) {
    dump.out(fmt::format(
        "version: 0 producerId: {} firstOffset: {} lastOffset: {} lastStableOffset: {}\n",
        entry.producer_id, entry.first_offset, entry.last_offset, entry.last_stable_offset));
  }
  co_return Result<void>{};
}

env::Task<Result<void>> dump_producers(Dump& dump, std::string path) {
  CO_TRY(const SharedBytes bytes, co_await read_whole(dump, path, k_file_size_max));
  const auto entries = log::parse_producer_snapshot(bytes.view());
  if (!entries) {
    dump.context.console.err(text_of(entries.error()) + "\n");
    co_return Result<void>{};
  }
  for (const log::ProducerEntry& entry : *entries) {
    std::string line = fmt::format(
        "producerId: {} producerEpoch: {} coordinatorEpoch: {} currentTxnFirstOffset: {} "
        "lastTimestamp: {}",
        entry.producer_id, entry.producer_epoch, entry.coordinator_epoch,
        entry.txn_first_offset ? fmt::format("OptionalLong[{}]", *entry.txn_first_offset)
                               : "OptionalLong.empty",
        to_millis(entry.last_timestamp));
    if (!entry.batches().empty()) {
      const log::WrittenBatch& batch = entry.batches().front();
      line += fmt::format(
          " firstSequence: {} lastSequence: {} lastOffset: {} offsetDelta: {} timestamp: {}",
          batch.first_sequence(), batch.last_sequence, batch.last_offset, batch.offset_delta,
          to_millis(batch.timestamp));
    }
    dump.out(line + "\n");
  }
  co_return Result<void>{};
}

env::Task<Result<void>> dump_file(Dump& dump, std::string path) {
  dump.out(fmt::format("Dumping {}\n", path));
  const auto is = [&](std::string_view suffix) { return path.ends_with(suffix); };
  if (is(".log") || is(".checkpoint")) co_return co_await dump_segment(dump, path);
  if (is(".index")) co_return co_await dump_offset_index(dump, path);
  if (is(".timeindex")) co_return co_await dump_time_index(dump, path);
  if (is(".txnindex")) co_return co_await dump_aborted(dump, path);
  if (is(".snapshot")) co_return co_await dump_producers(dump, path);
  dump.context.console.err(fmt::format("Ignoring unknown file {}\n", path));
  co_return Result<void>{};
}

void say_mistakes(const Dump& dump) {
  std::string text;
  const auto times = [&](std::string_view title, std::string_view second, const auto& pairs) {
    if (!pairs.empty()) text += std::string(title) + "\n";
    for (const auto& [entry, other] : pairs) {
      text += fmt::format("  Index timestamp: {}, {}: {}\n", to_millis(entry), second,
                          to_millis(other));
    }
  };
  for (const auto& [path, mistakes] : dump.mistakes) {
    if (!mistakes.mismatches.empty()) text += fmt::format("Mismatches in :{}\n", path);
    for (auto it = mistakes.mismatches.rbegin(); it != mistakes.mismatches.rend(); ++it) {
      text += fmt::format("  Index offset: {}, log offset: {}\n", it->first, it->second);
    }
    times("Found timestamp mismatch in :" + path, "log timestamp", mistakes.timestamps);
    times("Found out of order timestamp in :" + path, "Previously indexed timestamp",
          mistakes.out_of_order);
    if (!mistakes.not_found.empty()) {
      text += fmt::format("The following indexed offsets are not found in :{}\n", path);
    }
    for (const auto& [entry, found] : mistakes.not_found) {
      text += fmt::format("Indexed offset: {}, found log offset: {}\n", entry, found);
    }
  }
  for (const auto& [path, gaps] : dump.gaps) {
    text += fmt::format("Non-consecutive offsets in {}\n", path);
    for (const auto& [before, after] : gaps) {
      text += fmt::format("  {} is followed by {}\n", before, after);
    }
  }
  dump.context.console.err(text);
}

Result<RecordDecoder> decoder_class(const Given& given, std::string_view option) {
  const std::string name = given.one(option);
  const std::size_t dot = name.find_last_of('.');
  const std::string last = dot == std::string::npos ? name : name.substr(dot + 1);
  if (last.empty() || last == "StringDecoder" || last == "DefaultDecoder") {
    return RecordDecoder::text;
  }
  if (last == "IntegerDecoder") return RecordDecoder::int32;
  if (last == "LongDecoder") return RecordDecoder::int64;
  return thrown("java.lang.ClassNotFoundException", name);
}

Result<DumpChoices> choices_of(const Given& given) {
  struct Special {
    std::string_view option;
    RecordDecoder decoder;
  };
  constexpr auto k_special = std::to_array<Special>({
      {"offsets-decoder", RecordDecoder::offsets},
      {"transaction-log-decoder", RecordDecoder::transactions},
      {"cluster-metadata-decoder", RecordDecoder::cluster_metadata},
      {"remote-log-metadata-decoder", RecordDecoder::remote_metadata},
      {"share-group-state-decoder", RecordDecoder::share_state},
  });
  DumpChoices out;
  TRY(out.key, decoder_class(given, "key-decoder-class"));
  TRY(out.value, decoder_class(given, "value-decoder-class"));
  out.contents = given.has("print-data-log") || given.has("key-decoder-class") ||
                 given.has("value-decoder-class");
  bool chosen = false;
  for (const Special& special : k_special) {
    if (!given.has(special.option)) continue;
    if (!chosen) out.value = special.decoder;
    chosen = true;
    out.contents = true;
  }
  out.records = out.contents || given.has("deep-iteration");
  out.skip_metadata = given.has("skip-record-metadata");
  return out;
}

env::Task<Result<void>> dump_all(Dump& dump, Given given) {
  CO_TRY(dump.choices, choices_of(given));
  if (given.has("max-bytes")) {
    CO_TRY(const std::int64_t bytes, integer_option(given, "max-bytes"));
    dump.bytes_max =
        std::min(static_cast<std::size_t>(std::max<std::int64_t>(bytes, 0)), k_file_size_max);
  }
  dump.sanity_only = given.has("index-sanity-check");
  dump.verify_only = given.has("verify-index-only");
  std::string files = given.one("files");
  while (true) {
    const std::size_t comma = files.find(',');
    const std::string path = files.substr(0, comma);
    if (!path.empty()) CO_TRY_OK(co_await dump_file(dump, path));
    dump.context.console.flush();
    if (comma == std::string::npos) break;
    files.erase(0, comma + 1);
  }
  co_return Result<void>{};
}

}  // namespace

env::Task<int> run_dump_log(ToolContext& context) {
  const std::optional<Given> given = read_words(context, k_what, k_options);
  if (!given) co_return k_failed;
  if (!given->has("files")) {
    context.console.err(fmt::format("Missing required argument \"[files]\"\n{}",
                                    usage_of(context.called_as, k_what, k_options)));
    co_return k_failed;
  }
  Dump dump{.context = context, .choices = {}, .mistakes = {}, .gaps = {}};
  const Result<void> done = co_await dump_all(dump, *given);
  context.console.flush();
  if (!done) {
    context.console.err(text_of(done.error()) + "\n");
    co_return k_failed;
  }
  say_mistakes(dump);
  co_return k_ok;
}

}  // namespace moldau::cli
