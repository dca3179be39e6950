#include "group/coordinator.h"

#include <gtest/gtest.h>

#include "unit/group/host.h"

namespace moldau::group {
namespace {

using test::Host;

TEST(Coordinator, ARecordThatCannotBeReadIsAnError) {
  Host host;
  const coordinator::Record bad{test::bytes_of(std::string_view("\0\2\0\1", 4)), std::nullopt};
  const auto result = host.machine().replay(Offset{0}, bad, std::nullopt);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), Errc::corrupt_data);
}

TEST(Coordinator, ARecordOfAnUnknownTypeIsSkipped) {
  Host host;
  const coordinator::Record unknown{test::bytes_of(std::string_view("\x7f\0", 2)), std::nullopt};
  EXPECT_TRUE(host.machine().replay(Offset{0}, unknown, std::nullopt).has_value());
}

TEST(Coordinator, WhenLoadingTheLastRecordOfAGroupCounts) {
  Host host;
  const std::string id = host.stable_member();
  host.join({.member = id});  // the leader: generation 2, not in the log yet
  host.reload();
  EXPECT_EQ(host.heartbeat(id, 1), Errc::none);
  host.write(group_metadata_tombstone("g"));
  host.reload();
  EXPECT_TRUE(host.list().empty());
}

TEST(Coordinator, AlwaysHasADeadlineOnceItIsLoaded) {
  Coordinator fresh({}, [] { return Uuid{1, 1}; });
  EXPECT_EQ(fresh.next_deadline(), std::nullopt);
  Step step;
  fresh.loaded({Instant{}, timestamp_of(0)}, step);
  EXPECT_EQ(fresh.next_deadline(), Instant{} + Milliseconds{600'000});
  EXPECT_TRUE(step.empty());
}

TEST(Coordinator, NewSettingsCountFromThenOn) {
  Host host;
  host.machine().configure({.offset_metadata_max_bytes = 1});
  EXPECT_EQ(host.commit({.metadata = "ab"}), Errc::offset_metadata_too_large);
}

}  // namespace
}  // namespace moldau::group
