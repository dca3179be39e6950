#include "harness/group_requests.h"

#include "unit/harness/group_world.h"

namespace moldau::harness {
namespace {

class GroupRequestsTest : public GroupWorld {
 protected:
  // A commit of nobody's membership, which a group without members takes.
  env::Task<void> commit(std::int64_t offset, Errc& error) {
    error = Errc::request_timed_out;
    const auto errors = co_await commit_offsets(run, client(), group(), MemberNumber{1}, {},
                                                {{at, {Offset{offset}, "m", committed_id()}}});
    if (errors) error = errors->at(at);
  }
  env::Task<void> fetch(Offset& shown) {
    const auto commits = co_await fetch_commits(run, client(), group(), {at});
    if (commits && commits->contains(at)) shown = commits->at(at).offset;
  }
  // Until it is answered without an error.
  void commit_until_done(std::int64_t offset) {
    Errc error = Errc::request_timed_out;
    for (int i = 0; i < 50 && error != Errc::none; ++i) {
      tasks.spawn(commit(offset, error));
      (void)until([] { return false; }, std::chrono::seconds(1));
    }
    EXPECT_EQ(error, Errc::none);
  }
  [[nodiscard]] Uuid committed_id() { return id.is_zero() ? group().topic("t").id : id; }
  const client::TopicPartition at{"t", PartitionIndex{1}};
  Uuid id;  // zero: that of the topic
};

TEST_F(GroupRequestsTest, WhatWasCommittedIsFetchedInEveryVersion) {
  start_with_group();
  commit_until_done(7);
  for (int i = 0; i < 20; ++i) {
    Offset shown{-5};
    tasks.spawn(fetch(shown));
    EXPECT_TRUE(until([&] { return shown == Offset{7}; })) << failure();
  }
}

TEST_F(GroupRequestsTest, ACommitOfATopicThatIsGoneIsRefusedAndProvesNothing) {
  start_with_group();
  group().changes = true;
  id = Uuid(1, 2);
  Errc error = Errc::none;
  for (int i = 0; i < 50 && error != Errc::unknown_topic_id; ++i) {
    tasks.spawn(commit(7, error));
    (void)until([] { return false; }, std::chrono::seconds(1));
  }
  EXPECT_EQ(error, Errc::unknown_topic_id);
  EXPECT_EQ(group().offsets.least(at), k_no_offset);
}

TEST_F(GroupRequestsTest, ACommitThatGoesBackIsFound) {
  start_with_group();
  commit_until_done(7);
  commit_until_done(3);
  Offset shown{-5};
  tasks.spawn(fetch(shown));
  (void)until([&] { return shown == Offset{3}; });
  EXPECT_EQ(verdict.text().substr(0, 2), "C2");
}

}  // namespace
}  // namespace moldau::harness
