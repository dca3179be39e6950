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
  // A topic goes while a transaction that wrote to it is open.
  env::Task<void> write_to_what_goes() {
    TransactionalProducer producer(
        run, client(), {.topic = run.outputs.front().get(), .id = "p", .modern = GetParam()});
    TopicPlan& fleeting = *run.fleeting.front();
    while (!producer.is_ready()) co_await producer.begin_anew();
    co_await producer.touch(fleeting);
    const Uuid before = fleeting.id;
    while (fleeting.former_ids.empty() || fleeting.id == before || fleeting.id.is_zero()) {
      co_await env::sleep_for(clients.current().env(0), std::chrono::milliseconds(50));
    }
    error = co_await producer.end(true);
    while (error == Errc::none && !done) {  // the next one begins when the markers are written
      producer.give_up();
      co_await producer.begin_anew();
      done = producer.is_ready();
    }
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

TEST_P(TransactionalProducerTest, ATransactionOfATopicThatWentEnds) {
  add(run.coordinators, "__transaction_state");
  TopicPlan& output = add(run.outputs, "output");
  add(run.fleeting, "fleeting").comes_and_goes = true;
  start_with_group();
  EXPECT_TRUE(until([&] { return !output.id.is_zero(); })) << failure();
  tasks.spawn(write_to_what_goes());
  EXPECT_TRUE(until([this] { return done; })) << failure();
  EXPECT_EQ(error, Errc::none);
}

INSTANTIATE_TEST_SUITE_P(Clients, TransactionalProducerTest, testing::Bool());

}  // namespace
}  // namespace moldau::harness
