#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "group/consumer.h"
#include "group/topic_hash.h"

namespace moldau::group::consumer {
namespace {

RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

// What Kafka's library (re2j) says of the same fault.
std::string_view fault_of(const RE2& regex) {
  switch (regex.error_code()) {
    case RE2::NoError:
      return "no error";
    case RE2::ErrorInternal:
      return "regexp/syntax: internal error";
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
      return "invalid character class";
    case RE2::ErrorBadCharRange:
      return "invalid character class range";
    case RE2::ErrorMissingBracket:
      return "missing closing ]";
    case RE2::ErrorMissingParen:
      return "missing closing )";
    case RE2::ErrorUnexpectedParen:
      return "regexp/syntax: internal error";
    case RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case RE2::ErrorPatternTooLarge:
      return "expression too large";
  }
  return "";
}

bool has_new_topics(const metadata::Topics& before, const metadata::Topics& now) {
  return std::ranges::any_of(
      now.by_id, [&](const auto& entry) { return !before.by_id.contains(entry.first); });
}

using Resolved = std::map<std::string, ResolvedRegex>;

Resolved resolve(const Counts& regexes, const metadata::Image& image, const TopicFilter& is_seen,
                 Timestamp now) {
  std::vector<std::unique_ptr<RE2>> compiled;
  std::vector<ResolvedRegex*> results;
  Resolved resolved;
  for (const auto& [regex, subscribers] : regexes) {
    ResolvedRegex& result = resolved[regex];
    result.version = image.provenance.last_contained_offset;
    result.resolved = now;
    compiled.push_back(std::make_unique<RE2>(regex, quiet()));
    results.push_back(&result);
  }
  for (const auto& [name, topic] : image.topics.by_name) {
    std::optional<bool> seen;
    for (std::size_t i = 0; i < compiled.size(); ++i) {
      if (!compiled[i]->ok() || !RE2::FullMatch(name, *compiled[i])) continue;
      if (!seen) seen = !is_seen || is_seen(name);
      if (!*seen) break;
      results[i]->topics.insert(results[i]->topics.end(), name);
    }
  }
  return resolved;
}

}  // namespace

std::int64_t metadata_hash(Machine& machine, const Subscriptions& subscriptions) {
  std::map<std::string, std::int64_t> hashes;
  for (const auto& [name, unused] : subscriptions) {
    const auto* topic = machine.image->topics.find(std::string_view(name));
    if (topic == nullptr) continue;
    const auto [known, is_new] = machine.topic_hashes.try_emplace(name, 0);
    if (is_new) known->second = topic_hash(*topic, machine.image->cluster);
    hashes.emplace_hint(hashes.end(), name, known->second);
  }
  return group_hash(hashes);
}

void new_image(Machine& machine, std::shared_ptr<const metadata::Image> image) {
  const auto before = std::exchange(machine.image, std::move(image));
  const metadata::Topics& topics = machine.image->topics;
  if (before->topics.by_name.is_same(topics.by_name)) return;
  const auto has_changed = [&](const std::string& name) {
    return before->topics.find(std::string_view(name)) != topics.find(std::string_view(name));
  };
  std::erase_if(machine.topic_hashes, [&](const auto& entry) { return has_changed(entry.first); });
  bool has_regexes = false;
  for (auto& [id, group] : machine.groups) {
    auto* consumers = std::get_if<ConsumerGroup>(&group);
    if (consumers == nullptr) continue;
    has_regexes = has_regexes || !consumers->regexes().empty();
    const auto& used = consumers->subscriptions();
    consumers->metadata_is_stale =
        consumers->metadata_is_stale ||
        std::ranges::any_of(used, [&](const auto& topic) { return has_changed(topic.first); });
  }
  // What the last coordinator looked at is not known.
  const bool is_first = machine.topics_added == Offset{};
  if (is_first || (has_regexes && has_new_topics(before->topics, topics))) {
    machine.topics_added = machine.image->provenance.last_contained_offset;
  }
}

Result<void> check_regex(const std::string& regex) {
  const RE2 compiled(regex, quiet());
  if (compiled.ok()) return {};
  return fail(Errc::invalid_regular_expression,
              "SubscribedTopicRegex `{}` is not a valid regular expression: {}.", regex,
              fault_of(compiled));
}

void resolve_regexes_soon(Machine& machine, const std::string& id, const TopicFilter& may_describe,
                          Now now) {
  machine.regex_askers.insert_or_assign(id, may_describe);
  machine.timers.set_if_absent({TimerKind::consumer_regex, id, ""}, now.instant);
}

void resolve_regexes(Machine& machine, const std::string& id, Now now, Step& out) {
  const auto asker = machine.regex_askers.extract(id);
  ConsumerGroup* group = machine.consumer(id);
  if (group == nullptr) return;
  const TopicFilter is_seen = asker.empty() ? TopicFilter{} : asker.mapped();
  ConsumerGroup next;  // only its subscriptions, as they will be
  next = *group;
  bool bump = false;
  for (auto& [regex, resolved] : resolve(group->regexes(), *machine.image, is_seen, now.wall)) {
    const auto known = group->resolved().find(regex);
    const auto& topics_before =
        known == group->resolved().end() ? ResolvedRegex{}.topics : known->second.topics;
    bump = bump || topics_before != resolved.topics;
    out.append(regex_record(id, regex, resolved));
    next.set_resolved(regex, std::move(resolved));
  }
  const std::int64_t hash = metadata_hash(machine, next.subscriptions());
  if (!bump && hash == group->metadata_hash) return;
  out.append(consumer_epoch_record(id, group->epoch + 1, hash));
  group->metadata_is_stale = false;
}

}  // namespace moldau::group::consumer
