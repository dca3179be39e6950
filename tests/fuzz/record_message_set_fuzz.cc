#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "record/message_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace moldau;
  constexpr std::size_t k_body_max = std::size_t{1} << 20U;
  record::BatchesView run(Bytes{reinterpret_cast<const std::byte*>(data), size});
  for (;;) {
    const auto batch = run.next();
    if (!batch || !*batch) return 0;
    if (!(*batch)->is_legacy()) continue;
    const auto entry = record::LegacyEntry::read(**batch);
    const auto records = record::read_legacy_records(**batch, k_body_max);
    if (!records) continue;
    CHECK(entry.has_value());
    CHECK(!records->records.empty());
    CHECK_OP(records->body.size(), <=, k_body_max);
  }
}
