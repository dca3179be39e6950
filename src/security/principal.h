#pragma once
#include <compare>
#include <string>
#include <string_view>

namespace moldau::security {

// Who is on the other end of a connection. Kafka writes it "User:alice".
// Source: KafkaPrincipal.
struct Principal {
  std::string type = "User";
  std::string name = "ANONYMOUS";
  bool token_authenticated = false;  // logged in with a delegation token

  [[nodiscard]] std::string to_string() const { return type + ":" + name; }
  friend auto operator<=>(const Principal&, const Principal&) = default;
};

}  // namespace moldau::security
