#include "cli/controller_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/base64.h"
#include "config/value_text.h"

namespace moldau::cli {
namespace {

std::unexpected<Error> terse(std::string_view text) {
  return fail(Errc::invalid_request, "{}", text);
}

std::string value_of(const PropertyMap& file, std::string_view key) {
  const auto found = file.find(key);
  return found == file.end() ? "" : found->second;
}

std::vector<std::string> items_of(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) out.emplace_back(item);
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return out;
}

// NAME://host:port, NAME://[::1]:port, NAME://:port.
Result<ControllerEndpoint> read_endpoint(const std::string& text) {
  const auto bad = [&] {
    return fail(Errc::invalid_request, "Unable to parse {} to a broker endpoint", text);
  };
  const std::size_t slashes = text.find("://");
  const std::size_t colon = text.rfind(':');
  if (slashes == std::string::npos || colon < slashes + 3) return bad();
  ControllerEndpoint out{.listener = config::upper(text.substr(0, slashes)),
                         .host = text.substr(slashes + 3, colon - slashes - 3)};
  if (out.host.starts_with('[') && out.host.ends_with(']')) {
    out.host = out.host.substr(1, out.host.size() - 2);
  }
  const char* const end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data() + colon + 1, end, out.port);
  if (problem != std::errc{} || stopped != end) return bad();
  return out;
}

Result<BrokerId> id_in(const PropertyMap& file) {
  constexpr std::string_view k_question = "Is this a valid controller configuration file?";
  if (!file.contains("node.id")) {
    return terse(fmt::format("node.id not found in configuration file. {}", k_question));
  }
  TRY(const auto id, integer_of(file, "node.id", INT32_MIN));
  if (*id < 0) {
    return terse(fmt::format("node.id was negative in configuration file. {}", k_question));
  }
  if (!value_of(file, "process.roles").contains("controller")) {
    return terse(fmt::format("process.roles did not contain 'controller' in configuration file. {}",
                             k_question));
  }
  return BrokerId{static_cast<std::int32_t>(*id)};
}

Result<std::vector<ControllerEndpoint>> endpoints_in(const PropertyMap& file) {
  std::vector<ControllerEndpoint> known;
  for (const std::string_view key : {"listeners", "advertised.listeners"}) {
    for (const std::string& text : items_of(value_of(file, key))) {
      TRY(ControllerEndpoint endpoint, read_endpoint(text));
      std::erase_if(known, [&](const auto& one) { return one.listener == endpoint.listener; });
      known.push_back(std::move(endpoint));
    }
  }
  if (!file.contains("controller.listener.names")) {
    return terse(
        "controller.listener.names was not found. Is this a valid controller configuration file?");
  }
  std::vector<ControllerEndpoint> out;
  for (const std::string& item : items_of(value_of(file, "controller.listener.names"))) {
    const std::string name = config::upper(item);
    const auto found = std::ranges::find(known, name, &ControllerEndpoint::listener);
    if (found == known.end()) {
      return terse("Cannot find information about controller listener name: " + name);
    }
    out.push_back(*found);
    if (out.back().host.empty()) out.back().host = "localhost";
  }
  return out;
}

}  // namespace

Result<ControllerFile> read_controller_file(const PropertyMap& file) {
  ControllerFile out;
  TRY(out.id, id_in(file));
  const std::vector<std::string> directories = items_of(value_of(file, "log.dirs"));
  out.metadata_directory = value_of(file, "metadata.log.dir");
  if (out.metadata_directory.empty() && !directories.empty()) {
    out.metadata_directory = directories.front();
  }
  if (out.metadata_directory.empty()) {
    return terse(
        "Neither metadata.log.dir nor log.dirs were found. Is this a valid controller "
        "configuration file?");
  }
  TRY(out.endpoints, endpoints_in(file));
  return out;
}

std::string endpoints_text(const std::vector<ControllerEndpoint>& endpoints) {
  std::string out;
  for (const ControllerEndpoint& endpoint : endpoints) {
    const bool colons = endpoint.host.contains(':');
    out += fmt::format("{}{}://{}{}{}:{}", out.empty() ? "" : ", ", endpoint.listener,
                       colons ? "[" : "", endpoint.host, colons ? "]" : "", endpoint.port);
  }
  return out;
}

Result<Uuid> read_uuid(std::string_view text) {
  constexpr std::size_t k_text_size_max = 24;
  constexpr std::size_t k_uuid_size = 16;
  if (text.size() > k_text_size_max) {
    return fail(Errc::invalid_request,
                "Input string with prefix `{}` is too long to be decoded as a base64 UUID",
                text.substr(0, k_text_size_max));
  }
  for (const char c : text) {
    const bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '=';
    if (!good) return fail(Errc::invalid_request, "Illegal base64 character {:x}", c);
  }
  if (text.size() % 4 == 1) return terse("Last unit does not have enough valid bits");
  TRY(const std::vector<std::byte> bytes, base64_decode(text));
  if (bytes.size() != k_uuid_size) {
    return fail(Errc::invalid_request,
                "Input string `{}` decoded as {} bytes, which is not equal to the expected 16 "
                "bytes of a base64-encoded UUID",
                text, bytes.size());
  }
  return Uuid::parse(text);
}

}  // namespace moldau::cli
