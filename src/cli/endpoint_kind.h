#pragma once
#include <cstdint>

#include "cli/options.h"
#include "client/cluster.h"

namespace moldau::cli {

enum class EndpointKind : std::uint8_t { broker, controller };

// What --bootstrap-controller or --bootstrap-server asks for.
[[nodiscard]] EndpointKind endpoint_kind(const Given& given);

// Asks the other side whether it is what the person named: both kinds answer many requests, and
// some of the answers of the wrong one look right.
// Errors: mismatched_endpoint_type (a broker), unsupported_version (a controller), both in the
// words of Kafka's client; those of a connection.
[[nodiscard]] env::Task<Result<void>> expect_endpoint(client::Cluster& cluster, EndpointKind kind);

}  // namespace moldau::cli
