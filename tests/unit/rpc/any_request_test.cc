#include "rpc/any_request.h"

#include <gtest/gtest.h>

#include "protocol/api/find_coordinator.h"
#include "protocol/api/metadata.h"

namespace moldau::rpc {
namespace {

TEST(AnyRequest, WritesWhatTheRequestItselfWouldInEachVersion) {
  protocol::FindCoordinatorRequest request;
  request.key = "group";
  for (const ApiVersion version : {ApiVersion{0}, ApiVersion{3}}) {
    Writer expected;
    request.encode(expected, version);
    const AnyRequest any(request);
    EXPECT_EQ(any.api(), protocol::ApiKey::find_coordinator);
    std::vector<Piece> pieces = any.body(version)->take_pieces();
    ASSERT_EQ(pieces.size(), 1u);
    const auto& written = std::get<SharedBytes>(pieces[0]);
    const std::vector<std::byte> bytes = expected.take();
    EXPECT_TRUE(std::ranges::equal(written.view(), bytes));
  }
}

TEST(AnyRequest, RefusesAVersionThatCannotSayWhatIsInIt) {
  protocol::MetadataRequest request;
  request.allow_auto_topic_creation = false;
  const auto refused = AnyRequest(request).body(ApiVersion{1});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Errc::unsupported_version);
  EXPECT_EQ(refused.error().text(),
            "MetadataRequest version 1 cannot say this value of allowAutoTopicCreation");
  EXPECT_FALSE(AnyRequest(request).body(ApiVersion{99}).has_value());
}

}  // namespace
}  // namespace moldau::rpc
