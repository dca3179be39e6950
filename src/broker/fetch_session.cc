#include "broker/fetch_session.h"

#include <limits>
#include <utility>

#include "base/check.h"

namespace moldau::broker {
namespace {

constexpr FetchSessionId k_no_session{0};
constexpr FetchSessionEpoch k_initial_epoch{0};
constexpr FetchSessionEpoch k_final_epoch{-1};
constexpr ApiVersion k_first_version_with_ids{13};

FetchSessionEpoch epoch_after(FetchSessionEpoch epoch) {
  if (epoch < k_initial_epoch) return k_final_epoch;
  if (epoch.value() == std::numeric_limits<std::int32_t>::max()) return FetchSessionEpoch{1};
  return epoch.next();
}

// Ids tell partitions apart where there are ids; names where there are none.
struct PartitionKey {
  Uuid topic_id;
  std::string topic;
  PartitionIndex partition;
  friend bool operator==(const PartitionKey&, const PartitionKey&) = default;
  template <class H>
  friend H AbslHashValue(H state, const PartitionKey& key) {
    return H::combine(std::move(state), key.topic_id, key.topic, key.partition);
  }
};
PartitionKey key_of(const Uuid& id, const std::string& topic, PartitionIndex partition) {
  return {id, id.is_zero() ? topic : std::string{}, partition};
}

struct CachedPartition {
  FetchAsk ask;
  Offset high_watermark = k_no_offset;
  Offset log_start_offset = k_no_offset;

  // Whether the answer must be told, taking over what it says. An error forgets the high
  // watermark, so that the partition is told again when the error is gone.
  bool take(const FetchAnswerFacts& answer) {
    bool told = answer.has_records || answer.must_be_told;
    if (high_watermark != answer.high_watermark) {
      told = true;
      high_watermark = answer.high_watermark;
    }
    if (log_start_offset != answer.log_start_offset) {
      told = true;
      log_start_offset = answer.log_start_offset;
    }
    if (answer.has_error) {
      told = true;
      high_watermark = k_no_offset;
    }
    return told;
  }
};

}  // namespace

class FetchSessions::Session {
 public:
  FetchSessionId id;
  bool privileged = false;
  bool uses_ids = false;
  Instant created;
  Instant last_used;
  FetchSessionEpoch epoch;
  std::size_t cached_size = 0;

  [[nodiscard]] std::size_t size() const { return order_.size(); }
  // In the order of the next reading: who got records last comes last.
  [[nodiscard]] std::vector<FetchAsk> asks() const {
    std::vector<FetchAsk> all;
    all.reserve(order_.size());
    for (const CachedPartition& partition : order_) all.push_back(partition.ask);
    return all;
  }
  void set(const FetchAsk& ask) {
    const auto [at, added] =
        places_.try_emplace(key_of(ask.topic_id, ask.topic, ask.partition), order_.end());
    if (added) {
      at->second = order_.insert(order_.end(), CachedPartition{ask});
    } else {
      std::string name = ask.topic.empty() ? at->second->ask.topic : ask.topic;
      at->second->ask = ask;
      at->second->ask.topic = std::move(name);
    }
  }
  void forget(const FetchForget& forgotten) {
    const auto at = places_.find(key_of(forgotten.topic_id, forgotten.topic, forgotten.partition));
    if (at == places_.end()) return;
    order_.erase(at->second);
    places_.erase(at);
  }
  bool take(const FetchAsk& ask, const FetchAnswerFacts& answer) {
    const auto at = places_.find(key_of(ask.topic_id, ask.topic, ask.partition));
    if (at == places_.end()) return false;
    const bool told = at->second->take(answer);
    if (told && answer.has_records) order_.splice(order_.end(), order_, at->second);
    return told;
  }
  void remember(const FetchAsk& ask, const FetchAnswerFacts& answer) {
    set(ask);
    CachedPartition& partition = order_.back();
    partition.high_watermark = answer.high_watermark;
    partition.log_start_offset = answer.log_start_offset;
  }

 private:
  std::list<CachedPartition> order_;
  absl::flat_hash_map<PartitionKey, std::list<CachedPartition>::iterator> places_;
};

// Of a partition that comes twice the last counts, at the place of the first.
std::vector<FetchAsk> FetchSessions::each_once(std::vector<FetchAsk> asks) {
  if (asks.size() < 2) return asks;
  absl::flat_hash_map<PartitionKey, std::size_t> places;
  std::vector<FetchAsk> kept;
  kept.reserve(asks.size());
  for (FetchAsk& ask : asks) {
    const auto [at, added] =
        places.try_emplace(key_of(ask.topic_id, ask.topic, ask.partition), kept.size());
    if (added) {
      kept.push_back(std::move(ask));
    } else {
      kept[at->second] = std::move(ask);
    }
  }
  return kept;
}

FetchSessions::FetchSessions(Settings settings, Rng rng) : settings_(settings), rng_(rng) {}
FetchSessions::~FetchSessions() = default;

FetchSessions::Context FetchSessions::begin(Request request, Instant now) {
  Context context;
  context.from_follower = request.from_follower;
  context.uses_ids = request.version >= k_first_version_with_ids;
  context.asked_epoch = request.session_epoch;
  if (request.session_epoch == k_initial_epoch || request.session_epoch == k_final_epoch) {
    if (request.session_id != k_no_session) remove(request.session_id);
    context.kind =
        request.session_epoch == k_final_epoch ? Context::Kind::sessionless : Context::Kind::full;
    context.asks = each_once(std::move(request.asks));
    return context;
  }
  const auto found = sessions_.find(request.session_id);
  if (found == sessions_.end()) {
    context.error = Errc::fetch_session_id_not_found;
    return context;
  }
  const std::shared_ptr<Session> session = found->second;
  if (session->epoch != request.session_epoch) {
    context.error = Errc::invalid_fetch_session_epoch;
    return context;
  }
  if (session->uses_ids != context.uses_ids) {
    context.error = Errc::fetch_session_topic_id_error;
    return context;
  }
  for (const FetchAsk& ask : request.asks) session->set(ask);
  for (const FetchForget& forgotten : request.forgotten) session->forget(forgotten);
  if (session->size() == 0) {
    remove(session->id);
    context.kind = Context::Kind::sessionless;
    context.asks = each_once(std::move(request.asks));
    return context;
  }
  touch(*session, now);
  session->epoch = epoch_after(session->epoch);
  context.kind = Context::Kind::incremental;
  context.asks = session->asks();
  context.session = session;
  return context;
}

FetchSessions::Outcome FetchSessions::finish(Context& context,
                                             std::span<const FetchAnswerFacts> answers,
                                             Instant now) {
  CHECK_OP(context.asks.size(), ==, answers.size());
  Outcome outcome;
  switch (context.kind) {
    case Context::Kind::error:
      outcome.error = context.error;
      return outcome;
    case Context::Kind::sessionless:
      outcome.told.assign(answers.size(), true);
      return outcome;
    case Context::Kind::full:
      outcome.told.assign(answers.size(), true);
      outcome.session_id = create(context, answers, now);
      return outcome;
    case Context::Kind::incremental:
      break;
  }
  Session& session = *context.session;
  outcome.session_id = session.id;
  // Another request of the session came in between: this one is a duplicate.
  if (session.epoch != epoch_after(context.asked_epoch)) {
    outcome.error = Errc::invalid_fetch_session_epoch;
    return outcome;
  }
  outcome.told.reserve(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    outcome.told.push_back(session.take(context.asks[i], answers[i]));
  }
  return outcome;
}

FetchSessionId FetchSessions::create(Context& context, std::span<const FetchAnswerFacts> answers,
                                     Instant now) {
  const bool room = std::ssize(sessions_) < settings_.slots;
  if (!room && !evict_for(context.from_follower, answers.size(), now)) return k_no_session;
  auto session = std::make_shared<Session>();
  session->id = new_id();
  session->privileged = context.from_follower;
  session->uses_ids = context.uses_ids;
  session->created = now;
  session->last_used = now;
  session->epoch = epoch_after(k_initial_epoch);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    session->remember(context.asks[i], answers[i]);
  }
  sessions_.emplace(session->id, session);
  touch(*session, now);
  return session->id;
}

bool FetchSessions::evict_for(bool privileged, std::size_t size, Instant now) {
  if (by_use_.empty()) return false;
  const auto [last_used, stalest] = *by_use_.begin();
  if (now - last_used > settings_.stale_after) {
    remove(stalest);
    ++evictions_;
    return true;
  }
  const auto& evictable = privileged ? evictable_by_privileged_ : evictable_by_all_;
  if (evictable.empty()) return false;
  const Evictable least = *evictable.begin();
  if (Evictable{privileged, size, FetchSessionId{0}} < least) return false;
  remove(std::get<FetchSessionId>(least));
  ++evictions_;
  return true;
}

void FetchSessions::touch(Session& session, Instant now) {
  by_use_.erase({session.last_used, session.id});
  session.last_used = now;
  by_use_.insert({now, session.id});
  const Evictable before{session.privileged, session.cached_size, session.id};
  evictable_by_all_.erase(before);
  evictable_by_privileged_.erase(before);
  partitions_ = partitions_ - session.cached_size + session.size();
  session.cached_size = session.size();
  const Evictable after{session.privileged, session.cached_size, session.id};
  const bool settled = now - session.created > settings_.stale_after;
  if (!session.privileged || settled) evictable_by_privileged_.insert(after);
  if (settled) evictable_by_all_.insert(after);
}

void FetchSessions::remove(FetchSessionId id) {
  const auto at = sessions_.find(id);
  if (at == sessions_.end()) return;
  const Session& session = *at->second;
  by_use_.erase({session.last_used, id});
  const Evictable entry{session.privileged, session.cached_size, id};
  evictable_by_all_.erase(entry);
  evictable_by_privileged_.erase(entry);
  partitions_ -= session.cached_size;
  sessions_.erase(at);
}

FetchSessionId FetchSessions::new_id() {
  const auto range = static_cast<std::uint64_t>(settings_.end_id - settings_.first_id);
  while (true) {
    const FetchSessionId id{settings_.first_id + static_cast<std::int32_t>(rng_.below(range))};
    if (!sessions_.contains(id)) return id;
  }
}

}  // namespace moldau::broker
