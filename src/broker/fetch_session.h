#pragma once
#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "base/errc.h"
#include "base/ids.h"
#include "base/rng.h"
#include "base/time.h"
#include "base/uuid.h"

namespace moldau::broker {

// What a fetch request says of one partition.
struct FetchAsk {
  Uuid topic_id;      // zero when the request speaks in names (before version 13)
  std::string topic;  // empty: nobody knows the id
  PartitionIndex partition{0};
  Offset fetch_offset;
  std::int32_t bytes_max = 0;
  LeaderEpoch current_leader_epoch = k_no_leader_epoch;
  LeaderEpoch last_fetched_epoch = k_no_leader_epoch;
  Offset fetcher_log_start = k_no_offset;
};
struct FetchForget {
  Uuid topic_id;
  std::string topic;
  PartitionIndex partition{0};
};

// What of an answer a session remembers, so that an unchanged partition can be left out.
struct FetchAnswerFacts {
  bool has_records = false;
  bool has_error = false;
  bool must_be_told = false;  // diverging epoch, preferred replica
  Offset high_watermark = k_no_offset;
  Offset log_start_offset = k_no_offset;
};

// Fetch sessions of one shard (KIP-227): a fetcher names its partitions once and then only what
// changed; the broker answers only what is new.
//
//   request                         context        because
//   epoch -1                        sessionless    wants none; a session it names is closed
//   epoch 0                         full           wants a new one; a session it names is closed
//   epoch n, session unknown        error          FETCH_SESSION_ID_NOT_FOUND
//   epoch n, not the expected one   error          INVALID_FETCH_SESSION_EPOCH
//   epoch n, names against ids      error          FETCH_SESSION_TOPIC_ID_ERROR
//   epoch n, nothing left in it     sessionless    the session is closed
//   epoch n                         incremental
//
// A session that is stale (unused for `stale_after`) goes for a new one; else a smaller one of
// consumers that is older than that goes for a bigger one; followers' go last. With no room the
// answer carries session id 0.
// Context: pure; one per shard. Ids of different shards never meet. Source: FetchManager,
// FetchSessionCacheShard, FetchContext.
class FetchSessions {
 public:
  struct Settings {
    std::int32_t slots = 1000;  // max.incremental.fetch.session.cache.slots, this shard's share
    std::int32_t first_id = 1;  // this shard's range of session ids
    std::int32_t end_id = INT32_MAX;
    Milliseconds stale_after{120'000};
  };
  struct Request {
    ApiVersion version;
    FetchSessionId session_id;
    FetchSessionEpoch session_epoch;
    bool from_follower = false;
    std::vector<FetchAsk> asks;
    std::vector<FetchForget> forgotten;
  };
  class Session;
  struct Context {
    enum class Kind : std::uint8_t { error, sessionless, full, incremental };
    Kind kind = Kind::error;
    Errc error = Errc::none;
    bool from_follower = false;
    bool uses_ids = false;
    FetchSessionEpoch asked_epoch;
    std::shared_ptr<Session> session;  // incremental
    std::vector<FetchAsk> asks;        // all that is to be read, in order
  };
  struct Outcome {
    Errc error = Errc::none;  // then nothing is told
    FetchSessionId session_id{0};
    std::vector<bool> told;  // for each ask: it is in the answer
  };

  FetchSessions(Settings settings, Rng rng);
  ~FetchSessions();
  FetchSessions(const FetchSessions&) = delete;
  FetchSessions& operator=(const FetchSessions&) = delete;

  [[nodiscard]] Context begin(Request request, Instant now);
  // `answers` belong to context.asks, one each.
  [[nodiscard]] Outcome finish(Context& context, std::span<const FetchAnswerFacts> answers,
                               Instant now);
  [[nodiscard]] std::size_t count() const { return sessions_.size(); }
  [[nodiscard]] std::size_t partition_count() const { return partitions_; }
  [[nodiscard]] std::uint64_t evictions() const { return evictions_; }

 private:
  using LastUsed = std::pair<Instant, FetchSessionId>;
  using Evictable = std::tuple<bool, std::size_t, FetchSessionId>;  // privileged, size, id

  [[nodiscard]] static std::vector<FetchAsk> each_once(std::vector<FetchAsk> asks);
  [[nodiscard]] FetchSessionId create(Context& context, std::span<const FetchAnswerFacts> answers,
                                      Instant now);
  [[nodiscard]] bool evict_for(bool privileged, std::size_t size, Instant now);
  void touch(Session& session, Instant now);
  void remove(FetchSessionId id);
  [[nodiscard]] FetchSessionId new_id();

  Settings settings_;
  Rng rng_;
  absl::flat_hash_map<FetchSessionId, std::shared_ptr<Session>> sessions_;
  std::set<LastUsed> by_use_;
  std::set<Evictable> evictable_by_all_;
  std::set<Evictable> evictable_by_privileged_;
  std::size_t partitions_ = 0;
  std::uint64_t evictions_ = 0;
};

}  // namespace moldau::broker
