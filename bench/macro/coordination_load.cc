// What group coordinators are asked, without what clients do beside it:
//   coordination_load commits PORT TOPIC CONNECTIONS IN_FLIGHT SECONDS
//   coordination_load joins PORT TOPIC MEMBERS
//   coordination_load groups PORT TOPIC GROUPS
// `commits`: each connection has IN_FLIGHT groups that commit one offset again and again, the next
// when the last is answered. `joins`: MEMBERS consumers join one group of the classic protocol at
// once, each on its own connection, with a heartbeat every 20 ms; the time until all are members of
// one generation and have their assignment. `groups`: one member in each of GROUPS groups; then the
// program stays until its input ends. Prints one line: what was done, seconds.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "env/task_group.h"
#include "os/runtime.h"
#include "protocol/api/find_coordinator.h"
#include "protocol/api/heartbeat.h"
#include "protocol/api/join_group.h"
#include "protocol/api/offset_commit.h"
#include "protocol/api/sync_group.h"
#include "rpc/client_connection.h"

namespace moldau {
namespace {

constexpr ApiVersion k_commit{8};
constexpr ApiVersion k_join{7};
constexpr ApiVersion k_sync{5};
constexpr ApiVersion k_heartbeat{4};
constexpr Milliseconds k_between_heartbeats{20};
constexpr Milliseconds k_session = std::chrono::minutes{5};

using Connection = std::unique_ptr<rpc::ClientConnection>;

[[noreturn]] void give_up(std::string_view what, std::string_view why) {
  std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(why.size()), why.data());
  std::exit(1);
}

template <class T>
T expect(std::string_view what, Result<T> result) {
  if (!result) give_up(what, result.error().describe());
  return *std::move(result);
}

int number(const char* text) {
  int value = 0;
  const std::string_view all(text);
  const auto [end, problem] = std::from_chars(all.data(), all.data() + all.size(), value);
  if (problem != std::errc{} || end != all.data() + all.size()) give_up(all, "is no number");
  return value;
}

struct Load {
  env::Env& env;
  telemetry::Counters counters;
  rpc::FrameMemory memory;
  std::uint16_t port;
  std::string topic;

  Load(env::Env& on, std::uint16_t at, std::string about)
      : env(on), memory(on, counters), port(at), topic(std::move(about)) {}

  env::Task<Connection> connect() {
    co_return expect("connect", co_await rpc::ClientConnection::connect(
                                    env, memory, {"127.0.0.1", port}, {.negotiate = false}));
  }
  // The first request makes the topic of the coordinators, which then load.
  env::Task<void> find_coordinator() {
    const Connection connection = co_await connect();
    for (int tries = 0;; ++tries) {
      protocol::FindCoordinatorRequest request;
      request.key = "any";
      const auto answer =
          expect("FindCoordinator",
                 co_await connection
                     ->request<protocol::FindCoordinatorRequest, protocol::FindCoordinatorResponse>(
                         request, ApiVersion{3}));
      if (answer.error_code == Errc::none) break;
      if (tries == 600) give_up("FindCoordinator", "no coordinator for a minute");
      co_await env::sleep_for(env, std::chrono::milliseconds{100});
    }
    connection->close();
    co_await connection->join();
  }
};

// A member of the classic protocol that joins until it is told of nobody else.
class Member {
 public:
  Member(Load& load, rpc::ClientConnection& connection, std::string group)
      : load_(load), connection_(connection), group_(std::move(group)) {}

  env::Task<void> join() {
    for (;;) {
      protocol::JoinGroupRequest request;
      request.group_id = group_;
      request.session_timeout_ms = k_session;
      request.rebalance_timeout_ms = k_session;
      request.member_id = id_;
      request.protocol_type = "consumer";
      request.protocols.emplace_back().name = "range";
      auto answer = expect(
          "JoinGroup",
          co_await connection_.request<protocol::JoinGroupRequest, protocol::JoinGroupResponse>(
              std::move(request), k_join, k_session));
      id_ = answer.member_id;
      if (answer.error_code == Errc::none && co_await sync(answer)) co_return;
      if (answer.error_code == Errc::coordinator_load_in_progress ||
          answer.error_code == Errc::not_coordinator) {
        co_await env::sleep_for(load_.env, k_between_heartbeats);
      } else if (answer.error_code != Errc::none && answer.error_code != Errc::member_id_required) {
        give_up("JoinGroup", name_of(answer.error_code));
      }
    }
  }
  env::Task<Errc> heartbeat() {
    protocol::HeartbeatRequest request;
    request.group_id = group_;
    request.generation_id = generation_;
    request.member_id = id_;
    const auto answer = expect(
        "Heartbeat",
        co_await connection_.request<protocol::HeartbeatRequest, protocol::HeartbeatResponse>(
            std::move(request), k_heartbeat));
    co_return answer.error_code;
  }
  [[nodiscard]] int generation() const { return generation_; }

 private:
  env::Task<bool> sync(const protocol::JoinGroupResponse& joined) {
    generation_ = joined.generation_id;
    protocol::SyncGroupRequest request;
    request.group_id = group_;
    request.generation_id = generation_;
    request.member_id = id_;
    request.protocol_type = "consumer";
    request.protocol_name = "range";
    for (const auto& member : joined.members) {
      auto& assignment = request.assignments.emplace_back();
      assignment.member_id = member.member_id;
      assignment.assignment.assign(40, std::byte{1});
    }
    const auto answer = expect(
        "SyncGroup",
        co_await connection_.request<protocol::SyncGroupRequest, protocol::SyncGroupResponse>(
            std::move(request), k_sync, k_session));
    co_return answer.error_code == Errc::none && !answer.assignment.empty();
  }

  Load& load_;
  rpc::ClientConnection& connection_;
  std::string group_;
  std::string id_;
  int generation_ = -1;
};

env::Task<void> commit(Load& load, rpc::ClientConnection& connection, std::string group,
                       Instant until, std::int64_t& done) {
  for (std::int64_t offset = 0; load.env.clock.now() < until; ++offset) {
    protocol::OffsetCommitRequest request;
    request.group_id = group;
    auto& topic = request.topics.emplace_back();
    topic.name = load.topic;
    topic.partitions.emplace_back().committed_offset = Offset{offset};
    const auto answer = expect(
        "OffsetCommit",
        co_await connection.request<protocol::OffsetCommitRequest, protocol::OffsetCommitResponse>(
            std::move(request), k_commit));
    const Errc error = answer.topics.at(0).partitions.at(0).error_code;
    if (error == Errc::none) {
      ++done;
    } else if (error != Errc::coordinator_load_in_progress && error != Errc::not_coordinator) {
      give_up("OffsetCommit", name_of(error));
    }
  }
}

env::Task<std::int64_t> commits(Load& load, int connections, int in_flight, int seconds) {
  std::vector<Connection> all;
  for (int i = 0; i < connections; ++i) all.push_back(co_await load.connect());
  const Instant until = load.env.clock.now() + std::chrono::seconds{seconds};
  std::int64_t done = 0;
  env::TaskGroup running(load.env.scheduler);
  for (int i = 0; i < connections; ++i) {
    for (int j = 0; j < in_flight; ++j) {
      const std::string group = "commits-" + std::to_string(i) + "-" + std::to_string(j);
      running.spawn(commit(load, *all[static_cast<std::size_t>(i)], group, until, done));
    }
  }
  co_await running.join();
  for (const Connection& connection : all) {
    connection->close();
    co_await connection->join();
  }
  co_return done;
}

struct Gathering {
  int wanted;
  std::vector<std::unique_ptr<Member>> members;
  std::vector<bool> settled;

  // All have an assignment of one generation.
  [[nodiscard]] bool complete() const {
    return std::ranges::all_of(settled, std::identity{}) &&
           std::ranges::all_of(members, [this](const auto& member) {
             return member->generation() == members.front()->generation();
           });
  }
};

env::Task<void> take_part(Load& load, Gathering& gathering, std::size_t at) {
  Member& member = *gathering.members[at];
  while (!gathering.complete()) {
    if (!gathering.settled[at]) {
      co_await member.join();
      gathering.settled[at] = true;
      continue;
    }
    co_await env::sleep_for(load.env, k_between_heartbeats);
    if (gathering.complete()) break;
    gathering.settled[at] = co_await member.heartbeat() == Errc::none;
  }
}

env::Task<std::int64_t> joins(Load& load, int members) {
  std::vector<Connection> all;
  // Members of an earlier run would be waited for: none of them leaves.
  const std::string group = env::new_uuid(load.env.entropy).to_string();
  Gathering gathering{.wanted = members, .members = {}, .settled = {}};
  for (int i = 0; i < members; ++i) {
    all.push_back(co_await load.connect());
    gathering.members.push_back(std::make_unique<Member>(load, *all.back(), group));
    gathering.settled.push_back(false);
  }
  env::TaskGroup running(load.env.scheduler);
  for (std::size_t i = 0; i < all.size(); ++i) running.spawn(take_part(load, gathering, i));
  co_await running.join();
  for (const Connection& connection : all) {
    connection->close();
    co_await connection->join();
  }
  co_return members;
}

constexpr int k_groups_of_a_connection = 200;

env::Task<void> found_groups(Load& load, rpc::ClientConnection& connection, int from, int to) {
  for (int i = from; i < to; ++i) {
    Member member(load, connection, "group-" + std::to_string(i));
    co_await member.join();
  }
}

env::Task<std::int64_t> groups(Load& load, int count, std::vector<Connection>& all) {
  env::TaskGroup running(load.env.scheduler);
  for (int i = 0; i < count; i += k_groups_of_a_connection) {
    all.push_back(co_await load.connect());
    running.spawn(
        found_groups(load, *all.back(), i, std::min(count, i + k_groups_of_a_connection)));
  }
  co_await running.join();
  co_return count;
}

env::Task<void> run(env::Env& env, std::vector<char*> words) {
  const std::string_view action = words[1];
  Load load(env, static_cast<std::uint16_t>(number(words[2])), words[3]);
  co_await load.find_coordinator();
  std::vector<Connection> kept;
  const Instant start = env.clock.now();
  std::int64_t done = 0;
  if (action == "commits" && words.size() == 7) {
    done = co_await commits(load, number(words[4]), number(words[5]), number(words[6]));
  } else if (action == "joins" && words.size() == 5) {
    done = co_await joins(load, number(words[4]));
  } else if (action == "groups" && words.size() == 5) {
    done = co_await groups(load, number(words[4]), kept);
  } else {
    give_up("usage", "see the head of bench/macro/coordination_load.cc");
  }
  const std::chrono::duration<double> took = env.clock.now() - start;
  std::printf("%lld %.4f\n", static_cast<long long>(done), took.count());
  std::fflush(stdout);
  if (action == "groups") std::getchar();
  for (const Connection& connection : kept) {
    connection->close();
    co_await connection->join();
  }
}

}  // namespace
}  // namespace moldau

int main(int argc, char** argv) {
  if (argc < 5) moldau::give_up("usage", "see the head of bench/macro/coordination_load.cc");
  moldau::os::Runtime runtime;
  const std::vector<char*> words(argv, argv + argc);
  runtime.run([&](moldau::env::Env& env) { return moldau::run(env, words); });
}
