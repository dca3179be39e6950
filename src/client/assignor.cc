#include "client/assignor.h"

#include <algorithm>
#include <set>

#include "client/sticky_assignor.h"

namespace moldau::client {
namespace {

class RangeAssignor final : public Assignor {
 public:
  [[nodiscard]] std::string_view name() const override { return "range"; }
  [[nodiscard]] MemberAssignments assign(const AssignmentQuestion& question) override {
    return assign_range(question);
  }
};

class RoundRobinAssignor final : public Assignor {
 public:
  [[nodiscard]] std::string_view name() const override { return "roundrobin"; }
  [[nodiscard]] MemberAssignments assign(const AssignmentQuestion& question) override {
    return assign_round_robin(question);
  }
};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool comes_first(const MemberSubscription& a, const MemberSubscription& b) {
  if (a.instance_id && b.instance_id) return *a.instance_id < *b.instance_id;
  if (a.instance_id || b.instance_id) return a.instance_id.has_value();
  return a.id < b.id;
}

bool wants(const MemberSubscription& member, const std::string& topic) {
  return std::ranges::find(member.topics, topic) != member.topics.end();
}

MemberAssignments no_assignments(const AssignmentQuestion& question) {
  MemberAssignments out;
  for (const MemberSubscription& member : question.members) out[member.id];
  return out;
}

Result<std::unique_ptr<Assignor>> make_assignor(std::string_view name_or_class) {
  constexpr std::string_view k_package = "org.apache.kafka.clients.consumer.";
  std::string_view name = name_or_class;
  if (name.starts_with(k_package)) name.remove_prefix(k_package.size());
  if (name == "range" || name == "RangeAssignor") return std::make_unique<RangeAssignor>();
  if (name == "roundrobin" || name == "RoundRobinAssignor") {
    return std::make_unique<RoundRobinAssignor>();
  }
  if (name == "sticky" || name == "StickyAssignor") return std::make_unique<StickyAssignor>();
  if (name == "cooperative-sticky" || name == "CooperativeStickyAssignor") {
    return std::make_unique<CooperativeStickyAssignor>();
  }
  return fail(Errc::bad_configuration,
              "Invalid value {} for configuration partition.assignment.strategy: Class {} could "
              "not be found. Known here: range, roundrobin, sticky, cooperative-sticky.",
              name_or_class, name_or_class);
}

Result<std::vector<std::unique_ptr<Assignor>>> make_assignors(std::string_view list) {
  std::vector<std::unique_ptr<Assignor>> out;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    TRY(std::unique_ptr<Assignor> one, make_assignor(trimmed(list.substr(0, comma))));
    const bool known = std::ranges::any_of(
        out, [&](const auto& assignor) { return assignor->name() == one->name(); });
    if (known) {
      return fail(Errc::bad_configuration,
                  "The assignor name: '{}' is used in more than one assignor", one->name());
    }
    out.push_back(std::move(one));
    list.remove_prefix(std::min(list.size(), comma + 1));
  }
  if (out.empty()) {
    return fail(Errc::bad_configuration,
                "partition.assignment.strategy is empty: name range, roundrobin, sticky or "
                "cooperative-sticky");
  }
  return out;
}

}  // namespace moldau::client
