#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/check.h"
#include "base/rng.h"
#include "compress/codec.h"
#include "record/assign.h"
#include "record/builder.h"
#include "record/records.h"
#include "record/validate.h"

// The hot path of a produce request: what stands between a received batch and the gather write.
namespace moldau::record {
namespace {

constexpr std::int64_t k_now = 1'700'000'000'000;
constexpr std::size_t k_batch_size = std::size_t{64} << 10U;

std::string json_value(Rng& rng, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    text += R"({"user":)" + std::to_string(rng.below(100'000)) + R"(,"action":"click","page":)" +
            std::to_string(rng.below(50)) + "}";
  }
  text.resize(size);
  return text;
}

std::vector<std::byte> batch_of(std::size_t value_size, compress::Codec codec) {
  Rng rng(1);
  BatchBuilder builder({.compression = compress::Compression::of(codec)});
  while (builder.uncompressed_size() < k_batch_size) {
    const std::string value = json_value(rng, value_size);
    builder.append({.timestamp = timestamp_of(k_now + builder.count()),
                    .key = std::nullopt,
                    .value = as_bytes(value)});
  }
  return builder.build();
}

// Bytes are counted uncompressed, so that codecs compare.
void count_bytes(benchmark::State& state, const std::vector<std::byte>& bytes) {
  const BatchView batch = BatchView::read(bytes).value();
  const Records records = Records::read(batch, std::size_t{1} << 30U).value();
  std::size_t size = k_batch_header_size;
  for (const RecordView& record : records) size += record.size;
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
  state.SetItemsProcessed(state.iterations() * batch.count());
}

void prepare(benchmark::State& state, AppendRules rules) {
  const auto bytes = batch_of(static_cast<std::size_t>(state.range(0)),
                              static_cast<compress::Codec>(state.range(1)));
  compress::Decompressor decompressor;
  RefusalDetails details;
  for (auto _ : state) {
    const BatchView batch = the_one_batch(bytes, ApiVersion{13}).value();
    auto prepared = prepare_append(batch, rules, Offset{100}, LeaderEpoch{1}, timestamp_of(k_now),
                                   decompressor, details);
    CHECK(prepared.has_value());
    benchmark::DoNotOptimize(prepared);
  }
  count_bytes(state, bytes);
}

void check_append_create_time(benchmark::State& state) { prepare(state, {}); }
void check_append_append_time(benchmark::State& state) {
  prepare(state, {.timestamp_type = TimestampType::log_append_time});
}
void check_append_to_lz4(benchmark::State& state) {
  prepare(state, {.compression = compress::Compression::of(compress::Codec::lz4)});
}

void check_intact_alone(benchmark::State& state) {
  const auto bytes = batch_of(1024, compress::Codec::none);
  const BatchView batch = BatchView::read(bytes).value();
  for (auto _ : state) {
    auto intact = check_intact(batch);
    benchmark::DoNotOptimize(intact);
  }
  count_bytes(state, bytes);
}

void build(benchmark::State& state) {
  Rng rng(1);
  const std::string value = json_value(rng, static_cast<std::size_t>(state.range(0)));
  std::size_t size = 0;
  for (auto _ : state) {
    BatchBuilder builder({});
    while (builder.uncompressed_size() < k_batch_size) {
      builder.append(
          {.timestamp = timestamp_of(k_now), .key = std::nullopt, .value = as_bytes(value)});
    }
    const auto bytes = builder.build();
    size = bytes.size();
    benchmark::DoNotOptimize(bytes.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

void decompress(benchmark::State& state) {
  const auto codec = static_cast<compress::Codec>(state.range(0));
  const auto bytes = batch_of(1024, codec);
  const Bytes body = BatchView::read(bytes)->body();
  std::size_t size = 0;
  for (auto _ : state) {
    const auto out = compress::decompress(codec, body, std::size_t{1} << 30U).value();
    size = out.size();
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

BENCHMARK(check_append_create_time)->ArgsProduct({{100, 1024}, {0, 1, 2, 3, 4}});
BENCHMARK(check_append_append_time)->ArgsProduct({{1024}, {0}});
BENCHMARK(check_append_to_lz4)->ArgsProduct({{1024}, {0}});
BENCHMARK(check_intact_alone);
BENCHMARK(build)->Arg(100)->Arg(1024);
BENCHMARK(decompress)->DenseRange(1, 4);

}  // namespace
}  // namespace moldau::record
