#include <fmt/core.h>

#include <algorithm>

#include "scenario/runner.h"
#include "unit/group/host.h"

// A coordinator whose log takes every record at once, with one group. Members have names of their
// own here, which stand for their member ids. Commands: join, sync, heartbeat, leave, commit,
// describe, restart, wait; `after=MS` on any of them lets time pass first.
namespace moldau::scenario {
namespace {

using group::GroupMetadataEntry;
using group::OffsetCommitEntry;
using Lines = std::vector<std::string>;

class GroupInterpreter final : public Interpreter {
 public:
  Lines run(const Command& c) override {
    Lines lines;
    if (c.has("after")) {
      host_.pass(Milliseconds{c.number("after")});
      show(lines);
    }
    if (c.name == "join") {
      join(c, lines);
    } else if (c.name == "sync") {
      sync(c);
    } else if (c.name == "heartbeat") {
      lines.push_back(c.text("who") + ": " + name(host_.heartbeat(id(c), generation(c))));
    } else if (c.name == "leave") {
      leave(c, lines);
    } else if (c.name == "commit") {
      lines.push_back(c.text("who") + ": " + name(commit(c)));
    } else if (c.name == "describe") {
      describe(lines);
    } else if (c.name == "restart") {
      host_.reload();
    } else if (c.name != "wait") {
      lines.push_back("unknown command " + c.name);
    }
    show(lines);
    if (lines.empty()) lines.emplace_back("nothing");
    return lines;
  }

 private:
  static std::string name(Errc code) { return std::string(moldau::name_of(code)); }
  [[nodiscard]] std::string id(const Command& c) const {
    const auto found = ids_.find(c.text("who"));
    return found == ids_.end() ? "" : found->second;
  }
  [[nodiscard]] std::string label(const std::string& member) const {
    const auto found = std::ranges::find(ids_, member, [](const auto& e) { return e.second; });
    return found == ids_.end() ? member : found->first;
  }
  [[nodiscard]] std::int32_t generation(const Command& c) const {
    return c.number("generation", generation_);
  }
  static std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> all;
    std::size_t from = 0;
    while (from <= text.size()) {
      const std::size_t comma = std::min(text.find(',', from), text.size());
      if (comma > from) all.push_back(text.substr(from, comma - from));
      from = comma + 1;
    }
    return all;
  }

  void join(const Command& c, Lines& lines) {
    const std::string who = c.text("who");
    if (c.has("new")) ids_.erase(who);
    group::test::Host::Joiner joiner{.member = id(c)};
    if (c.has("instance")) joiner.instance = c.text("instance");
    if (c.has("topics")) joiner.topics = words(c.text("topics"));
    if (c.has("protocols")) joiner.protocols = words(c.text("protocols"));
    if (c.has("rebalance-timeout")) {
      joiner.rebalance_timeout = Milliseconds{c.number("rebalance-timeout")};
    }
    const ApiVersion version{static_cast<std::int16_t>(c.number("version", 9))};
    const group::AskId ask = host_.join(joiner, version);
    asked_[ask] = who;
    if (joiner.member.empty() && !joiner.instance && version >= ApiVersion{4}) {
      show(lines);
      if (!ids_.contains(who)) return;  // refused
      joiner.member = ids_.at(who);
      asked_[host_.join(joiner, version)] = who;
    }
  }
  // parts=a:A,b:B
  void sync(const Command& c) {
    std::vector<std::pair<std::string, std::string>> parts;
    for (const std::string& part : words(c.text("parts"))) {
      const std::size_t colon = part.find(':');
      const std::string member = part.substr(0, colon);
      parts.emplace_back(ids_.contains(member) ? ids_.at(member) : member, part.substr(colon + 1));
    }
    asked_[host_.sync(id(c), generation(c), parts)] = c.text("who");
  }
  void leave(const Command& c, Lines& lines) {
    std::vector<protocol::LeaveGroupRequest::MemberIdentity> members;
    for (const std::string& who : words(c.text("who"))) {
      members.push_back({.member_id = ids_.contains(who) ? ids_.at(who) : who});
    }
    if (c.has("instance")) members.push_back({.group_instance_id = c.text("instance")});
    const auto response = host_.leave(members);
    for (const auto& member : response.members) {
      lines.push_back(label(member.member_id) + " left: " + name(member.error_code));
    }
  }
  Errc commit(const Command& c) {
    return host_.commit({.member = id(c),
                         .generation = c.has("alone") ? -1 : generation(c),
                         .offset = c.number("offset")});
  }
  void describe(Lines& lines) {
    const auto group = host_.describe();
    std::string line = fmt::format("{} protocol={}", group.group_state, group.protocol_data);
    for (const auto& member : group.members) {
      line += fmt::format(" {}={}", label(member.member_id), as_text(member.member_assignment));
    }
    lines.push_back(std::move(line));
  }

  // What was written and answered since the last time.
  void show(Lines& lines) {
    auto answers = host_.take_answers();
    for (const auto& [ask, answer] : answers) {
      const auto* join = std::get_if<protocol::JoinGroupResponse>(&answer);
      if (join != nullptr && !join->member_id.empty() && asked_.contains(ask)) {
        ids_[asked_.at(ask)] = join->member_id;
      }
    }
    for (const auto& record : host_.take_records()) lines.push_back("  " + show(record));
    for (const auto& [ask, answer] : answers) {
      lines.push_back(fmt::format("{} <- {}", asked_[ask], show(answer)));
    }
  }
  std::string show(const group::GroupRecord& record) const {
    if (const auto* commit = std::get_if<OffsetCommitEntry>(&record)) {
      return commit->value ? fmt::format("log: offset {}", commit->value->offset)
                           : std::string("log: offset gone");
    }
    const auto* metadata = std::get_if<GroupMetadataEntry>(&record);
    if (metadata == nullptr) return "log: another record";
    if (!metadata->value) return "log: group gone";
    std::string line =
        fmt::format("log: generation={} protocol={} leader={}", metadata->value->generation,
                    metadata->value->protocol.value_or("none"),
                    label(metadata->value->leader.value_or("none")));
    for (const auto& member : metadata->value->members) {
      line += fmt::format(" {}={}", label(member.member_id), as_text(member.assignment));
    }
    return line;
  }
  std::string show(const group::Answer& answer) {
    if (const auto* join = std::get_if<protocol::JoinGroupResponse>(&answer)) return show(*join);
    if (const auto* sync = std::get_if<protocol::SyncGroupResponse>(&answer)) {
      if (sync->error_code != Errc::none) return "sync " + name(sync->error_code);
      return fmt::format("sync {} of {}", as_text(sync->assignment),
                         sync->protocol_name.value_or(""));
    }
    return "an answer";
  }
  std::string show(const protocol::JoinGroupResponse& join) {
    if (join.error_code != Errc::none) return "join " + name(join.error_code);
    generation_ = join.generation_id;
    std::string line = fmt::format("join generation={} protocol={} leader={}", join.generation_id,
                                   join.protocol_name.value_or(""), label(join.leader));
    if (join.skip_assignment) line += " skip-assignment";
    for (const auto& member : join.members) line += " " + label(member.member_id);
    return line;
  }

  group::test::Host host_;
  std::map<std::string, std::string> ids_;
  std::map<group::AskId, std::string> asked_;
  std::int32_t generation_ = 0;  // the last one that a member was told
};

}  // namespace

std::unique_ptr<Interpreter> make_group_interpreter() {
  return std::make_unique<GroupInterpreter>();
}

}  // namespace moldau::scenario
