#include "config/properties.h"

#include <cstddef>
#include <utility>

#include "base/java_properties.h"

namespace moldau::config {
namespace {

// How long the character at the front is; 0: no UTF-8.
std::size_t utf8_size(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return 1;
  const std::size_t size = byte(0) < 0xC2   ? 0
                           : byte(0) < 0xE0 ? 2
                           : byte(0) < 0xF0 ? 3
                           : byte(0) < 0xF5 ? 4
                                            : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Longer than needed, a surrogate, or above the last character.
  const bool wrong = (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xED && byte(1) > 0x9F) ||
                     (byte(0) == 0xF0 && byte(1) < 0x90) || (byte(0) == 0xF4 && byte(1) > 0x8F);
  return wrong ? 0 : size;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string from_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  return out;
}

}  // namespace

Result<ConfigMap> read_properties_map(std::string_view text) {
  const bool readable = text.size() > k_properties_bytes_max || is_utf8(text);
  TRY(std::vector<Property> found,
      readable ? read_properties(text) : read_properties(from_latin1(text)));
  std::vector<ConfigMap::Entry> entries;
  entries.reserve(found.size());
  for (Property& property : found)
    entries.emplace_back(std::move(property.key), std::move(property.value));
  return ConfigMap(std::move(entries));
}

std::string write_properties(const ConfigMap& properties,
                             const std::vector<std::string>& comments) {
  std::string out;
  for (const std::string& comment : comments) out += "# " + comment + "\n";
  for (const auto& [key, value] : properties) out += write_property(key, value) + "\n";
  return out;
}

}  // namespace moldau::config
