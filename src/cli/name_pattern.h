#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace moldau::cli {

// Whether a topic name matches the pattern as a whole (Java's String.matches for what tools take).
// Errors: invalid_request for a pattern that is none.
class NamePattern {
 public:
  [[nodiscard]] static Result<NamePattern> read(std::string_view pattern);
  [[nodiscard]] bool matches(std::string_view name) const;

 private:
  std::string pattern_;
};

}  // namespace moldau::cli
