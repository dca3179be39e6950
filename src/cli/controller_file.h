#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/uuid.h"
#include "cli/console_settings.h"

namespace moldau::cli {

// What `metadata-quorum add-controller` takes from the configuration file of the new controller.
// Context: pure. Source: MetadataQuorumCommand. Errors: invalid_request in Kafka's words.
struct ControllerEndpoint {
  std::string listener;
  std::string host;
  std::uint16_t port = 0;
};
struct ControllerFile {
  BrokerId id;
  std::string metadata_directory;
  std::vector<ControllerEndpoint> endpoints;  // in the order of controller.listener.names
};
[[nodiscard]] Result<ControllerFile> read_controller_file(const PropertyMap& file);

// "CONTROLLER://[::1]:9093, ..."
[[nodiscard]] std::string endpoints_text(const std::vector<ControllerEndpoint>& endpoints);

// An id of a directory. Errors: invalid_request, as Kafka's Uuid.fromString words it.
[[nodiscard]] Result<Uuid> read_uuid(std::string_view text);

}  // namespace moldau::cli
