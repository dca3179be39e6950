#include "rpc/server_connection.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "env/task_group.h"
#include "unit/rpc/rpc_world.h"
#include "unit/rpc/text_handler.h"

namespace moldau::rpc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A connection that is being served, and the client's end of it.
struct Served {
  Served(env::Env& env, os::Connected connected, ConnectionSettings its_settings)
      : parts(env),
        settings(std::move(its_settings)),
        client(std::move(connected.near)),
        connection(parts.server, settings, handler, std::move(connected.far)),
        group(env.scheduler) {
    group.spawn(connection.serve());
  }
  ShardParts parts;
  ConnectionSettings settings;
  TextHandler handler;
  std::unique_ptr<env::Stream> client;
  ServerConnection connection;
  env::TaskGroup group;
};

using Body = env::Task<void> (*)(env::Env&, Served&);

env::Task<void> serve_and_run(env::Env& env, Body body, ConnectionSettings settings) {
  Served served(env, co_await os::connect_pair(env), std::move(settings));
  co_await body(env, served);
  served.client->close();
  co_await served.group.join();
}
void serving(Body body, ConnectionSettings settings = {.listener = "PLAINTEXT"}) {
  os::on_one_shard([&](env::Env& env) { return serve_and_run(env, body, settings); });
}

env::Task<void> in_order(env::Env&, Served& served) {
  co_await os::write_all(*served.client, ask(1, "late:20:a") + ask(2, "b") + ask(3, "late:5:c"));
  const std::string expected = answer_frame(1, "a") + answer_frame(2, "b") + answer_frame(3, "c");
  EXPECT_EQ(co_await os::read_some(*served.client, expected.size()), expected);
  EXPECT_EQ(served.handler.most_running, 2);
}

TEST(ServerConnection, AnswersLeaveInTheOrderOfTheRequests) { serving(&in_order); }

env::Task<void> pipelined(env::Env&, Served& served) {
  std::string asked;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    asked += ask(i, i % 20 == 0 ? "late:1:x" : "y");
    expected += answer_frame(i, i % 20 == 0 ? "x" : "y");
  }
  co_await os::write_all(*served.client, asked);
  EXPECT_EQ(co_await os::read_some(*served.client, expected.size()), expected);
  EXPECT_LE(served.handler.most_running, k_inflight_per_connection_max.value);
}

TEST(ServerConnection, NoMoreRequestsRunThanMayBeInFlight) { serving(&pipelined); }

env::Task<void> without_answer(env::Env&, Served& served) {
  co_await os::write_all(*served.client, ask(1, "none") + ask(2, "b"));
  EXPECT_EQ(co_await os::read_some(*served.client, answer_frame(2, "b").size()),
            answer_frame(2, "b"));
}

TEST(ServerConnection, RequestWithoutAnswerHoldsUpNobody) { serving(&without_answer); }

env::Task<void> refused_body(env::Env&, Served& served) {
  co_await os::write_all(*served.client, ask(1, "refuse"));
  EXPECT_EQ(co_await os::read_some(*served.client, 1), "");
  co_await served.group.join();
  EXPECT_THAT(served.parts.sink.lines(),
              ElementsAre(HasSubstr("on PLAINTEXT: Metadata v1: BAD_FRAME: the body is odd; the "
                                    "connection is closed")));
}

TEST(ServerConnection, BodyThatDoesNotDecodeClosesItWithOneLine) { serving(&refused_body); }

env::Task<void> unknown_api(env::Env&, Served& served) {
  co_await os::write_all(*served.client, framed(request(999, 0, 1, "")));
  EXPECT_EQ(co_await os::read_some(*served.client, 1), "");
  co_await served.group.join();
  EXPECT_THAT(served.parts.sink.lines(),
              ElementsAre(HasSubstr("on PLAINTEXT asks for API 999, which Kafka 4.4 does not "
                                    "have. The connection is closed.")));
}

TEST(ServerConnection, UnknownApiClosesItWithOneLine) { serving(&unknown_api); }

env::Task<void> http(env::Env&, Served& served) {
  co_await os::write_all(*served.client, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(co_await os::read_some(*served.client, 1), "");
  co_await served.group.join();
  EXPECT_THAT(served.parts.sink.lines(), ElementsAre(HasSubstr("on PLAINTEXT speaks HTTP.")));
  EXPECT_EQ(served.parts.counters.named("connections_refused").value(), 1U);
}

TEST(ServerConnection, HttpIsTurnedAwayWithOneLine) { serving(&http); }

env::Task<void> half_closed(env::Env&, Served& served) {
  co_await os::write_all(*served.client, ask(1, "late:10:a"));
  served.client->shutdown_write();
  EXPECT_EQ(co_await os::read_some(*served.client, 100), answer_frame(1, "a"));
  co_await served.group.join();
  EXPECT_THAT(served.parts.sink.lines(), IsEmpty());
}

TEST(ServerConnection, PeerThatOnlyStoppedSendingGetsItsAnswers) { serving(&half_closed); }

env::Task<void> gone(env::Env&, Served& served) {
  co_await os::write_all(*served.client, ask(1, "late:10:a"));
  served.client->close();
  co_await served.group.join();  // waits for the handler
  EXPECT_EQ(served.handler.running, 0);
  EXPECT_EQ(served.parts.memory.charged(), 0U);
}

TEST(ServerConnection, EndsAfterItsHandlersWhenThePeerIsGone) { serving(&gone); }

// Many requests that nobody waits for the answers of: they are in the reader's buffer when writing
// fails.
env::Task<void> gone_with_pipelined(env::Env& env, Served& served) {
  std::string asked;
  for (int i = 0; i < 2000; ++i) asked += ask(i, i % 10 == 9 ? "late:5:x" : "many:100000");
  co_await os::write_all(*served.client, asked);
  co_await env::sleep_for(env, Milliseconds{20});
  served.client->close();
  co_await served.group.join();
  EXPECT_EQ(served.handler.running, 0);
  EXPECT_EQ(served.parts.memory.charged(), 0U);
}

TEST(ServerConnection, EndsWhenAPeerThatPipelinedIsGone) { serving(&gone_with_pipelined); }

env::Task<void> idle(env::Env& env, Served& served) {
  co_await os::write_all(*served.client, ask(1, "late:80:a"));  // working is not idling
  const std::size_t size = answer_frame(1, "a").size();
  EXPECT_EQ(co_await os::read_some(*served.client, size), answer_frame(1, "a"));
  const Instant before = env.clock.now();
  EXPECT_EQ(co_await os::read_some(*served.client, 1), "");
  EXPECT_GE(env.clock.now() - before, Milliseconds{30});
  EXPECT_EQ(served.parts.counters.named("connections_idle").value(), 1U);
}

TEST(ServerConnection, IdleConnectionIsClosedButNotAWorkingOne) {
  serving(&idle, {.listener = "PLAINTEXT", .idle_max = Milliseconds{40}});
}

env::Task<void> slow_reader(env::Env& env, Served& served) {
  // Answers of 8 MB that nobody reads: the requests behind them are not even read.
  std::string asked;
  for (int i = 0; i < 20; ++i) asked += ask(i, "many:8000000");
  co_await os::write_all(*served.client, asked);
  co_await env::sleep_for(env, Milliseconds{20});
  EXPECT_LE(served.handler.answered, 5);
  const std::size_t all = 20 * answer_frame(0, std::string(8'000'000, 'm')).size();
  EXPECT_EQ((co_await os::read_some(*served.client, all)).size(), all);
}

TEST(ServerConnection, SlowReaderIsNotReadFrom) { serving(&slow_reader); }

env::Task<void> drained(env::Env&, Served& served) {
  co_await os::write_all(*served.client, ask(1, "late:20:a"));
  EXPECT_EQ(served.handler.answered, 0);
  co_await os::write_all(*served.client, "");
  while (served.handler.running == 0) co_await env::sleep_for(served.parts.env, Milliseconds{1});
  served.connection.drain();
  co_await os::write_all(*served.client, ask(2, "b"));
  EXPECT_EQ(co_await os::read_some(*served.client, 100), answer_frame(1, "a"));
  co_await served.group.join();
}

TEST(ServerConnection, DrainingAnswersWhatWasBegunAndReadsNoMore) { serving(&drained); }

env::Task<void> closed(env::Env&, Served& served) {
  served.connection.close();
  co_await served.group.join();
  EXPECT_EQ(co_await os::read_some(*served.client, 1), "");
}

TEST(ServerConnection, CloseEndsAnIdleOneAtOnce) { serving(&closed); }

}  // namespace
}  // namespace moldau::rpc
