#include "cli/dump_indexes.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

// The dumping itself is compared with Kafka's in DumpedByKafka (dump_log_test.cc).

TEST(DumpIndexesTest, PathsAreShownAsJavaShowsThem) {
  EXPECT_EQ(normal_path("a//b/"), "a/b");
  EXPECT_EQ(normal_path("/"), "/");
  EXPECT_EQ(name_in_path("a/b.log"), "b.log");
}

TEST(DumpIndexesTest, TheBaseOffsetIsInTheName) {
  EXPECT_EQ(*base_in_path("t-0/00000000000000000042.timeindex"), Offset{42});
  EXPECT_EQ(base_in_path("t-0/x.log").error().text(),
            "Exception in thread \"main\" java.lang.NumberFormatException: For input string: "
            "\"x\"");
}

TEST(DumpIndexesTest, AnErrorThatIsAnExceptionAlreadyStaysIt) {
  const Error known(Errc::invalid_request, "Exception in thread \"main\" a.B");
  EXPECT_EQ(unreadable(known).error().text(), known.text());
  EXPECT_TRUE(unreadable(Error(Errc::invalid_record, "x"))
                  .error()
                  .text()
                  .ends_with("org.apache.kafka.common.InvalidRecordException: x"));
}

}  // namespace
}  // namespace moldau::cli
