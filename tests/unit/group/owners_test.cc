#include <gtest/gtest.h>

#include <memory>

#include "base/rng.h"
#include "bytes/writer.h"
#include "group/embedded.h"
#include "protocol/data/consumer_protocol_assignment.h"
#include "unit/group/host.h"

// Clients of both protocols in one group, with crashes, lost answers, a coordinator that is loaded
// anew and a topic that grows. At no time do two clients have the same partition, and when nothing
// happens any more every partition has an owner.
namespace moldau::group {
namespace {

using protocol::JoinGroupResponse;
using protocol::SyncGroupResponse;
using test::Host;

constexpr Uuid k_t{7, 1};
using Owned = std::set<PartitionIndex>;

struct World {
  Host host{{.group_initial_rebalance_delay = Milliseconds{0}}};
  int partition_count = 0;
  void grow(int by) {
    partition_count += by;
    host.image(test::TopicsBuilder().topic("t", k_t, partition_count).build());
  }
};

class Client {
 public:
  virtual ~Client() = default;
  // One request, whose answer may get lost.
  virtual void act(World& world, bool answer_is_lost) = 0;
  virtual void leave(World& world) = 0;
  virtual void coordinator_is_new() {}
  Owned owned;
};

class ConsumerClient final : public Client {
 public:
  explicit ConsumerClient(std::string id) : id_(std::move(id)) {}

  void act(World& world, bool answer_is_lost) override {
    test::Beat beat{.member = id_, .epoch = epoch_};
    if (epoch_ != 0 && says_all_) {
      beat.topics = {{"t"}};
      beat.owns.emplace();
      if (!owned.empty()) (*beat.owns)[k_t] = owned;
    }
    const auto response = world.host.beat(beat);
    if (answer_is_lost) {
      says_all_ = true;
      return;
    }
    says_all_ = false;
    if (response.error_code != Errc::none) {
      owned.clear();
      epoch_ = 0;
      return;
    }
    epoch_ = response.member_epoch;
    if (!response.assignment) return;
    const auto assigned = test::partitions_of(response)[k_t];
    says_all_ = assigned != owned;  // the next request says that it is done
    owned = assigned;
  }
  void leave(World& world) override {
    owned.clear();
    if (epoch_ > 0) world.host.beat({.member = id_, .epoch = -1});
  }

 private:
  std::string id_;
  std::int32_t epoch_ = 0;
  bool says_all_ = false;
};

class ClassicClient final : public Client {
 public:
  void act(World& world, bool answer_is_lost) override {
    if (joining_) return take_join(world, answer_is_lost);
    if (syncing_) return take_sync(world, answer_is_lost);
    if (!is_member_) return join(world);
    // The leader looks at the topics, and has the group assign again when they changed.
    if (assigned_count_ && assigned_count_ != world.partition_count) return join(world);
    const Errc code = world.host.heartbeat(id_, generation_);
    if (!answer_is_lost && code != Errc::none) join_again(code);
  }
  void leave(World& world) override {
    owned.clear();
    if (!id_.empty()) world.host.leave({{.member_id = id_}});
  }
  void coordinator_is_new() override {
    if (!joining_ && !syncing_) return;
    joining_.reset();
    syncing_.reset();
    is_member_ = false;
  }

 private:
  void join(World& world) {
    owned.clear();  // it gives up all before it joins
    joining_ = world.host.join({.member = id_});
  }
  void take_join(World& world, bool answer_is_lost) {
    const auto response = world.host.answer<JoinGroupResponse>(*joining_);
    if (!response) return;
    joining_.reset();
    if (answer_is_lost) return;
    if (response->error_code == Errc::member_id_required) {
      id_ = response->member_id;
      return;
    }
    if (response->error_code != Errc::none) return join_again(response->error_code);
    id_ = response->member_id;
    generation_ = response->generation_id;
    std::vector<std::pair<std::string, std::string>> parts;
    assigned_count_.reset();
    if (response->leader == id_) {
      parts = assign(world, *response);
      assigned_count_ = world.partition_count;
    }
    syncing_ = world.host.sync(id_, generation_, parts);
  }
  void take_sync(World& world, bool answer_is_lost) {
    const auto response = world.host.answer<SyncGroupResponse>(*syncing_);
    if (!response) return;
    syncing_.reset();
    if (answer_is_lost) return join_again(Errc::rebalance_in_progress);
    if (response->error_code != Errc::none) return join_again(response->error_code);
    is_member_ = true;
    if (response->assignment.empty()) return;
    const auto read = read_embedded<protocol::ConsumerProtocolAssignment>(response->assignment);
    CHECK_OK(read);
    for (const auto& topic : read->assigned_partitions) {
      owned.insert(topic.partitions.begin(), topic.partitions.end());
    }
  }
  static std::vector<std::pair<std::string, std::string>> assign(
      const World& world, const JoinGroupResponse& response) {
    std::vector<protocol::ConsumerProtocolAssignment> parts(response.members.size());
    for (auto& part : parts) part.assigned_partitions.emplace_back().topic = "t";
    for (int p = 0; p < world.partition_count; ++p) {
      parts[static_cast<std::size_t>(p) % parts.size()].assigned_partitions[0].partitions.push_back(
          PartitionIndex{p});
    }
    std::vector<std::pair<std::string, std::string>> all;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Writer out;
      out.i16(0);
      parts[i].encode(out, ApiVersion{0});
      const auto bytes = out.take();
      all.emplace_back(response.members[i].member_id, std::string(as_text(bytes)));
    }
    return all;
  }
  void join_again(Errc code) {
    is_member_ = false;
    owned.clear();
    const bool keeps_id = code == Errc::rebalance_in_progress || code == Errc::illegal_generation;
    if (!keeps_id) id_.clear();
  }

  std::string id_;
  std::int32_t generation_ = -1;
  bool is_member_ = false;
  std::optional<int> assigned_count_;  // of partitions, where it assigned them
  std::optional<AskId> joining_;
  std::optional<AskId> syncing_;
};

class OwnersTest : public testing::Test {
 protected:
  void run(std::uint64_t seed, int classic_in_ten) {
    Rng rng(seed);
    World world;
    world.grow(1 + static_cast<int>(rng.below(6)));
    std::vector<std::unique_ptr<Client>> clients;
    for (int tick = 0; tick < 200; ++tick) {
      const bool quiet = tick >= 80;
      if (clients.empty() || (!quiet && clients.size() < 6 && rng.one_in(5))) {
        clients.push_back(make(rng, classic_in_ten));
      }
      if (!quiet) disturb(world, clients, rng);
      for (auto& client : clients) {
        client->act(world, !quiet && rng.one_in(6));
        check(clients, seed, tick);
      }
      world.host.pass(Milliseconds{1000});
    }
    Owned all;
    for (const auto& client : clients) all.insert(client->owned.begin(), client->owned.end());
    EXPECT_EQ(std::ssize(all), world.partition_count) << "seed " << seed;
  }

 private:
  std::unique_ptr<Client> make(Rng& rng, int classic_in_ten) {
    if (static_cast<int>(rng.below(10)) < classic_in_ten) return std::make_unique<ClassicClient>();
    return std::make_unique<ConsumerClient>("m" + std::to_string(++made_));
  }
  static void disturb(World& world, std::vector<std::unique_ptr<Client>>& clients, Rng& rng) {
    if (rng.one_in(25)) world.grow(1);
    if (rng.one_in(25)) {
      world.host.reload();
      for (auto& client : clients) client->coordinator_is_new();
    }
    if (clients.size() > 1 && rng.one_in(12)) {
      const auto gone = clients.begin() + static_cast<std::ptrdiff_t>(rng.below(clients.size()));
      if (rng.one_in(2)) (*gone)->leave(world);
      clients.erase(gone);
    }
  }
  static void check(const std::vector<std::unique_ptr<Client>>& clients, std::uint64_t seed,
                    int tick) {
    Owned all;
    for (const auto& client : clients) {
      for (const PartitionIndex partition : client->owned) {
        ASSERT_TRUE(all.insert(partition).second)
            << "partition " << partition.value() << " twice, seed " << seed << " tick " << tick;
      }
    }
  }
  int made_ = 0;
};

TEST_F(OwnersTest, OfConsumersAreOneForEachPartition) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) run(seed, 0);
}

TEST_F(OwnersTest, OfClassicMembersAreOneForEachPartition) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) run(seed, 10);
}

TEST_F(OwnersTest, OfBothAreOneForEachPartitionWhileTheGroupChangesSides) {
  for (std::uint64_t seed = 1; seed <= 120; ++seed) run(seed, 5);
}

}  // namespace
}  // namespace moldau::group
