#include "broker/fetch_session.h"

#include <gtest/gtest.h>

#include <memory>

namespace moldau::broker {
namespace {

using Kind = FetchSessions::Context::Kind;

constexpr FetchSessionEpoch k_no_session{-1};
constexpr FetchSessionEpoch k_new_session{0};

class FetchSessionTest : public testing::Test {
 protected:
  static FetchAsk ask(std::uint64_t topic, std::int64_t offset = 0) {
    FetchAsk ask;
    ask.topic_id = Uuid{1, topic};
    ask.topic = "topic-" + std::to_string(topic);
    ask.fetch_offset = Offset{offset};
    return ask;
  }
  FetchSessions::Context begin(FetchSessionId id, FetchSessionEpoch epoch,
                               std::vector<FetchAsk> asks,
                               std::vector<FetchForget> forgotten = {}) {
    return sessions.begin({.version = version,
                           .session_id = id,
                           .session_epoch = epoch,
                           .from_follower = follower,
                           .asks = std::move(asks),
                           .forgotten = std::move(forgotten)},
                          now);
  }
  FetchSessions::Outcome finish(FetchSessions::Context& context, std::int64_t high_watermark = 10,
                                bool has_records = false) {
    const std::vector<FetchAnswerFacts> answers(context.asks.size(),
                                                {.has_records = has_records,
                                                 .high_watermark = Offset{high_watermark},
                                                 .log_start_offset = Offset{0}});
    return sessions.finish(context, answers, now);
  }
  FetchSessionId make_session(std::size_t partitions) {
    std::vector<FetchAsk> asks;
    for (std::size_t i = 0; i < partitions; ++i) asks.push_back(ask(i));
    FetchSessions::Context context = begin(FetchSessionId{0}, k_new_session, std::move(asks));
    return finish(context).session_id;
  }
  void pass(std::chrono::seconds time) { now += time; }

  FetchSessions sessions{{.slots = 2, .first_id = 100, .end_id = 200}, Rng(1)};
  ApiVersion version{17};
  bool follower = false;
  Instant now{};
};

TEST_F(FetchSessionTest, SessionlessFetchTellsEverything) {
  FetchSessions::Context context = begin(FetchSessionId{0}, k_no_session, {ask(1), ask(2)});
  EXPECT_EQ(context.kind, Kind::sessionless);
  const FetchSessions::Outcome outcome = finish(context);
  EXPECT_EQ(outcome.session_id, FetchSessionId{0});
  EXPECT_EQ(outcome.told, (std::vector{true, true}));
}

TEST_F(FetchSessionTest, NewSessionGetsAnIdOfThisShard) {
  const FetchSessionId id = make_session(2);
  EXPECT_GE(id, FetchSessionId{100});
  EXPECT_LT(id, FetchSessionId{200});
  EXPECT_EQ(sessions.partition_count(), 2U);
}

TEST_F(FetchSessionTest, IncrementalFetchReadsAllAndTellsWhatChanged) {
  const FetchSessionId id = make_session(2);
  FetchSessions::Context context = begin(id, FetchSessionEpoch{1}, {ask(1, 5)});
  ASSERT_EQ(context.kind, Kind::incremental);
  ASSERT_EQ(context.asks.size(), 2U);
  EXPECT_EQ(context.asks[1].fetch_offset, Offset{5});
  std::vector<FetchAnswerFacts> answers(
      2, {.high_watermark = Offset{10}, .log_start_offset = Offset{0}});
  answers[1].high_watermark = Offset{11};
  EXPECT_EQ(sessions.finish(context, answers, now).told, (std::vector{false, true}));
}

TEST_F(FetchSessionTest, PartitionWithRecordsIsReadLastNextTime) {
  const FetchSessionId id = make_session(2);
  FetchSessions::Context first = begin(id, FetchSessionEpoch{1}, {});
  std::vector<FetchAnswerFacts> answers(
      2, {.high_watermark = Offset{10}, .log_start_offset = Offset{0}});
  answers[0].has_records = true;
  (void)sessions.finish(first, answers, now);
  const FetchSessions::Context second = begin(id, FetchSessionEpoch{2}, {});
  EXPECT_EQ(second.asks[0].topic, "topic-1");
  EXPECT_EQ(second.asks[1].topic, "topic-0");
}

TEST_F(FetchSessionTest, ErrorIsToldEachTimeAndTheFirstAnswerAfterIt) {
  const FetchSessionId id = make_session(1);
  FetchSessions::Context failing = begin(id, FetchSessionEpoch{1}, {});
  const std::vector<FetchAnswerFacts> error(
      1, {.has_error = true, .high_watermark = Offset{10}, .log_start_offset = Offset{0}});
  EXPECT_EQ(sessions.finish(failing, error, now).told, std::vector{true});
  FetchSessions::Context well = begin(id, FetchSessionEpoch{2}, {});
  EXPECT_EQ(finish(well).told, std::vector{true});
  FetchSessions::Context quiet = begin(id, FetchSessionEpoch{3}, {});
  EXPECT_EQ(finish(quiet).told, std::vector{false});
}

TEST_F(FetchSessionTest, UnknownSessionIsRefused) {
  const FetchSessions::Context context = begin(FetchSessionId{150}, FetchSessionEpoch{1}, {});
  EXPECT_EQ(context.error, Errc::fetch_session_id_not_found);
}

TEST_F(FetchSessionTest, WrongEpochIsRefused) {
  const FetchSessionId id = make_session(1);
  EXPECT_EQ(begin(id, FetchSessionEpoch{2}, {}).error, Errc::invalid_fetch_session_epoch);
}

TEST_F(FetchSessionTest, NamesAgainstIdsAreRefused) {
  const FetchSessionId id = make_session(1);
  version = ApiVersion{12};
  EXPECT_EQ(begin(id, FetchSessionEpoch{1}, {}).error, Errc::fetch_session_topic_id_error);
}

TEST_F(FetchSessionTest, SecondRequestOfOneEpochMakesTheFirstADuplicate) {
  const FetchSessionId id = make_session(1);
  FetchSessions::Context first = begin(id, FetchSessionEpoch{1}, {});
  FetchSessions::Context second = begin(id, FetchSessionEpoch{2}, {});
  EXPECT_EQ(finish(first).error, Errc::invalid_fetch_session_epoch);
  EXPECT_EQ(finish(second).error, Errc::none);
}

TEST_F(FetchSessionTest, ForgettingTheLastPartitionClosesTheSession) {
  const FetchSessionId id = make_session(1);
  const FetchSessions::Context context =
      begin(id, FetchSessionEpoch{1}, {}, {{Uuid{1, 0}, "topic-0", PartitionIndex{0}}});
  EXPECT_EQ(context.kind, Kind::sessionless);
  EXPECT_EQ(sessions.count(), 0U);
}

TEST_F(FetchSessionTest, FullFetchClosesTheSessionItNames) {
  const FetchSessionId id = make_session(1);
  (void)begin(id, k_no_session, {ask(1)});
  EXPECT_EQ(sessions.count(), 0U);
}

TEST_F(FetchSessionTest, FullCacheGivesNoSessionWhileAllAreYoung) {
  (void)make_session(1);
  (void)make_session(1);
  EXPECT_EQ(make_session(5), FetchSessionId{0});
  EXPECT_EQ(sessions.evictions(), 0U);
}

TEST_F(FetchSessionTest, StaleSessionGoesForANewOne) {
  const FetchSessionId stale = make_session(1);
  pass(std::chrono::seconds{1});
  (void)make_session(1);
  pass(std::chrono::seconds{121});
  EXPECT_NE(make_session(1), FetchSessionId{0});
  EXPECT_EQ(begin(stale, FetchSessionEpoch{1}, {}).error, Errc::fetch_session_id_not_found);
  EXPECT_EQ(sessions.evictions(), 1U);
}

TEST_F(FetchSessionTest, FollowerTakesThePlaceOfAYoungConsumer) {
  (void)make_session(1);
  (void)make_session(2);
  follower = true;
  EXPECT_NE(make_session(1), FetchSessionId{0});
}

TEST_F(FetchSessionTest, BiggerSessionTakesThePlaceOfASmallerSettledOne) {
  const FetchSessionId small = make_session(1);
  const FetchSessionId big = make_session(9);
  pass(std::chrono::seconds{119});
  // Both are used, so neither is stale; both are older than the two minutes when used.
  pass(std::chrono::seconds{2});
  FetchSessions::Context a = begin(small, FetchSessionEpoch{1}, {});
  FetchSessions::Context b = begin(big, FetchSessionEpoch{1}, {});
  EXPECT_EQ(finish(a).error, Errc::none);
  EXPECT_EQ(finish(b).error, Errc::none);
  EXPECT_NE(make_session(5), FetchSessionId{0});
  EXPECT_EQ(begin(small, FetchSessionEpoch{2}, {}).error, Errc::fetch_session_id_not_found);
  EXPECT_EQ(begin(big, FetchSessionEpoch{2}, {}).error, Errc::none);
}

}  // namespace
}  // namespace moldau::broker
