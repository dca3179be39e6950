#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "base/uuid.h"

namespace moldau::harness {

struct SeenTopic {
  std::string name;
  Uuid id;
  std::int32_t partitions = 0;
};

// What clients were told about topics and their configs. A change that was answered is committed:
// it stays. One whose answer did not come may have happened or not. Brokers see a change a little
// later than its answer comes; `k_settled` is how much later at most, while a node runs on a disk
// that does not stall.
// Rules:
//   T1 a topic that was created is there, with its id and partitions, until it is deleted
//   T2 a topic that was deleted, or that nobody created, is not there
//   T3 a config has the value that was last set
// Context: pure. Checks answer nullopt, or the rule that is broken and by what.
class MetadataOracle {
 public:
  static constexpr Duration k_settled = std::chrono::seconds(3);

  // A name comes again only after its topic was deleted.
  void will_create(const std::string& name, std::int32_t partitions);
  // `id` is zero when the answer did not tell it.
  void created(const std::string& name, Uuid id, Instant now);
  void will_delete(const std::string& name);
  void deleted(const std::string& name, Instant now);
  void will_set(const std::string& topic, const std::string& value);
  void was_set(const std::string& topic, const std::string& value, Instant now);

  // From now on, or again, changes settle in their time.
  void disk_stalls() { calm_since_.reset(); }
  void disk_is_calm(Instant now) { calm_since_ = now; }

  // `asked`: when the question was sent.
  [[nodiscard]] std::optional<std::string> listed(const std::vector<SeenTopic>& topics,
                                                  Instant asked);
  // nullopt value: the topic has no such config of its own.
  [[nodiscard]] std::optional<std::string> described(const std::string& topic,
                                                     const std::optional<std::string>& value,
                                                     Instant asked) const;
  // Topics that are there for certain, sorted.
  [[nodiscard]] std::vector<std::string> present() const;
  [[nodiscard]] bool is_present(const std::string& name) const;

 private:
  enum class State : std::uint8_t { creating, present, deleting, deleted };
  struct Topic {
    State state = State::creating;
    Uuid id;
    std::int32_t partitions = 0;
    Instant since;
    std::optional<std::string> value;  // that was set and answered
    Instant value_since;
    std::set<std::string> values_in_doubt;  // set since then, without an answer
    // Of topics of this name that were deleted before: to be seen until that has settled.
    std::set<Uuid> former_ids;
    std::set<std::string> former_values;
    Instant deleted_at;
  };
  [[nodiscard]] bool settled(Instant change, Instant asked) const;

  std::map<std::string, Topic> topics_;
  std::optional<Instant> calm_since_ = Instant{};
};

}  // namespace moldau::harness
