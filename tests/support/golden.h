#pragma once
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/test_data.h"

// Golden vectors that Apache Kafka's own classes wrote, as gz-compressed tables in tests/data.
namespace moldau::test {

// The text of a .gz file below tests/data. A file that cannot be read fails the test.
inline std::string read_gz(const std::string& name) {
  const std::string path = (test_data() / name).string();
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    ADD_FAILURE() << "cannot open " << path;
    return text;
  }
  std::array<char, 1 << 16> piece{};
  for (int got = 0; (got = gzread(file, piece.data(), piece.size())) > 0;) {
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  EXPECT_EQ(gzclose(file), Z_OK) << path;
  return text;
}

// The rows of a tab-separated table; lines that begin with # are left out.
inline std::vector<std::vector<std::string>> read_tsv_gz(const std::string& name) {
  std::vector<std::vector<std::string>> rows;
  const std::string text = read_gz(name);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = text.find('\n', at);
    if (end == std::string::npos) end = text.size();
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string>& row = rows.emplace_back();
    for (std::size_t from = 0; from <= line.size();) {
      std::size_t tab = line.find('\t', from);
      if (tab == std::string_view::npos) tab = line.size();
      row.emplace_back(line.substr(from, tab - from));
      from = tab + 1;
    }
  }
  EXPECT_FALSE(rows.empty()) << name;
  return rows;
}

inline std::vector<std::byte> from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::vector<std::byte> bytes(hex.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(digit(hex[2 * i]) * 16 + digit(hex[2 * i + 1]));
  }
  return bytes;
}

inline std::string to_hex(std::span<const std::byte> bytes) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string hex;
  for (const std::byte b : bytes) {
    hex += k_digits[std::to_integer<unsigned>(b) >> 4U];
    hex += k_digits[std::to_integer<unsigned>(b) & 15U];
  }
  return hex;
}

}  // namespace moldau::test
