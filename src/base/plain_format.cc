#include "base/plain_format.h"

#include <fmt/format.h>

namespace moldau {

fmt::appender write_plain(fmt::appender out, std::int64_t value) {
  return fmt::format_to(out, "{}", value);
}
fmt::appender write_plain(fmt::appender out, std::uint64_t value) {
  return fmt::format_to(out, "{}", value);
}
fmt::appender write_plain(fmt::appender out, std::string_view value) {
  return fmt::format_to(out, "{}", value);
}

}  // namespace moldau
