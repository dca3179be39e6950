#include "client/reader.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "client/backoff.h"
#include "client/fetched.h"
#include "env/completion.h"
#include "env/task_group.h"
#include "protocol/api/fetch.h"

namespace moldau::client {
namespace {

using PartitionData = protocol::FetchResponse::PartitionData;

constexpr ApiVersion k_fetch_with_ids{13};

// Corrupt bytes do not mend by asking again, whoever found them: Kafka's consumer gives up, too.
bool is_final(Errc code) { return code == Errc::corrupt_message || facts(code).retry == Retry::no; }

struct Reading {
  Offset position;  // of the program
  LeaderEpoch leader_epoch = k_no_leader_epoch;
  Offset fetch_from;           // of the next request
  std::uint64_t assigned = 0;  // counts assignments: answers to older requests are dropped
  bool paused = false;
  bool is_ready = false;  // records lie ready, so no more are asked for
};

// Records that came and wait for poll().
struct Ready {
  TopicPartition partition;
  std::uint64_t assigned;
  std::vector<IncomingRecord> records;
  std::size_t taken = 0;
  Offset next;
};

}  // namespace

struct PartitionReader::Wanted {
  TopicPartition partition;
  std::uint64_t assigned;
  Offset from;
  LeaderEpoch leader_epoch;
};

struct PartitionReader::State {
  State(Cluster& its_cluster, ReaderSettings its_settings)
      : cluster(its_cluster),
        settings(std::move(its_settings)),
        news(its_cluster.env().scheduler),
        tasks(its_cluster.env().scheduler) {}
  Cluster& cluster;
  ReaderSettings settings;
  std::vector<TopicPartition> order;  // as assigned: requests do not depend on hashing
  absl::flat_hash_map<TopicPartition, Reading> readings;
  std::deque<Ready> ready;
  absl::flat_hash_set<BrokerId> asked;  // leaders whose answer is awaited
  std::optional<Error> failure;
  env::Signal news;
  env::TaskGroup tasks;
  Backoff backoff;
  Instant not_before{};
  std::uint64_t assignments = 0;
  bool woken = false;
  bool closed = false;

  Reading* current(const TopicPartition& partition, std::uint64_t assigned) {
    const auto found = readings.find(partition);
    return found == readings.end() || found->second.assigned != assigned ? nullptr : &found->second;
  }
  void wait_a_moment() {
    not_before = cluster.env().clock.now() + backoff.next(cluster.settings().retry_backoff);
  }
};

PartitionReader::PartitionReader(Cluster& cluster, ReaderSettings settings)
    : state_(std::make_unique<State>(cluster, std::move(settings))) {}
PartitionReader::~PartitionReader() = default;

void PartitionReader::assign(TopicPartition partition, Offset position, LeaderEpoch leader_epoch) {
  State& s = *state_;
  const auto [found, is_new] = s.readings.try_emplace(partition);
  if (is_new) s.order.push_back(partition);
  found->second.position = position;
  found->second.leader_epoch = leader_epoch;
  found->second.fetch_from = position;
  found->second.assigned = ++s.assignments;
  found->second.is_ready = false;
  std::erase_if(s.ready, [&](const Ready& it) { return it.partition == partition; });
}

void PartitionReader::drop(const TopicPartition& partition) {
  State& s = *state_;
  if (s.readings.erase(partition) == 0) return;
  std::erase(s.order, partition);
  std::erase_if(s.ready, [&](const Ready& it) { return it.partition == partition; });
}

bool PartitionReader::has(const TopicPartition& partition) const {
  return state_->readings.contains(partition);
}

std::vector<TopicPartition> PartitionReader::partitions() const { return state_->order; }

Offset PartitionReader::position(const TopicPartition& partition) const {
  const auto found = state_->readings.find(partition);
  return found == state_->readings.end() ? k_no_offset : found->second.position;
}

LeaderEpoch PartitionReader::leader_epoch(const TopicPartition& partition) const {
  const auto found = state_->readings.find(partition);
  return found == state_->readings.end() ? k_no_leader_epoch : found->second.leader_epoch;
}

void PartitionReader::pause(const TopicPartition& partition) {
  const auto found = state_->readings.find(partition);
  if (found != state_->readings.end()) found->second.paused = true;
}

void PartitionReader::resume(const TopicPartition& partition) {
  const auto found = state_->readings.find(partition);
  if (found != state_->readings.end()) found->second.paused = false;
}

bool PartitionReader::is_paused(const TopicPartition& partition) const {
  const auto found = state_->readings.find(partition);
  return found != state_->readings.end() && found->second.paused;
}

void PartitionReader::wake() {
  state_->woken = true;
  state_->news.ring();
}

env::Task<void> PartitionReader::close() {
  State& s = *state_;
  s.closed = true;
  if (s.tasks.running() > 0) co_await s.cluster.hang_up(Line::fetches);
  co_await s.tasks.join();
}

env::Task<Result<std::vector<PartitionRecords>>> PartitionReader::poll(Milliseconds wait) {
  State& s = *state_;
  env::Env& env = s.cluster.env();
  const Instant deadline = env.clock.now() + wait;
  while (true) {
    if (s.failure) co_return fail(*std::exchange(s.failure, std::nullopt));
    std::vector<PartitionRecords> out = take_ready();
    const bool woken = std::exchange(s.woken, false);
    if (out.empty() && !woken && env.clock.now() >= s.not_before) co_await find_leaders();
    send_fetches();
    if (!out.empty() || woken || env.clock.now() >= deadline) co_return out;
    Instant until = deadline;
    if (s.not_before > env.clock.now()) until = std::min(until, s.not_before);
    const auto alarm = env.timers.arm(until, [&s] { s.news.ring(); });
    co_await s.news;
    env.timers.cancel(alarm);
  }
}

std::vector<PartitionRecords> PartitionReader::take_ready() {
  State& s = *state_;
  std::vector<PartitionRecords> out;
  std::size_t room = s.settings.poll_records_max;
  std::deque<Ready> paused;
  while (room > 0 && !s.ready.empty()) {
    Ready& ready = s.ready.front();
    Reading* reading = s.current(ready.partition, ready.assigned);
    if (reading == nullptr) {
      s.ready.pop_front();
      continue;
    }
    if (reading->paused) {
      paused.push_back(std::move(ready));
      s.ready.pop_front();
      continue;
    }
    const std::size_t count = std::min(room, ready.records.size() - ready.taken);
    PartitionRecords& part = out.emplace_back(ready.partition, std::vector<IncomingRecord>{});
    const bool last = ready.taken + count == ready.records.size();
    if (last && ready.taken == 0) {
      part.records = std::move(ready.records);
    } else {
      const auto from = ready.records.begin() + static_cast<std::ptrdiff_t>(ready.taken);
      part.records.assign(std::move_iterator(from),
                          std::move_iterator(from + static_cast<std::ptrdiff_t>(count)));
    }
    ready.taken += count;
    room -= count;
    reading->leader_epoch = part.records.back().leader_epoch;
    reading->position = last ? ready.next : part.records.back().offset.next();
    if (last) {
      reading->is_ready = false;
      s.ready.pop_front();
    }
  }
  s.ready.insert(s.ready.begin(), std::move_iterator(paused.begin()),
                 std::move_iterator(paused.end()));
  return out;
}

env::Task<void> PartitionReader::find_leaders() {
  State& s = *state_;
  std::vector<std::string> unknown;
  for (const TopicPartition& partition : s.order) {
    const auto place = s.cluster.place_of(partition.topic, partition.partition);
    const bool known = place && place->leader != k_no_broker;
    if (!known && std::ranges::find(unknown, partition.topic) == unknown.end()) {
      unknown.push_back(partition.topic);
    }
  }
  if (unknown.empty()) co_return;
  const std::vector<std::string> asked = unknown;
  const auto answer = co_await s.cluster.refresh(std::move(unknown));
  const bool helped = answer && std::ranges::all_of(asked, [&](const std::string& topic) {
                        const auto place = s.cluster.place_of(topic, PartitionIndex{0});
                        return place && place->leader != k_no_broker;
                      });
  if (!helped) s.wait_a_moment();
}

// One request to each leader that owes no answer, for the partitions of which nothing lies ready.
void PartitionReader::send_fetches() {
  State& s = *state_;
  if (s.closed || s.cluster.env().clock.now() < s.not_before) return;
  std::vector<BrokerId> leaders;
  absl::flat_hash_map<BrokerId, std::vector<Wanted>> wanted;
  for (const TopicPartition& partition : s.order) {
    const Reading& reading = s.readings.at(partition);
    if (reading.paused || reading.is_ready) continue;
    const auto place = s.cluster.place_of(partition.topic, partition.partition);
    if (!place || place->leader == k_no_broker || s.asked.contains(place->leader)) continue;
    auto& list = wanted[place->leader];
    if (list.empty()) leaders.push_back(place->leader);
    list.push_back({partition, reading.assigned, reading.fetch_from, place->leader_epoch});
  }
  for (const BrokerId leader : leaders) {
    s.asked.insert(leader);
    s.tasks.spawn(fetch(leader, std::move(wanted[leader])));
  }
}

env::Task<void> PartitionReader::fetch(BrokerId leader, std::vector<Wanted> wanted) {
  State& s = *state_;
  const auto done = co_await ask(leader, wanted);
  s.asked.erase(leader);
  if (!s.closed) {
    if (!done && is_final(done.error().code()) && done.error().code() != Errc::cancelled) {
      s.failure = done.error();
    } else if (!done) {
      // The leader may be another by now.
      for (const Wanted& it : wanted) s.cluster.forget(it.partition.topic);
      s.wait_a_moment();
    } else {
      s.backoff = Backoff{};
    }
  }
  s.news.ring();
}

namespace {

protocol::FetchRequest fetch_request(const ReaderSettings& settings) {
  protocol::FetchRequest request;
  request.max_wait_ms = settings.max_wait;
  request.min_bytes = settings.min_bytes;
  request.max_bytes = settings.max_bytes;
  request.isolation_level = static_cast<std::int8_t>(settings.isolation);
  request.rack_id = settings.rack;
  return request;
}

PartitionData* answer_for(protocol::FetchResponse& answer, ApiVersion version, const Uuid& id,
                          const TopicPartition& wanted) {
  for (auto& topic : answer.responses) {
    if (version >= k_fetch_with_ids ? topic.topic_id != id : topic.topic != wanted.topic) continue;
    for (PartitionData& data : topic.partitions) {
      if (data.partition_index == wanted.partition) return &data;
    }
  }
  return nullptr;
}

}  // namespace

env::Task<Result<void>> PartitionReader::ask(BrokerId leader, std::vector<Wanted> wanted) {
  State& s = *state_;
  CO_TRY(const std::shared_ptr<rpc::ClientConnection> connection,
         co_await s.cluster.to(leader, Line::fetches));
  CO_TRY(const ApiVersion version, connection->version_of(protocol::ApiKey::fetch));
  protocol::FetchRequest request = fetch_request(s.settings);
  for (const Wanted& it : wanted) {
    const bool same = !request.topics.empty() && it.partition.topic == request.topics.back().topic;
    auto& topic = same ? request.topics.back() : request.topics.emplace_back();
    topic.topic = it.partition.topic;
    topic.topic_id = s.cluster.topic_id(it.partition.topic).value_or(k_zero_uuid);
    auto& one = topic.partitions.emplace_back();
    one.partition = it.partition.partition;
    one.current_leader_epoch = it.leader_epoch;
    one.fetch_offset = it.from;
    one.partition_max_bytes = s.settings.partition_max_bytes;
  }
  for (auto& topic : request.topics) {
    if (version >= k_fetch_with_ids) {
      topic.topic = {};
    } else {
      topic.topic_id = k_zero_uuid;
    }
  }
  CO_TRY(
      protocol::FetchResponse answer,
      co_await connection->request<protocol::FetchRequest, protocol::FetchResponse>(
          std::move(request), version, s.settings.max_wait + s.cluster.settings().request_timeout));
  if (answer.error_code != Errc::none) co_return fail(answer.error_code);
  for (const Wanted& it : wanted) {
    const Uuid id = s.cluster.topic_id(it.partition.topic).value_or(k_zero_uuid);
    const PartitionData* data = answer_for(answer, version, id, it.partition);
    if (data == nullptr || s.current(it.partition, it.assigned) == nullptr) continue;
    if (data->error_code == Errc::offset_out_of_range) {
      CO_TRY_OK(co_await reset(it));
    } else if (data->error_code != Errc::none) {
      if (is_final(data->error_code)) {
        co_return fail(data->error_code, "fetching from {}", it.partition);
      }
      s.cluster.forget(it.partition.topic);
    } else {
      CO_TRY(FetchedRecords read, read_fetched(*data, it.from, s.settings));
      Reading& reading = *s.current(it.partition, it.assigned);
      reading.fetch_from = read.next;
      reading.is_ready = !read.records.empty();
      if (reading.is_ready) {
        s.ready.push_back({it.partition, it.assigned, std::move(read.records), 0, read.next});
      } else {
        reading.position = read.next;
      }
    }
  }
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionReader::reset(Wanted wanted) {
  State& s = *state_;
  if (s.settings.reset.kind == ResetPolicy::Kind::none) {
    co_return fail(Errc::offset_out_of_range, "{}: no offset {} in the partition's log",
                   wanted.partition, wanted.from);
  }
  CO_TRY(const FoundOffset found,
         co_await find_reset_offset(s.cluster, wanted.partition, s.settings.reset,
                                    s.settings.isolation));
  if (s.current(wanted.partition, wanted.assigned) != nullptr) {
    assign(wanted.partition, found.offset);
  }
  co_return Result<void>{};
}

}  // namespace moldau::client
