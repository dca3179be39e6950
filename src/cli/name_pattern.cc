#include "cli/name_pattern.h"

#include <regex>

namespace moldau::cli {

Result<NamePattern> NamePattern::read(std::string_view pattern) {
  // Topic lists may be separated by commas, which means "or", and quotes are dropped (Kafka's
  // IncludeList). std::regex tells of a bad pattern by an exception, which ends here: this is the
  // one source of ours that is compiled with exceptions.
  NamePattern out;
  for (const char c : pattern) {
    if (c == ',') {
      out.pattern_ += '|';
    } else if (c != ' ' && c != '"' && c != '\'') {
      out.pattern_ += c;
    }
  }
  try {
    const std::regex tried(out.pattern_);
  } catch (const std::regex_error& problem) {
    return fail(Errc::invalid_request, "{} is an invalid regex.", pattern);
  }
  return out;
}

bool NamePattern::matches(std::string_view name) const {
  if (name == pattern_) return true;
  return std::regex_match(name.begin(), name.end(), std::regex(pattern_));
}

}  // namespace moldau::cli
