#include "base/result.h"

namespace moldau {

std::string Error::describe() const {
  const ErrcFacts& row = facts(code_);
  return fmt::format("{}: {}", row.name, text_ ? std::string_view{*text_} : row.text);
}

}  // namespace moldau
