#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moldau::cli {

// One option of a tool, as data. Kafka's names: a word, which is written --word VALUE or
// --word=VALUE.
struct Option {
  std::string_view name;
  std::string_view value = {};  // what its value is called in the usage
  std::string_view type = {};   // String, Integer or Long; without it, and without `value`: none
  std::string_view help = {};
  bool repeatable = false;           // may be given more than once
  bool value_is_optional = false;    // --word alone counts as given with no value
  char letter = 0;                   // -x, the same option
  std::string_view instead_of = {};  // an older spelling that still works, with a note
  std::string_view preset = {};      // what holds when it is not given, for the usage
  [[nodiscard]] constexpr bool takes_value() const { return !value.empty() || !type.empty(); }
};

// What was given on a command line.
class Given {
 public:
  [[nodiscard]] bool has(std::string_view name) const;
  // The last value; empty when it was not given or has none.
  [[nodiscard]] std::string one(std::string_view name, std::string_view otherwise = {}) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
  // What was given, in order.
  [[nodiscard]] std::vector<std::string> names() const;
  // What is neither an option nor its value, in order.
  [[nodiscard]] const std::vector<std::string>& positional() const { return positional_; }
  void add(std::string name, std::string value) {
    entries_.push_back({std::move(name), std::move(value)});
  }
  // What is wrong when an option with a value that counts once was given twice; else empty.
  [[nodiscard]] const std::string& repeated() const { return repeated_; }
  // Notes for the person: older spellings that were used.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  friend Result<Given> parse_options(std::span<const Option> options,
                                     std::span<const std::string> words);
  struct Entry {
    std::string name;
    std::string value;
  };
  std::vector<Entry> entries_;
  std::vector<std::string> positional_;
  std::vector<std::string> notes_;
  std::string repeated_;
};

// Errors: invalid_request; the text is what the person reads: which word, and the nearest name.
[[nodiscard]] Result<Given> parse_options(std::span<const Option> options,
                                          std::span<const std::string> words);

// What is said of the first of `names` that was not given; empty when all were.
[[nodiscard]] std::string missing_argument(const Given& given,
                                           std::span<const std::string_view> names);

// The parts of a text, empty ones too; they are views of it.
[[nodiscard]] std::vector<std::string_view> split_at(std::string_view text, char separator);
// "a,b" as its parts; empty ones are left out, spaces are kept.
[[nodiscard]] std::vector<std::string> split_commas(std::string_view text);

// "key=value,key=value" with [bracketed,lists] as --add-config takes it; spaces around the signs do
// not count, and of a key that comes twice the last value does.
// Errors: invalid_request, in the words of Kafka's tool.
struct KeyValue {
  std::string key;
  std::string value;
};
[[nodiscard]] Result<std::vector<KeyValue>> parse_key_values(std::string_view text);

// The table of options that --help prints, sorted, in the layout of the library jopt-simple. --help
// and --version are in it without being asked for.
[[nodiscard]] std::string option_table(std::span<const Option> options);

// The known name nearest to `word`; empty when none is near.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> names);

}  // namespace moldau::cli
