#pragma once
#include <string_view>

#include "cli/tool.h"

namespace moldau::cli {

// `moldau streams-application-reset`, kafka-streams-application-reset.sh: lets an application of
// Kafka Streams begin anew: offsets of its input topics, and its internal topics deleted.
// Source: org.apache.kafka.tools.StreamsResetter.
[[nodiscard]] env::Task<int> run_streams_application_reset(ToolContext& context);

// Whether Kafka Streams makes topics with such names.
[[nodiscard]] bool is_streams_internal_name(std::string_view topic);

}  // namespace moldau::cli
