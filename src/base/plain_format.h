#pragma once
#include <fmt/core.h>

#include <cstdint>
#include <string_view>

// How values of ours stand in messages: as {} alone; a width or a base does not compile. Specs of
// fmt would be parsed by code made anew in every source that prints an id.
namespace moldau {

[[nodiscard]] fmt::appender write_plain(fmt::appender out, std::int64_t value);
[[nodiscard]] fmt::appender write_plain(fmt::appender out, std::uint64_t value);
[[nodiscard]] fmt::appender write_plain(fmt::appender out, std::string_view value);

struct PlainFormat {
  constexpr auto parse(fmt::format_parse_context& context) const { return context.begin(); }
};

}  // namespace moldau
