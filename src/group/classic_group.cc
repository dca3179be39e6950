#include "group/classic_group.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "bytes/reader.h"

namespace moldau::group {
namespace {

// The topics of a consumer's subscription; what follows them differs by version.
std::optional<std::vector<std::string>> topics_of_subscription(Bytes bytes) {
  Reader in(bytes);
  if (in.i16() < 0) return std::nullopt;
  const std::int32_t count = in.i32();
  std::vector<std::string> topics;
  for (std::int32_t i = 0; i < count && in.ok(); ++i) {
    const std::int16_t size = in.i16();
    if (size < 0) return std::nullopt;
    topics.emplace_back(in.text(static_cast<std::size_t>(size)));
  }
  const std::int32_t user_data_size = in.i32();
  if (user_data_size > 0) in.skip(static_cast<std::size_t>(user_data_size));
  return in.ok() && count >= 0 ? std::optional(std::move(topics)) : std::nullopt;
}

}  // namespace

std::string_view name_of(ClassicState state) {
  switch (state) {
    case ClassicState::empty:
      return "Empty";
    case ClassicState::preparing:
      return "PreparingRebalance";
    case ClassicState::completing:
      return "CompletingRebalance";
    case ClassicState::stable:
      return "Stable";
  }
  return "";
}

bool ClassicMember::matches(const std::vector<ClassicProtocol>& others) const {
  return std::ranges::equal(protocols, others, [](const auto& a, const auto& b) {
    return a.name == b.name && a.metadata == b.metadata;
  });
}

const std::vector<std::byte>* ClassicMember::metadata(std::string_view protocol) const {
  const auto found = std::ranges::find(protocols, protocol, &ClassicProtocol::name);
  return found == protocols.end() ? nullptr : &found->metadata;
}

ClassicGroup ClassicGroup::restore(const protocol::GroupMetadataValue& value) {
  ClassicGroup group(value.current_state_timestamp);
  group.state_ = value.members.empty() ? ClassicState::empty : ClassicState::stable;
  group.generation_ = value.generation;
  if (!value.protocol_type.empty()) group.protocol_type_ = value.protocol_type;
  group.protocol_name_ = value.protocol;
  group.leader_ = value.leader;  // else the first who is added
  group.is_to_rebalance = !value.leader && !value.members.empty();
  for (const auto& member : value.members) {
    group.add(
        {.id = member.member_id,
         .instance_id = member.group_instance_id,
         .client_id = member.client_id,
         .client_host = member.client_host,
         .rebalance_timeout = member.rebalance_timeout == Milliseconds{-1}
                                  ? member.session_timeout
                                  : member.rebalance_timeout,
         .session_timeout = member.session_timeout,
         .protocols = {{.name = value.protocol.value_or(""), .metadata = member.subscription}},
         .assignment = member.assignment},
        value.protocol_type);
  }
  group.compute_subscribed_topics();
  return group;
}

ClassicGroup ClassicGroup::of_members(std::int32_t generation, std::vector<ClassicMember> members,
                                      Timestamp now) {
  ClassicGroup group(now);
  group.state_ = ClassicState::stable;
  group.generation_ = generation;
  for (ClassicMember& member : members) group.add(std::move(member), "consumer");
  group.protocol_name_ = group.select_protocol();
  group.compute_subscribed_topics();
  return group;
}

ClassicMember* ClassicGroup::member(std::string_view id) {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

const std::string* ClassicGroup::static_member_id(std::string_view instance_id) const {
  const auto found = static_members_.find(instance_id);
  return found == static_members_.end() ? nullptr : &found->second;
}

Errc ClassicGroup::check_member(std::string_view id,
                                const std::optional<std::string>& instance_id) const {
  if (instance_id) {
    const std::string* holder = static_member_id(*instance_id);
    if (holder == nullptr) return Errc::unknown_member_id;
    if (*holder != id) return Errc::fenced_instance_id;
  }
  return members_.contains(id) ? Errc::none : Errc::unknown_member_id;
}

void ClassicGroup::start_joining(ClassicMember& member, JoinWaiter waiter) {
  if (!member.joining) ++joining_count_;
  member.joining = waiter;
}

std::optional<JoinWaiter> ClassicGroup::stop_joining(ClassicMember& member) {
  if (member.joining) --joining_count_;
  return std::exchange(member.joining, std::nullopt);
}

Milliseconds ClassicGroup::rebalance_timeout() const {
  Milliseconds longest{0};
  for (const auto& [id, member] : members_) longest = std::max(longest, member.rebalance_timeout);
  return longest;
}

void ClassicGroup::has_synced(std::string_view id) {
  if (const auto found = not_synced_.find(id); found != not_synced_.end()) {
    not_synced_.erase(found);
  }
}

ClassicMember& ClassicGroup::add(ClassicMember member, std::string_view protocol_type) {
  if (members_.empty()) protocol_type_ = protocol_type;
  if (member.instance_id) static_members_[*member.instance_id] = member.id;
  if (!leader_) leader_ = member.id;
  count_protocols(member, 1);
  remove_pending(member.id);
  std::string id = member.id;
  return members_.insert_or_assign(std::move(id), std::move(member)).first->second;
}

void ClassicGroup::remove(std::string_view id) {
  if (const auto found = members_.find(id); found != members_.end()) {
    count_protocols(found->second, -1);
    if (found->second.instance_id) static_members_.erase(*found->second.instance_id);
    const bool led = is_leader(id);
    has_synced(id);
    (void)stop_joining(found->second);
    members_.erase(found);
    if (led) {
      leader_ = members_.empty() ? std::nullopt : std::optional(members_.begin()->first);
    }
    return;
  }
  remove_pending(id);
}

std::vector<std::string> ClassicGroup::pending() const {
  std::vector<std::string> ids;
  for (const auto& [age, id] : pending_by_age_) ids.push_back(id);
  return ids;
}

void ClassicGroup::add_pending(std::string id) {
  if (!pending_.try_emplace(id, next_pending_).second) return;
  pending_by_age_.emplace(next_pending_++, std::move(id));
}

void ClassicGroup::remove_pending(std::string_view id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  pending_by_age_.erase(found->second);
  pending_.erase(found);
}

void ClassicGroup::set_protocols(ClassicMember& member, std::vector<ClassicProtocol> protocols) {
  count_protocols(member, -1);
  member.protocols = std::move(protocols);
  count_protocols(member, 1);
}

ClassicMember& ClassicGroup::rename_static(const std::string& instance_id,
                                           const std::string& new_id) {
  const std::string old_id = static_members_.at(instance_id);
  auto node = members_.extract(old_id);
  CHECK(!node.empty());
  has_synced(old_id);
  node.key() = new_id;
  ClassicMember& member = node.mapped();
  member.id = new_id;
  (void)stop_joining(member);
  member.syncing.reset();
  member.is_new = false;
  if (is_leader(old_id)) leader_ = new_id;
  static_members_[instance_id] = new_id;
  return members_.insert(std::move(node)).position->second;
}

bool ClassicGroup::supports(std::string_view protocol_type,
                            const std::vector<ClassicProtocol>& protocols) const {
  if (is(ClassicState::empty)) return !protocol_type.empty() && !protocols.empty();
  if (protocol_type_ != protocol_type) return false;
  return std::ranges::any_of(protocols, [this](const ClassicProtocol& protocol) {
    const auto found = supported_.find(protocol.name);
    const int count = found == supported_.end() ? 0 : found->second;
    return count == std::ssize(members_);
  });
}

std::string ClassicGroup::select_protocol() const {
  CHECK(!members_.empty());
  std::map<std::string_view, int> votes;
  for (const auto& [id, member] : members_) {
    for (const ClassicProtocol& protocol : member.protocols) {
      const auto found = supported_.find(protocol.name);
      if (found == supported_.end() || found->second != std::ssize(members_)) continue;
      ++votes[protocol.name];
      break;
    }
  }
  CHECK(!votes.empty());
  return std::string(
      std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; })->first);
}

bool ClassicGroup::elect_joined_leader() {
  const ClassicMember* present = leader_ ? member(*leader_) : nullptr;
  if (present == nullptr) return false;
  if (present->joining) return true;
  const auto joined = std::ranges::find_if(
      members_, [](const auto& entry) { return entry.second.joining.has_value(); });
  if (joined == members_.end()) return false;
  leader_ = joined->first;
  return true;
}

void ClassicGroup::become(ClassicState state, Timestamp now) {
  initial_ = state == ClassicState::preparing && is(ClassicState::empty);
  state_ = state;
  since_ = now;
}

void ClassicGroup::next_generation(Timestamp now) {
  // Kafka's generation wraps as an int32 does; -1 would say "none".
  generation_ = generation_ == INT32_MAX ? 0 : generation_ + 1;
  protocol_name_.reset();
  if (!members_.empty()) protocol_name_ = select_protocol();
  compute_subscribed_topics();
  become(members_.empty() ? ClassicState::empty : ClassicState::completing, now);
  not_synced_.clear();
}

bool ClassicGroup::subscribes(std::string_view topic) const {
  return subscribed_topics_ ? subscribed_topics_->contains(topic) : uses_consumer_protocol();
}

protocol::GroupMetadataValue ClassicGroup::to_record(
    const std::map<std::string, Assignment, std::less<>>& assignments) const {
  protocol::GroupMetadataValue value{.protocol_type = protocol_type_.value_or(""),
                                     .generation = generation_,
                                     .protocol = protocol_name_,
                                     .leader = leader_,
                                     .current_state_timestamp = since_};
  for (const auto& [id, member] : members_) {
    const auto* metadata = member.metadata(protocol_name_.value_or(""));
    CHECK(metadata != nullptr);
    const auto assigned = assignments.find(id);
    value.members.push_back(
        {.member_id = id,
         .group_instance_id = member.instance_id,
         .client_id = member.client_id,
         .client_host = member.client_host,
         .rebalance_timeout = member.rebalance_timeout,
         .session_timeout = member.session_timeout,
         .subscription = *metadata,
         .assignment = assigned == assignments.end() ? Assignment{} : assigned->second});
  }
  return value;
}

protocol::GroupMetadataValue ClassicGroup::to_first_record() const {
  return {.protocol = std::nullopt, .leader = std::nullopt, .current_state_timestamp = since_};
}

void ClassicGroup::persisted(const protocol::GroupMetadataValue& value, Timestamp now) {
  if (value.generation != generation_) return;
  for (const auto& recorded : value.members) {
    if (ClassicMember* known = member(recorded.member_id)) known->assignment = recorded.assignment;
  }
  if (is(ClassicState::completing) && !value.members.empty()) become(ClassicState::stable, now);
}

void ClassicGroup::compute_subscribed_topics() {
  subscribed_topics_.reset();
  if (!uses_consumer_protocol()) return;
  std::set<std::string, std::less<>> all;
  if (!members_.empty() && !protocol_name_) return;
  for (const auto& [id, member] : members_) {
    const auto* metadata = member.metadata(*protocol_name_);
    auto topics = metadata == nullptr ? std::nullopt : topics_of_subscription(*metadata);
    if (!topics) return;
    all.insert(std::make_move_iterator(topics->begin()), std::make_move_iterator(topics->end()));
  }
  subscribed_topics_ = std::move(all);
}

void ClassicGroup::count_protocols(const ClassicMember& member, int by) {
  // Each name once, however often a member gives it: a protocol that all support must stay one.
  std::set<std::string_view> names;
  for (const ClassicProtocol& protocol : member.protocols) names.insert(protocol.name);
  for (const std::string_view name : names) {
    const auto found = supported_.try_emplace(std::string(name), 0).first;
    found->second += by;
    if (found->second == 0) supported_.erase(found);
  }
}

}  // namespace moldau::group
