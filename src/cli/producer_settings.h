#pragma once
#include "base/result.h"
#include "cli/console_settings.h"
#include "client/producer.h"

namespace moldau::cli {

// The settings of a producer from Kafka's properties (acks, batch.size, compression.type, ...).
// Errors: bad_configuration in Kafka's words.
[[nodiscard]] Result<client::ProducerSettings> producer_settings(const PropertyMap& properties);

}  // namespace moldau::cli
