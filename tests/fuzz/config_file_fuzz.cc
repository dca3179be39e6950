// A configuration file from anywhere is read or refused: never a crash, never much memory.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/node_config.h"
#include "config/properties.h"
#include "config/topic_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace moldau::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto settings = read_properties_map(text);
  if (!settings) return 0;
  // What was read can be written and read again. Two keys may become one: a byte that is no UTF-8
  // is written as the character that it is in Latin-1.
  const auto again = read_properties_map(write_properties(*settings));
  if (!again || again->size() > settings->size()) __builtin_trap();
  ConfigMap node = default_settings("/data");
  for (const auto& [key, value] : *settings) node.set(key, value);
  static_cast<void>(load_node_config(node).has_value());
  const ConfigMap none;
  static_cast<void>(resolve_topic_config({none, none, *settings}, *settings).has_value());
  return 0;
}
