#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How Java reads and prints the values of settings. Used inside config/ and by the tools that
// print Kafka's texts. Pure.
namespace moldau::config {

// String.trim(): cuts everything up to and including the space character off both ends.
[[nodiscard]] std::string_view java_trim(std::string_view text);
// Long.parseLong and its narrower kin: an optional sign and digits, within [low, high].
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text, std::int64_t low,
                                                        std::int64_t high);
// Double.parseDouble without hexadecimal forms: "1", ".5", "1e3", "2.5f", "NaN", "-Infinity".
[[nodiscard]] std::optional<double> parse_double(std::string_view text);
// Duration.parse: PnDTnHnMn.nS. nullopt when malformed. Only whether it is negative matters here.
struct IsoDuration {
  double seconds = 0;
};
[[nodiscard]] std::optional<IsoDuration> parse_iso_duration(std::string_view text);

// String.split(","): blanks stay, empty items at the end go; "" is one empty item, "," is none.
[[nodiscard]] std::vector<std::string_view> java_split(std::string_view text);
// Splits at commas, cutting blanks around each; an empty text has no items, but ",," has three.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);
[[nodiscard]] std::string joined(const std::vector<std::string>& items, std::string_view between);
// ASCII only: names of listeners, protocols, choices.
[[nodiscard]] std::string upper(std::string_view text);
[[nodiscard]] std::string lower(std::string_view text);

// "listener.name.x.max.connections" -> "max.connections"; empty when it is no listener override.
// A mechanism in front of a key that is written per mechanism is cut off as well.
[[nodiscard]] std::string_view listener_override_base(std::string_view name);

}  // namespace moldau::config
