#include "cli/perf_text.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

Timestamp at(std::int64_t millis) { return timestamp_of(millis); }

TEST(SendStats, TotalIsInKafkasForm) {
  SendStats stats(4, Milliseconds{5'000}, false, at(0));
  for (const int latency : {1, 2, 3, 10}) {
    EXPECT_EQ(stats.record(Milliseconds{latency}, 1'048'576, at(100)), "");
  }
  EXPECT_EQ(stats.total(at(2'000)),
            "4 records sent, 2.000000 records/sec (2.00 MB/sec), 4.00 ms avg latency, 10.00 ms max "
            "latency, 3 ms 50th, 10 ms 95th, 10 ms 99th, 10 ms 99.9th.\n");
}

TEST(SendStats, WindowsEndWithTheInterval) {
  SendStats stats(10, Milliseconds{1'000}, false, at(0));
  EXPECT_EQ(stats.record(Milliseconds{4}, 0, at(500)), "");
  EXPECT_EQ(stats.record(Milliseconds{6}, 0, at(1'000)),
            "2 records sent, 2.0 records/sec (0.00 MB/sec), 5.0 ms avg latency, 6.0 ms max "
            "latency.\n");
  EXPECT_EQ(stats.record(Milliseconds{6}, 0, at(1'500)), "");
  stats.be_quiet();
  EXPECT_EQ(stats.record(Milliseconds{6}, 0, at(2'500)), "");
}

TEST(SendStats, SteadyStateIsAnnouncedOnce) {
  SendStats stats(10, Milliseconds{1'000}, true, at(0));
  EXPECT_TRUE(stats.record(Milliseconds{4}, 0, at(1'000)).starts_with("In steady state.\n1 rec"));
  EXPECT_TRUE(stats.record(Milliseconds{4}, 0, at(2'000)).starts_with("1 records sent"));
  EXPECT_TRUE(stats.total(at(2'000)).starts_with("2 steady state records sent, "));
}

TEST(MetricsTable, NamesAreAsWideAsTheLongest) {
  EXPECT_EQ(metrics_table({{"g:longer-name:{client-id=a}", 1.5}, {"g:n:{client-id=a}", 2}}),
            "\nMetric Name                   Value\n"
            "g:longer-name:{client-id=a} : 1.500\n"
            "g:n:{client-id=a}           : 2.000\n");
}

TEST(FormatDate, LettersAreThoseOfSimpleDateFormat) {
  const Timestamp moment = at(1'795'243'312'136);
  EXPECT_EQ(format_date(moment, "yyyy-MM-dd HH:mm:ss:SSS"), "2026-11-21 06:41:52:136");
  EXPECT_EQ(format_date(moment, "yy/M/d 'at' H''m"), "26/11/21 at 6'41");
}

}  // namespace
}  // namespace moldau::cli
