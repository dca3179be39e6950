#include "harness/transactional_producer.h"

#include "harness/committed_reader.h"
#include "unit/harness/group_world.h"

namespace moldau::harness {
namespace {

class TransactionalProducerTest : public GroupWorld, public testing::WithParamInterface<bool> {
 protected:
  env::Task<void> write(bool commit) {
    TransactionalProducer producer(
        run, client(), {.topic = run.outputs.front().get(), .id = "p", .modern = GetParam()});
    while (!producer.is_ready()) co_await producer.begin_anew();
    const PartitionIndex to{1};
    error = Errc::none;
    if (!GetParam()) error = co_await producer.add_partitions({to});
    if (error == Errc::none) error = co_await producer.send(to, {{.writer = 1, .number = 1}});
    if (error == Errc::none) error = co_await producer.end(commit);
    done = true;
  }
  env::Task<void> read() {
    const Shown note = [this](PartitionIndex, const SeenRecord&) {
      ++shown;
      return std::optional<std::string>{};
    };
    read_all = co_await read_all_committed(run, client(), *run.outputs.front(), note);
  }
  void write_and_read(bool commit) {
    add(run.coordinators, "__transaction_state");
    TopicPlan& output = add(run.outputs, "output");
    start_with_group();
    EXPECT_TRUE(until([&] { return !output.id.is_zero(); })) << failure();
    tasks.spawn(write(commit));
    EXPECT_TRUE(until([this] { return done; })) << failure();
    tasks.spawn(read());
    EXPECT_TRUE(until([this] { return read_all; })) << failure();
  }
  Errc error = Errc::none;
  bool done = false;
  bool read_all = false;
  int shown = 0;
};

TEST_P(TransactionalProducerTest, WhatWasCommittedIsShown) {
  write_and_read(true);
  EXPECT_EQ(error, Errc::none);
  EXPECT_EQ(shown, 1);
}

TEST_P(TransactionalProducerTest, WhatWasAbortedIsNotShown) {
  write_and_read(false);
  EXPECT_EQ(error, Errc::none);
  EXPECT_EQ(shown, 0);
}

INSTANTIATE_TEST_SUITE_P(Clients, TransactionalProducerTest, testing::Bool());

}  // namespace
}  // namespace moldau::harness
