#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/time.h"
#include "client/record.h"

namespace moldau::harness {

// One client program; when it dies and comes again it is the same.
using MemberNumber = Id<struct MemberNumberTag, std::uint32_t>;

// The answer by which a member owns something.
struct Grant {
  Instant asked;
  Instant told;
  Instant until;  // the member is certainly one
};

// Who owns which partition in one group, as far as its members were told. A member holds what it
// took until it gives it up, or until the coordinator may have taken it for dead: `until`, which is
// its session (or, if shorter, its rebalance timeout) after it asked what was last answered well.
// Who took a partition last can be said only of takes that do not overlap: between the question and
// its answer nobody knows when it was decided.
// Rules:
//   O1 nobody takes what another member holds
//   O2 in one generation, or under one member epoch, a partition has one owner
//   O3 no commit is accepted from a member that asked after another one had taken the partition
// Context: pure. Checks answer nullopt, or the rule that is broken and by what.
class GroupOracle {
 public:
  using Partitions = std::set<client::TopicPartition>;
  // A group without members may become one of the other protocol, which counts from the start: then
  // O2 holds only as long as somebody was certainly in the group.
  enum class Epochs : std::uint8_t { go_on, may_start_anew };
  explicit GroupOracle(Epochs epochs = Epochs::go_on) : rule_(epochs) {}

  // It owns these and no others; but what of `kept` it had before it has not given up yet: that it
  // holds on, unless the coordinator may have taken it for dead. `epoch` is its generation or its
  // member epoch.
  [[nodiscard]] std::optional<std::string> took(MemberNumber member, std::int32_t epoch,
                                                const Partitions& partitions, const Grant& grant,
                                                Instant now, const Partitions& kept = {});
  // The topic goes: nobody owns anything of it, nor has.
  void forget(const std::string& topic);
  // The coordinator has heard of it. No effect on what is not held.
  void renewed(MemberNumber member, Instant until);
  void gave_up(MemberNumber member, const Partitions& partitions);
  // It died, left, or was told that it is no member.
  void lost_all(MemberNumber member);
  [[nodiscard]] std::optional<std::string> committed(MemberNumber member,
                                                     const client::TopicPartition& partition,
                                                     Instant asked) const;
  // Of those that hold it now the last to take it; nullopt: nobody.
  [[nodiscard]] std::optional<MemberNumber> owner(const client::TopicPartition& partition) const;

 private:
  [[nodiscard]] bool was_alive(Instant at) const;
  struct Member {
    Partitions holds;
    Instant until;
  };
  struct Take {
    Instant asked;
    Instant told;
  };
  Epochs rule_;
  std::map<MemberNumber, Member> members_;
  std::map<client::TopicPartition, std::map<MemberNumber, Take>> takes_;  // the last of each
  std::map<client::TopicPartition, std::map<std::int32_t, MemberNumber>> epochs_;
};

}  // namespace moldau::harness
