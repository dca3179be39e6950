#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "env/env.h"
#include "env/task_group.h"
#include "sim/world.h"

namespace moldau::sim {

// Both ends of what a test connects; an end reads until it fails, and says how it ended.
struct Ear {
  std::string heard;
  Errc end = Errc::none;
};

inline env::Task<void> listen_to(env::Stream& stream, Ear& ear) {
  std::vector<std::byte> buffer(1000);
  while (true) {
    if (auto ready = co_await stream.readable(); !ready) {
      ear.end = ready.error().code();
      co_return;
    }
    const auto got = stream.try_read(buffer);
    if (!got) {
      ear.end = got.error().code();
      co_return;
    }
    ear.heard += as_text(Bytes{buffer}.first(*got));
  }
}

inline env::Task<void> say(env::Stream& stream, std::string text, Errc& end) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (auto ready = co_await stream.writable(); !ready) {
      end = ready.error().code();
      co_return;
    }
    const Bytes part = as_bytes(std::string_view(text).substr(at));
    const auto took = stream.try_write({&part, 1});
    if (!took) {
      end = took.error().code();
      co_return;
    }
    at += *took;
  }
}

inline env::Task<void> connect_to(env::Env& env, env::Endpoint to,
                                  std::unique_ptr<env::Stream>& stream, Errc& end) {
  auto connected = co_await env.network.connect(std::move(to));
  if (connected) {
    stream = std::move(*connected);
  } else {
    end = connected.error().code();
  }
}

inline env::Task<void> accept_all(env::Listener& listener,
                                  std::vector<std::unique_ptr<env::Stream>>& streams, Errc& end) {
  while (true) {
    auto accepted = co_await listener.accept();
    if (!accepted) {
      end = accepted.error().code();
      co_return;
    }
    streams.push_back(std::move(*accepted));
  }
}

// A client host and a server host that listens on port 9092.
class NetworkTest : public testing::Test {
 protected:
  NetworkTest() {
    auto listener = server_boot_.env(0).network.listen({.host = "", .port = 9092}).take_result();
    EXPECT_TRUE(listener.has_value());
    listener_ = std::move(*listener);
    server_tasks_.spawn(accept_all(*listener_, accepted_, accept_end_));
  }
  ~NetworkTest() override {
    end(client_);
    end(server_);
    EXPECT_EQ(client_tasks_.running(), 0U);
    EXPECT_EQ(server_tasks_.running(), 0U);
  }
  static void end(Host& host) {
    if (host.running()) host.kill();
    EXPECT_TRUE(host.unwind());
  }
  // nullptr when it failed; connect_end_ says how.
  env::Stream* connect() {
    std::unique_ptr<env::Stream>& stream = connected_.emplace_back();
    const std::size_t before = accepted_.size();
    client_tasks_.spawn(
        connect_to(client_boot_.env(0), {.host = "server", .port = 9092}, stream, connect_end_));
    world_.run_until(
        [&] { return connect_end_ != Errc::none || (stream && accepted_.size() > before); });
    return stream.get();
  }
  // Outlives the tasks.
  Ear& ear_at(env::TaskGroup& tasks, env::Stream& stream) {
    Ear& ear = ears_.emplace_back();
    tasks.spawn(listen_to(stream, ear));
    return ear;
  }
  void settle() { world_.run_for(std::chrono::milliseconds(50)); }
  void speak(env::TaskGroup& tasks, env::Stream& stream, std::string text) {
    tasks.spawn(say(stream, std::move(text), say_end_));
  }

  World world_{3};
  Host& client_ = world_.add_host({.name = "client"});
  Host& server_ = world_.add_host({.name = "server"});
  Boot& client_boot_ = client_.boot();
  Boot& server_boot_ = server_.boot();
  env::TaskGroup client_tasks_{client_boot_.env(0).scheduler};
  env::TaskGroup server_tasks_{server_boot_.env(0).scheduler};
  std::vector<std::unique_ptr<env::Stream>> accepted_;
  std::deque<std::unique_ptr<env::Stream>> connected_;
  std::deque<Ear> ears_;
  std::unique_ptr<env::Listener> listener_;
  Errc accept_end_ = Errc::none;
  Errc connect_end_ = Errc::none;
  Errc say_end_ = Errc::none;
};

}  // namespace moldau::sim
