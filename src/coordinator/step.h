#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "coordinator/record.h"

namespace moldau::coordinator {

// Names one question put to a machine. The host draws it, and the machine gives it back with the
// answer: in the same step, or in a later one.
using AskId = Id<struct AskIdTag, std::uint64_t>;

struct Now {
  Instant instant;  // timers
  Timestamp wall;   // what records say
};

// Records that become one batch: all are in the log or none.
struct Batch {
  std::vector<Record> records;
  // Offsets committed in a transaction are written in the producer's name.
  std::optional<Producer> producer = std::nullopt;
};

// Tombstones need not be in the log together: batches of so many never come near the size that a
// partition takes.
inline constexpr std::size_t k_tombstones_per_batch_max = 500;

// Of machines that want nothing but their log.
struct NoEffect {};

// What one call of a machine came to. The host executes it in this order:
//   1. replays the records of each batch into the machine, which is the only way in which what is
//      persistent changes: a call decides, replay() does;
//   2. appends the batch, with those of other steps if it pleases. A batch in a producer's name
//   goes
//      alone, and is appended first and replayed then;
//   3. holds the answers until everything appended so far is committed, and then gives them and
//      carries out the effects. What a machine asks of the world is never ahead of its log.
// When an append fails or leadership ends, the host drops the machine, answers for it what was
// asked and not answered (coordinator_not_available, not_coordinator), and loads a new one. Effects
// that were held are dropped: the new machine asks for them again, as its log says. But a batch in
// a producer's name that the log refuses for the producer's sake is no failure: the answers of its
// step are that refusal, and the machine, which must not have changed yet, goes on.
// `Answer` is a variant of responses; `EffectType` says what the host is to do beside the log.
template <class Answer, class EffectType = NoEffect>
struct Step {
  using Effect = EffectType;
  std::vector<Batch> batches;
  std::vector<std::pair<AskId, Answer>> answers;
  std::vector<Effect> effects;

  void append(Record record) {
    if (batches.empty() || batches.back().producer) batches.emplace_back();
    batches.back().records.push_back(std::move(record));
  }
  void answer(AskId ask, Answer with) { answers.emplace_back(ask, std::move(with)); }
  [[nodiscard]] bool empty() const { return batches.empty() && answers.empty() && effects.empty(); }
  void clear() {
    batches.clear();
    answers.clear();
    effects.clear();
  }
};

}  // namespace moldau::coordinator
