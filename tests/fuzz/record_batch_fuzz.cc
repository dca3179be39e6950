#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "record/assign.h"
#include "record/records.h"
#include "record/validate.h"

namespace moldau::record {
namespace {

constexpr std::size_t k_body_max = std::size_t{1} << 20U;

AppendRules rules_of(unsigned choice) {
  AppendRules rules;
  rules.body_size_max = k_body_max;
  rules.is_compacted = (choice & 1U) != 0;
  if ((choice & 2U) != 0) rules.timestamp_type = TimestampType::log_append_time;
  if ((choice & 4U) != 0) rules.origin = Origin::coordinator;
  if ((choice & 8U) != 0) {
    rules.compression = compress::Compression::of(compress::Codec((choice >> 4U) % 5));
  }
  return rules;
}

// The batch is refused, or what is to be written is whole and can be read.
void append(std::vector<std::byte> bytes, const AppendRules& rules) {
  // A fuzzer cannot find a CRC: give the batch its own, and a client's base offset.
  const BatchView batch = BatchView::read(bytes).value();
  store_big(bytes.data(), std::int64_t{0});
  store_big(bytes.data() + at::k_crc, batch.computed_crc());
  compress::Decompressor decompressor;
  RefusalDetails details;
  const auto prepared = prepare_append(batch, rules, Offset{100}, LeaderEpoch{1},
                                       timestamp_of(1'700'000'000'000), decompressor, details);
  if (!prepared) return;
  std::vector<std::byte> written(prepared->header.begin(), prepared->header.end());
  written.insert(written.end(), prepared->body.begin(), prepared->body.end());
  const BatchView stored = BatchView::read(written).value();
  CHECK(stored.crc_matches());
  CHECK(Records::read(stored, k_body_max).has_value());
}

}  // namespace
}  // namespace moldau::record

// The first byte chooses the topic's rules, a run of batches follows.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace moldau;
  if (size == 0) return 0;
  const record::AppendRules rules = record::rules_of(data[0]);
  const Bytes input{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
  (void)record::the_one_batch(input, ApiVersion{13});
  record::BatchesView run(input);
  for (;;) {
    const auto batch = run.next();
    if (!batch || !*batch) return 0;
    (void)record::check_intact(**batch);
    const auto records = record::Records::read(**batch, record::k_body_max);
    if (records) {
      for (const record::RecordView& record : *records) (void)record.headers.all();
    }
    const Bytes bytes = (*batch)->bytes();
    if (!(*batch)->is_legacy()) record::append({bytes.begin(), bytes.end()}, rules);
  }
}
