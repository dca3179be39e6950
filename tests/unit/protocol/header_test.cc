#include "protocol/header.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "protocol/api/metadata.h"
#include "protocol/codec.h"
#include "support/golden.h"

namespace moldau::protocol {
namespace {

constexpr ApiVersion v(int version) { return ApiVersion{static_cast<std::int16_t>(version)}; }

TEST(Header, VersionsFollowTheFlexibleVersionsOfTheApi) {
  const ApiFacts& metadata = facts(ApiKey::metadata);  // flexible 9+
  EXPECT_EQ(request_header_version(metadata, v(8)), v(1));
  EXPECT_EQ(request_header_version(metadata, v(9)), v(2));
  EXPECT_EQ(response_header_version(metadata, v(8)), v(0));
  EXPECT_EQ(response_header_version(metadata, v(9)), v(1));
  const ApiFacts& handshake = facts(ApiKey::sasl_handshake);  // never
  EXPECT_EQ(request_header_version(handshake, v(1)), v(1));
  EXPECT_EQ(response_header_version(handshake, v(1)), v(0));
}

TEST(Header, TheAnswerToApiVersionsAlwaysHasTheOldest) {
  const ApiFacts& api_versions = facts(ApiKey::api_versions);  // flexible 3+
  EXPECT_EQ(request_header_version(api_versions, v(99)), v(2));
  for (int version = 0; version <= 99; ++version)
    EXPECT_EQ(response_header_version(api_versions, v(version)), v(0));
}

TEST(Header, AnUnknownKeyIsUnsupportedAndAShortHeaderABadFrame) {
  const auto unknown = test::from_hex(
      "03e70000"
      "00000001"
      "ffff");
  Reader in(unknown);
  EXPECT_EQ(read_request_header(in).error().code(), Errc::unsupported_version);
  const auto cut = test::from_hex(
      "0003000c"
      "000000");
  Reader short_in(cut);
  EXPECT_EQ(read_request_header(short_in).error().code(), Errc::bad_frame);
}

TEST(Header, AVersionThatTheApiLacksStillHasAHeader) {
  const auto bytes = test::from_hex(
      "00120063"
      "0000000a"
      "0001"
      "61"
      "00");
  Reader in(bytes);
  const auto header = read_request_header(in);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->request_api_version, v(99));
  EXPECT_EQ(header->correlation_id, CorrelationId{10});
  EXPECT_EQ(header->client_id, "a");
}

TEST(Header, TheExampleOfTheFormatPageIsARequestForTheTopicT) {  // docs/format/protocol.md
  const auto bytes = test::from_hex(
      "0003"
      "0009"
      "00000007"
      "000161"
      "00"
      "02"
      "0274"
      "00"
      "010000"
      "00");
  Reader in(bytes);
  const auto header = read_request_header(in);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->client_id, "a");
  const auto request = MetadataRequest::decode(in.rest(), header->request_api_version);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->topics->at(0).name, "t");
  EXPECT_TRUE(request->allow_auto_topic_creation);
  EXPECT_FALSE(request->include_topic_authorized_operations);
}

// A whole frame as Kafka wrote it: size, header, body.
struct Frame {
  ApiVersion version;
  bool is_request;
  std::vector<std::byte> bytes;
  const ApiFacts* api;
  std::string title;
};
std::vector<Frame> golden_frames() {
  std::vector<Frame> frames;
  for (const auto& row : test::read_tsv_gz("golden/headers.tsv.gz")) {
    const std::size_t at = row[1].find("-frame ");
    if (at == std::string::npos) continue;
    const std::string name = row[1].substr(at + 7);
    const auto apis = all_apis();
    const auto api = std::ranges::find(apis, name, &ApiFacts::name);
    if (api == apis.end()) ADD_FAILURE() << name;
    if (api == apis.end()) continue;
    frames.push_back({v(std::stoi(row[0])), row[1].starts_with("request"), test::from_hex(row[2]),
                      &*api, row[1] + " v" + row[0]});
  }
  return frames;
}

TEST(Header, GoldenFramesAreReadAndWrittenBack) {
  const std::vector<Frame> frames = golden_frames();
  EXPECT_GE(frames.size(), 12);
  for (const Frame& frame : frames) {
    Reader in(frame.bytes);
    EXPECT_EQ(static_cast<std::size_t>(in.i32()), frame.bytes.size() - k_frame_prefix_size);
    Writer out;
    out.i32(static_cast<std::int32_t>(frame.bytes.size() - k_frame_prefix_size));
    const MessageFacts& body = frame.is_request ? *frame.api->request : *frame.api->response;
    if (frame.is_request) {
      const auto header = read_request_header(in);
      ASSERT_TRUE(header.has_value()) << frame.title;
      EXPECT_EQ(header->request_api_key, frame.api->key);
      EXPECT_EQ(header->request_api_version, frame.version);
      EXPECT_EQ(header->client_id, "moldau-1");
      header->encode(out, request_header_version(*frame.api, frame.version));
    } else {
      const auto header = read_response_header(in, *frame.api, frame.version);
      ASSERT_TRUE(header.has_value()) << frame.title;
      EXPECT_EQ(header->correlation_id, CorrelationId{4242});
      header->encode(out, response_header_version(*frame.api, frame.version));
    }
    const auto message = body.make();
    ASSERT_TRUE(decode_into(body, in.rest(), frame.version, message.get())) << frame.title;
    encode(body, message.get(), out, frame.version);
    EXPECT_EQ(test::to_hex(out.view()), test::to_hex(frame.bytes)) << frame.title;
  }
}

}  // namespace
}  // namespace moldau::protocol
