#include "base/result.h"

namespace moldau {

Error::Error(Errc code, std::string text) : code_(code), text_(new std::string(std::move(text))) {}

Error::Error(const Error& other)
    : code_(other.code_), text_(other.text_ ? new std::string(*other.text_) : nullptr) {}

void Error::Drop::operator()(std::string* text) const { delete text; }

std::string Error::describe() const {
  const ErrcFacts& row = facts(code_);
  return fmt::format("{}: {}", row.name, text_ ? std::string_view{*text_} : row.text);
}

std::unexpected<Error> fail_with(Errc code, fmt::string_view format, fmt::format_args args) {
  return std::unexpected<Error>(Error(code, fmt::vformat(format, args)));
}

}  // namespace moldau
