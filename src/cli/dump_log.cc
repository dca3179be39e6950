#include "cli/dump_log.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "bytes/crc32c.h"
#include "bytes/endian.h"
#include "cli/checkpoint_text.h"
#include "cli/console_settings.h"
#include "cli/dump_indexes.h"
#include "cli/dump_records.h"
#include "cli/file_window.h"
#include "cli/session.h"
#include "env/disk.h"
#include "log/checkpoint_files.h"
#include "log/file_names.h"
#include "log/index_format.h"
#include "log/producer_snapshot.h"

namespace moldau::cli {
namespace {

constexpr std::string_view k_what =
    "This tool helps to parse a log file and dump its contents to the console, useful for "
    "debugging a seemingly corrupt log segment.";

constexpr auto k_options = std::to_array<Option>({
    {.name = "files", .value = "file1, file2, ...", .help = "REQUIRED: the files to dump."},
    {.name = "print-data-log", .help = "Print keys and values, too."},
    {.name = "deep-iteration", .help = "Print each record, not only batches."},
    {.name = "skip-record-metadata", .help = "Print of a record only key and value."},
    {.name = "max-bytes",
     .value = "size",
     .type = "Integer",
     .help = "Read so much of each log.",
     .preset = "2147483647"},
    {.name = "max-message-size",
     .value = "size",
     .type = "Integer",
     .help = "Read and not used.",
     .preset = "5242880"},
    {.name = "index-sanity-check", .help = "Only check that an index would be kept at start."},
    {.name = "verify-index-only", .help = "Compare an index with its log, print no entries."},
    {.name = "key-decoder-class",
     .type = "String",
     .help = "How keys are read.",
     .value_is_optional = true,
     .preset = "org.apache.kafka.tools.api.StringDecoder"},
    {.name = "value-decoder-class",
     .type = "String",
     .help = "How values are read.",
     .value_is_optional = true,
     .preset = "org.apache.kafka.tools.api.StringDecoder"},
    {.name = "cluster-metadata-decoder", .help = "Values are metadata records."},
    {.name = "offsets-decoder", .help = "Records of __consumer_offsets."},
    {.name = "transaction-log-decoder", .help = "Records of __transaction_state."},
    {.name = "share-group-state-decoder", .help = "Records of __share_group_state."},
    {.name = "remote-log-metadata-decoder", .help = "Records of __remote_log_metadata."},
    k_help,
});

constexpr std::int64_t k_no_limit = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t k_small_file_max = 1U << 30U;

struct Dump {
  ToolContext& context;
  IndexDumper& indexes;
  Given given;
  DumpChoices choices;
  std::int64_t bytes_max = k_no_limit;
  std::map<std::string, std::map<Offset, Offset>> gaps;

  void out(std::string_view text) const { context.console.out(text); }
};

env::Task<Result<SharedBytes>> read_whole(Dump& dump, std::string path) {
  auto bytes = co_await env::read_file(dump.context.env.disk, path, k_small_file_max);
  if (bytes) co_return bytes;
  if (bytes.error().code() == Errc::not_found) {
    co_return thrown("java.nio.file.NoSuchFileException", path);
  }
  co_return thrown("java.io.IOException", text_of(bytes.error()));
}

Result<std::string> first_line(const std::string& path) {
  const std::string name = name_in_path(path);
  if (path.ends_with(".log")) {
    TRY(const Offset base, base_in_path(path));
    return fmt::format("Log starting offset: {}\n", base);
  }
  if (name == log::k_bootstrap_checkpoint) return std::string("KRaft bootstrap snapshot\n");
  const auto snapshot = log::parse_metadata_snapshot_name(name);
  if (!snapshot) return thrown("java.util.NoSuchElementException", "No value present");
  return fmt::format("Snapshot end offset: {}, epoch: {}\n", snapshot->id.end_offset,
                     snapshot->id.epoch);
}

env::Task<Result<void>> dump_segment(Dump& dump, std::string path) {
  CO_TRY(const std::string line, first_line(path));
  dump.out(line);
  CO_TRY(FileWindow file, co_await open_to_dump(dump.context, path));
  if (dump.bytes_max < 0) {
    co_return thrown("java.lang.IllegalArgumentException",
                     fmt::format("Invalid size: {} in read from FileRecords(size={}, file={}, "
                                 "start=0, end={})",
                                 dump.bytes_max, file.size(), path, k_no_limit));
  }
  BatchFile batches(file, path, 0, static_cast<std::uint64_t>(dump.bytes_max));
  RecordDumper dumper(dump.choices);
  Result<void> ended;
  while (ended) {
    const auto batch = co_await batches.next();
    if (!batch) ended = unreadable(batch.error());
    if (!batch || !*batch) break;
    std::string text;
    const Result<void> done = dumper.dump((*batch)->view, (*batch)->position, text);
    dump.out(text);
    if (!done) ended = unreadable(done.error());
  }
  if (!ended) co_return ended;
  if (batches.rest() > 0 && dump.bytes_max == k_no_limit) {
    dump.out(fmt::format("Found {} invalid bytes at the end of {}\n", batches.rest(),
                         name_in_path(path)));
  }
  if (!dumper.gaps().empty()) dump.gaps[absolute_path(dump.context, path)] = dumper.gaps();
  co_return ended;
}

env::Task<Result<void>> dump_aborted(Dump& dump, std::string path) {
  CO_TRY_OK(base_in_path(path));
  const Result<bool> there = co_await dump.context.env.disk.exists(path);
  if (there && !*there) co_return Result<void>{};  // most segments have none
  CO_TRY(const SharedBytes bytes, co_await read_whole(dump, path));
  constexpr std::string_view k_class = "org.apache.kafka.common.KafkaException";
  const Bytes view = bytes.view();
  for (std::size_t at = 0; at + log::k_aborted_entry_size <= view.size();
       at += log::k_aborted_entry_size) {
    const auto version = load_big<std::int8_t>(view.data() + at);
    if (version == 0) continue;
    co_return thrown(k_class, fmt::format("Unexpected aborted transaction version {} in "
                                          "transaction index {}, current version is 0",
                                          version, absolute_path(dump.context, path)));
  }
  const auto entries = log::parse_aborted_entries(view);
  if (!entries) co_return thrown(k_class, text_of(entries.error()));
  for (const log::AbortedEntry& entry : *entries) {
    dump.out(fmt::format(
        "version: 0 producerId: {} firstOffset: {} lastOffset: {} lastStableOffset: {}\n",
        entry.producer_id, entry.first_offset, entry.last_offset, entry.last_stable_offset));
  }
  co_return Result<void>{};
}

// In Kafka's words where it has some.
std::string snapshot_problem(Bytes bytes, const Error& error) {
  constexpr std::size_t k_summed_from = 6;  // int16 version, uint32 sum
  const std::int16_t version = bytes.size() < 2 ? 0 : load_big<std::int16_t>(bytes.data());
  if (version != 1) {
    return fmt::format(
        "Snapshot failed schema validation: Snapshot contained an unknown file version {}",
        version);
  }
  if (bytes.size() < k_summed_from) return text_of(error);
  const auto stored = load_big<std::uint32_t>(bytes.data() + 2);
  const std::uint32_t computed = crc32c(bytes.subspan(k_summed_from));
  if (stored == computed) return text_of(error);
  return fmt::format(
      "Snapshot is corrupt (CRC is no longer valid). Stored crc: {}. Computed crc: {}", stored,
      computed);
}

env::Task<Result<void>> dump_producers(Dump& dump, std::string path) {
  CO_TRY(const SharedBytes bytes, co_await read_whole(dump, path));
  const auto entries = log::parse_producer_snapshot(bytes.view());
  if (!entries) {
    dump.context.console.err(snapshot_problem(bytes.view(), entries.error()) + "\n");
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

env::Task<Result<void>> dump_checkpoint(Dump& dump, std::string path) {
  CO_TRY(const SharedBytes bytes, co_await read_whole(dump, path));
  const auto text = checkpoint_text(name_in_path(path), as_text(bytes.view()));
  if (text) {
    dump.out(*text);
  } else {
    dump.context.console.err(text_of(text.error()) + "\n");
  }
  co_return Result<void>{};
}

Result<RecordDecoder> decoder_class(const Given& given, std::string_view option) {
  struct Named {
    std::string_view name;
    RecordDecoder decoder;
  };
  constexpr auto k_names = std::to_array<Named>({
      {"StringDecoder", RecordDecoder::text},
      {"DefaultDecoder", RecordDecoder::text},
      {"IntegerDecoder", RecordDecoder::int32},
      {"LongDecoder", RecordDecoder::int64},
  });
  const std::string name = given.one(option);
  if (name.empty()) return RecordDecoder::text;
  constexpr std::string_view k_package = "org.apache.kafka.tools.api.";
  if (name.starts_with(k_package)) {
    const auto* const found =
        std::ranges::find(k_names, name.substr(k_package.size()), &Named::name);
    if (found != k_names.end()) return found->decoder;
  }
  return thrown("java.lang.RuntimeException", "Failed to load decoder class");
}

struct SpecialDecoder {
  std::string_view option;
  RecordDecoder decoder;
};
constexpr auto k_special_decoders = std::to_array<SpecialDecoder>({
    {"offsets-decoder", RecordDecoder::offsets},
    {"transaction-log-decoder", RecordDecoder::transactions},
    {"cluster-metadata-decoder", RecordDecoder::cluster_metadata},
    {"remote-log-metadata-decoder", RecordDecoder::remote_metadata},
    {"share-group-state-decoder", RecordDecoder::share_state},
});

DumpChoices print_choices(const Given& given) {
  DumpChoices out;
  out.contents = given.has("print-data-log") || given.has("key-decoder-class") ||
                 given.has("value-decoder-class");
  for (const SpecialDecoder& special : k_special_decoders) {
    out.contents = out.contents || given.has(special.option);
  }
  out.records = out.contents || given.has("deep-iteration");
  out.skip_metadata = given.has("skip-record-metadata");
  return out;
}

// The first of the special decoders wins, and then the classes are not looked at.
Result<void> choose_decoders(Dump& dump) {
  for (const SpecialDecoder& special : k_special_decoders) {
    if (!dump.given.has(special.option)) continue;
    dump.choices.value = special.decoder;
    return {};
  }
  TRY(dump.choices.value, decoder_class(dump.given, "value-decoder-class"));
  TRY(dump.choices.key, decoder_class(dump.given, "key-decoder-class"));
  return {};
}

env::Task<Result<void>> dump_file(Dump& dump, std::string path) {
  dump.out(fmt::format("Dumping {}\n", path));
  const auto is = [&](std::string_view suffix) { return path.ends_with(suffix); };
  if (is(".log") || is(".checkpoint")) {
    CO_TRY_OK(choose_decoders(dump));  // a class that there is not is noticed here
    co_return co_await dump_segment(dump, path);
  }
  if (is(".index")) co_return co_await dump.indexes.dump_offsets(path);
  if (is(".timeindex")) co_return co_await dump.indexes.dump_times(path);
  if (is(".txnindex")) co_return co_await dump_aborted(dump, path);
  if (is(".snapshot")) co_return co_await dump_producers(dump, path);
  if (is_checkpoint_name(name_in_path(path))) co_return co_await dump_checkpoint(dump, path);
  dump.context.console.err(fmt::format("Ignoring unknown file {}\n", path));
  co_return Result<void>{};
}

void say_mistakes(const Dump& dump) {
  std::string text = dump.indexes.mistakes();
  for (const auto& [path, gaps] : dump.gaps) {
    text += fmt::format("Non-consecutive offsets in {}\n", path);
    for (const auto& [before, after] : gaps) {
      text += fmt::format("  {} is followed by {}\n", before, after);
    }
  }
  dump.context.console.err(text);
}

// A number of Java's Integer. Errors: invalid_request in the words of Kafka's option parser.
Result<std::int64_t> int_option(const Given& given, std::string_view name, std::int64_t otherwise) {
  if (!given.has(name)) return otherwise;
  TRY(const std::int64_t value, integer_option(given, name));
  if (value == static_cast<std::int32_t>(value)) return value;
  return fail(Errc::invalid_request, "Cannot parse argument '{}' of option {}", given.one(name),
              name);
}

env::Task<Result<void>> dump_all(Dump& dump) {
  dump.choices = print_choices(dump.given);
  std::string files = dump.given.one("files");
  while (true) {
    const std::size_t comma = files.find(',');
    const std::string path = normal_path(files.substr(0, comma));
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
  const auto refuse = [&](std::string_view why) {
    context.console.err(fmt::format("{}\n{}", why, option_table(k_options)));
    return k_failed;
  };
  if (!given->has("files")) co_return refuse("Missing required argument \"[files]\"");
  const auto bytes_max = int_option(*given, "max-bytes", k_no_limit);
  const auto message_max = int_option(*given, "max-message-size", 5LL * 1024 * 1024);
  for (const auto* number : {&bytes_max, &message_max}) {
    if (*number) continue;
    const std::string files = given->one("files");
    context.console.out(fmt::format("Dumping {}\n", files.substr(0, files.find(','))));
    context.console.err(text_of(number->error()) + "\n");
    co_return k_failed;
  }
  IndexDumper indexes(
      context,
      {.sanity_only = given->has("index-sanity-check"),
       .verify_only = given->has("verify-index-only"),
       .message_bytes_max = static_cast<std::uint64_t>(std::max<std::int64_t>(*message_max, 0))});
  Dump dump{.context = context,
            .indexes = indexes,
            .given = *given,
            .choices = {},
            .bytes_max = *bytes_max,
            .gaps = {}};
  const Result<void> done = co_await dump_all(dump);
  context.console.flush();
  if (!done) {
    context.console.err(text_of(done.error()) + "\n");
    co_return k_failed;
  }
  say_mistakes(dump);
  co_return k_ok;
}

}  // namespace moldau::cli
