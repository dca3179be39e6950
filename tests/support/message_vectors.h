#pragma once
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "protocol/tables.h"
#include "support/golden.h"

// The golden vectors of messages, records and headers, each with the table of its message.
namespace moldau::test {

struct MessageVector {
  const protocol::MessageFacts* facts;
  ApiVersion version;
  std::vector<std::byte> bytes;
  std::string json;
  std::string situation;  // full, nulls, default, extreme, tagged
  std::string framed;     // hex of the stored form; empty: as the body

  [[nodiscard]] std::string title() const {
    return std::string(facts->name) + " v" + std::to_string(version.value()) + " " + situation;
  }
};

inline std::map<std::string, const protocol::MessageFacts*> messages_by_name() {
  std::map<std::string, const protocol::MessageFacts*> by_name;
  for (const protocol::MessageFacts* facts : protocol::all_messages())
    by_name.emplace(facts->name, facts);
  return by_name;
}

inline const std::vector<MessageVector>& message_vectors() {
  static const std::vector<MessageVector> vectors = [] {
    std::vector<MessageVector> out;
    const auto by_name = messages_by_name();
    const auto add = [&](const std::string& name, std::span<const std::string> row) {
      const auto found = by_name.find(name);
      if (found == by_name.end()) {
        ADD_FAILURE() << "no message " << name;
        return;
      }
      const auto version = static_cast<std::int16_t>(std::stoi(row[0]));
      const std::string framed = row.size() > 5 && row[5] != "-" ? row[5] : "";
      out.push_back({found->second, ApiVersion{version}, from_hex(row[2]), row[3], row[4], framed});
    };
    for (const auto& row : read_tsv_gz("golden/messages.tsv.gz")) {
      const std::string name = row[0].substr(row[0].find('-') + 1);
      add(name + (row[2] == "request" ? "Request" : "Response"), std::span(row).subspan(1));
    }
    for (const auto& row : read_tsv_gz("golden/records.tsv.gz"))
      add(row[0], std::span(row).subspan(1));
    for (const auto& row : read_tsv_gz("golden/headers.tsv.gz")) {
      if (row[1] == "request-header") add("RequestHeader", row);
      if (row[1] == "response-header") add("ResponseHeader", row);
    }
    return out;
  }();
  return vectors;
}

}  // namespace moldau::test
