#include "harness/batches.h"

#include <string>

#include "record/builder.h"

namespace moldau::harness {

SharedBytes make_test_batch(const BatchSettings& settings, Rng& rng) {
  record::BatchFields fields;
  if (settings.producer != k_no_producer_id) {
    fields.producer_id = settings.producer;
    fields.producer_epoch = settings.producer_epoch;
    fields.base_sequence = settings.first_sequence;
  }
  record::BatchBuilder builder(fields);
  for (int i = 0; i < settings.count; ++i) {
    std::string value = std::to_string(rng.next());
    if (value.size() < settings.value_size) value.resize(settings.value_size, '.');
    builder.append(
        {.timestamp = settings.timestamp, .key = std::nullopt, .value = as_bytes(value)});
  }
  return SharedBytes::take(builder.build());
}

}  // namespace moldau::harness
