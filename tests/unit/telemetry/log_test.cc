#include "telemetry/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <vector>

#include "unit/telemetry/captured_log.h"

namespace moldau::telemetry {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

Instant at(int second) { return Instant{seconds{second}}; }

TEST(StandardErrorSink, LineHasTimeLevelTextAndLoggerAsKafkasLinesDo) {
  setenv("TZ", "UTC", 1);
  tzset();
  const auto sink = standard_error_sink([] { return timestamp_of(1'795'255'200'123); });
  testing::internal::CaptureStderr();
  Logger(*sink, "kafka.server").info("started {} of {}", 1, 2);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "[2026-11-21 10:00:00,123] INFO started 1 of 2 (kafka.server)\n");
}

TEST(Logger, LevelBelowTheLeastIsSilent) {
  CapturedLog sink;
  const Logger log(sink, "x", Level::warn);
  log.debug("no");
  log.info("no");
  log.warn("yes {}", 1);
  log.error("yes {}", 2);
  EXPECT_THAT(sink.lines(), ElementsAre("WARN x: yes 1", "ERROR x: yes 2"));
}

TEST(Logger, LimitedLineTellsHowManyWereSilencedBefore) {
  CapturedLog sink;
  const Logger log(sink, "x");
  RateLimit limit(1, seconds{10});
  for (int i = 0; i < 4; ++i) log.warn_limited(limit, at(i), "bad frame {}", i);
  log.warn_limited(limit, at(10), "bad frame {}", 9);
  EXPECT_THAT(sink.lines(), ElementsAre("WARN x: bad frame 0",
                                        "WARN x: bad frame 9 (3 similar lines left out before "
                                        "this one)"));
}

TEST(RateLimit, BurstOfEachWindowIsAdmitted) {
  RateLimit limit(2, seconds{10});
  EXPECT_EQ(limit.admit(at(0)), 0U);
  EXPECT_EQ(limit.admit(at(1)), 0U);
  EXPECT_EQ(limit.admit(at(9)), std::nullopt);
  EXPECT_EQ(limit.admit(at(10)), 1U);
  EXPECT_EQ(limit.admit(at(11)), 0U);
}

TEST(Printable, ControlBytesBackslashesAndHighBytesAreEscaped) {
  EXPECT_EQ(printable("a\nb\\\xff"), "a\\x0ab\\x5c\\xff");
}

TEST(Printable, LongTextIsCut) { EXPECT_EQ(printable("abcdef", 3), "abc..."); }

}  // namespace
}  // namespace moldau::telemetry
