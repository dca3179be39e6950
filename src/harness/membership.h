#pragma once
#include <memory>
#include <set>
#include <string>

#include "harness/group_requests.h"

namespace moldau::harness {

enum class GroupProtocol : std::uint8_t { eager, cooperative, consumer };

struct MemberPlan {
  GroupPlan* group = nullptr;
  MemberNumber number;
  GroupProtocol protocol = GroupProtocol::eager;
  std::vector<GroupProtocol> protocols;    // each life draws one of these; none: `protocol`
  bool by_pattern = false;                 // subscribes so when it can: by the consumer protocol
  std::optional<std::string> instance_id;  // of a static member
  Milliseconds session{2000};
  Milliseconds rebalance{3000};
  Milliseconds heartbeat{300};
};

// One life of a member in its group: joins, says that it lives, learns what it owns, gives up what
// it must. Tells the oracle of the group.
// Context: one shard; one call at a time.
class Membership {
 public:
  using Partitions = std::set<client::TopicPartition>;
  using TopicIds = std::map<std::string, Uuid>;

  Membership(ClusterRun& run, ClusterClient& client, MemberPlan plan)
      : run_(run), client_(client), plan_(std::move(plan)) {}
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;
  virtual ~Membership() = default;

  // Asks the coordinator at most one thing, when it is time.
  [[nodiscard]] virtual env::Task<void> go_on() = 0;
  // Tells the coordinator that it goes; once. It may not learn of it.
  [[nodiscard]] virtual env::Task<void> leave() = 0;
  // It wants these back before it goes on: what was read of them is to be committed first.
  [[nodiscard]] const Partitions& wanted_back() const { return wanted_back_; }
  void gave_up();
  // By the coordinator, under identity().
  virtual void commit_was_accepted() {}
  // The coordinator does not know it as what it thinks it is.
  void lost();

  [[nodiscard]] bool is_member() const { return is_member_; }
  [[nodiscard]] const Partitions& owned() const { return owned_; }
  // Of which topic it owns the partition. REQUIRES: owned() has it.
  [[nodiscard]] Uuid topic_id(const client::TopicPartition& partition) const {
    return ids_.at(partition.topic);
  }
  [[nodiscard]] Identity identity() const;

 protected:
  virtual void after_giving_up() = 0;
  virtual void after_losing(bool with_member_id) = 0;
  void lose(bool with_member_id);
  // Beside these it keeps what it is to give up. `of`: the topics that the assignment speaks of.
  // What has gone since is left out: then false.
  bool take(Partitions partitions, const Grant& grant, const TopicIds& of);
  // Partitions of topics that are not there any more are nobody's. Whether it had some.
  bool drop_what_is_gone();
  [[nodiscard]] bool is_gone(const client::TopicPartition& partition, const TopicIds& of) const;
  [[nodiscard]] GroupPlan& group() { return *plan_.group; }
  [[nodiscard]] Instant now() const { return run_.world.now(); }
  // Until when it is certainly a member, when this was asked at `asked` and answered well.
  [[nodiscard]] Instant lease(Instant asked) const {
    return asked + std::min(plan_.session, plan_.rebalance);
  }

  ClusterRun& run_;
  ClusterClient& client_;
  MemberPlan plan_;
  std::string member_id_;
  std::int32_t epoch_ = -1;
  bool is_member_ = false;
  Partitions owned_;
  Partitions wanted_back_;
  TopicIds ids_;  // of what it owns
};

[[nodiscard]] std::unique_ptr<Membership> make_classic_membership(ClusterRun& run,
                                                                  ClusterClient& client,
                                                                  MemberPlan plan);
[[nodiscard]] std::unique_ptr<Membership> make_consumer_membership(ClusterRun& run,
                                                                   ClusterClient& client,
                                                                   MemberPlan plan);

}  // namespace moldau::harness
