#pragma once
#include "base/result.h"
#include "cli/console_settings.h"
#include "client/consumer.h"

namespace moldau::cli {

// The settings of a consumer from Kafka's properties (group.id, auto.offset.reset, ...).
// Errors: in Kafka's words, bad_configuration; invalid_session_timeout (a heartbeat is not
// shorter).
[[nodiscard]] Result<client::ConsumerSettings> consumer_settings(const PropertyMap& properties);

}  // namespace moldau::cli
