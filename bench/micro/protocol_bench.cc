// The messages of the data path: decoded, and encoded.
#include <benchmark/benchmark.h>

#include <string>

#include "bytes/writer.h"
#include "protocol/api/fetch.h"
#include "protocol/api/produce.h"

namespace moldau::protocol {
namespace {

constexpr ApiVersion k_produce{9};
constexpr ApiVersion k_fetch{12};

template <class T>
std::vector<std::byte> bytes_of(const T& message, ApiVersion version) {
  Writer out;
  message.encode(out, version);
  return out.take();
}

ProduceRequest produce_request(int partitions, std::string_view records) {
  ProduceRequest request;
  auto& topic = request.topic_data.emplace_back();
  topic.name = "topic-name";
  for (int i = 0; i < partitions; ++i) {
    auto& partition = topic.partition_data.emplace_back();
    partition.index = PartitionIndex{i};
    partition.records = as_bytes(records);
  }
  return request;
}

void decode_produce(benchmark::State& state) {
  const std::string records(16'384, 'r');
  const auto bytes =
      bytes_of(produce_request(static_cast<int>(state.range(0)), records), k_produce);
  for (auto _ : state) benchmark::DoNotOptimize(ProduceRequest::decode(bytes, k_produce));
}
BENCHMARK(decode_produce)->Arg(1)->Arg(100);

void encode_produce_answer(benchmark::State& state) {
  ProduceResponse response;
  auto& topic = response.responses.emplace_back();
  topic.name = "topic-name";
  topic.partition_responses.resize(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(bytes_of(response, k_produce));
}
BENCHMARK(encode_produce_answer)->Arg(1)->Arg(100);

void decode_fetch(benchmark::State& state) {
  FetchRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic = "topic-name";
  topic.partitions.resize(static_cast<std::size_t>(state.range(0)));
  const auto bytes = bytes_of(request, k_fetch);
  for (auto _ : state) benchmark::DoNotOptimize(FetchRequest::decode(bytes, k_fetch));
}
BENCHMARK(decode_fetch)->Arg(1)->Arg(1'000);

void encode_fetch_answer(benchmark::State& state) {
  FetchResponse response;
  auto& topic = response.responses.emplace_back();
  topic.topic = "topic-name";
  topic.partitions.resize(static_cast<std::size_t>(state.range(0)));
  for (auto& partition : topic.partitions) partition.records = Records::splice(65'536);
  for (auto _ : state) benchmark::DoNotOptimize(bytes_of(response, k_fetch));
}
BENCHMARK(encode_fetch_answer)->Arg(1)->Arg(1'000);

}  // namespace
}  // namespace moldau::protocol
