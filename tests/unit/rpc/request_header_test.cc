#include "rpc/request_header.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "unit/rpc/rpc_world.h"

namespace moldau::rpc {
namespace {

using protocol::ApiKey;

constexpr std::int16_t k_metadata = 3;
constexpr std::int16_t k_api_versions = 18;

std::string written(ApiKey api, ApiVersion version, std::optional<std::string_view> client_id) {
  Writer out;
  write_request_header(out, api, version, CorrelationId{7}, client_id);
  return std::string{as_text(out.view())};
}

TEST(RequestHeader, VersionOneEndsBehindTheClientId) {
  const std::string frame = request(k_metadata, 1, 7, "body");
  const auto header = parse_request_header(as_bytes(frame));
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->api, ApiKey::metadata);
  EXPECT_EQ(header->version, ApiVersion{1});
  EXPECT_EQ(header->correlation, CorrelationId{7});
  EXPECT_EQ(header->client_id, "c");
  EXPECT_EQ(frame.substr(header->body_at), "body");
}

TEST(RequestHeader, FlexibleVersionSkipsTaggedFields) {
  std::string frame = request(k_metadata, 9, 7, "");
  frame += std::string("\x02\x05\x01z\x06\x00", 6) + "body";  // tag 5 of one byte, tag 6 empty
  const auto header = parse_request_header(as_bytes(frame));
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(frame.substr(header->body_at), "body");
}

TEST(RequestHeader, WhatIsWrittenIsParsedBack) {
  for (const std::int16_t version : std::initializer_list<std::int16_t>{1, 12}) {
    for (const std::optional<std::string_view> id : {std::optional<std::string_view>{"me"}, {}}) {
      const std::string frame = written(ApiKey::metadata, ApiVersion{version}, id);
      const auto header = parse_request_header(as_bytes(frame));
      ASSERT_TRUE(header.has_value());
      EXPECT_EQ(header->client_id, id);
      EXPECT_EQ(header->body_at, frame.size());
    }
  }
}

TEST(RequestHeader, EveryCutOffHeaderIsABadFrame) {
  const std::string frame = request(k_metadata, 9, 7, std::string("\x01\x05\x01z", 4));
  for (std::size_t size = 0; size < frame.size(); ++size) {
    const auto header = parse_request_header(as_bytes(frame.substr(0, size)));
    ASSERT_FALSE(header.has_value()) << size;
    EXPECT_EQ(header.error().code(), Errc::bad_frame);
  }
}

TEST(RequestHeader, HugeCountOfTagsIsABadFrame) {
  const std::string frame = request(k_metadata, 9, 7, "\xff\xff\xff\xff\x0f");
  EXPECT_EQ(parse_request_header(as_bytes(frame)).error().code(), Errc::bad_frame);
}

TEST(RequestHeader, UnknownKeyOrVersionIsRefused) {
  for (const std::string& frame : {request(999, 0, 1, ""), request(-1, 0, 1, ""),
                                   request(k_metadata, 99, 1, ""), request(0, 2, 1, "")}) {
    EXPECT_EQ(parse_request_header(as_bytes(frame)).error().code(), Errc::unsupported_version);
  }
}

TEST(RequestHeader, UnknownVersionOfApiVersionsIsToldNotRefused) {
  const std::string frame = request(k_api_versions, 99, 7, std::string(1, '\0') + "whatever");
  const auto header = parse_request_header(as_bytes(frame));
  ASSERT_TRUE(header.has_value());
  EXPECT_FALSE(header->version_exists);
}

// The frames are those of golden/headers.tsv.
TEST(ResponseFront, FixedAndFlexibleHeadersAreKafkas) {
  const FrameFront fixed =
      response_front(ApiKey::metadata, ApiVersion{1}, CorrelationId{0x11171}, 10);
  EXPECT_EQ(as_text(fixed.view()), std::string_view("\0\0\0\x0e\0\1\x11\x71", 8));
  const FrameFront flexible =
      response_front(ApiKey::metadata, ApiVersion{9}, CorrelationId{0x11171}, 10);
  EXPECT_EQ(as_text(flexible.view()), std::string_view("\0\0\0\x0f\0\1\x11\x71\0", 9));
  // A client that knows no version yet must be able to read it (KIP-511).
  EXPECT_EQ(response_front(ApiKey::api_versions, ApiVersion{4}, CorrelationId{1}, 0).size, 8U);
}

TEST(ResponseHeader, BodyBeginsBehindTheTags) {
  const std::string_view frame("\0\0\0\x09\1\5\1zbody", 12);
  const auto header = parse_response_header(as_bytes(frame), ApiKey::metadata, ApiVersion{9});
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->correlation, CorrelationId{9});
  EXPECT_EQ(frame.substr(header->body_at), "body");
  EXPECT_EQ(*parse_correlation(as_bytes(frame)), CorrelationId{9});
}

}  // namespace
}  // namespace moldau::rpc
