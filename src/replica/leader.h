#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/errc.h"
#include "base/ids.h"

namespace moldau::replica {

// Names one wait at this partition; the caller draws it and gets it back when the wait is over.
using WaiterId = Id<struct WaiterIdTag, std::uint64_t>;

// Which end of the log a reader may see. Followers read to the log end, consumers to the high
// watermark, those of read_committed to the last stable offset.
enum class Visible : std::uint8_t { log_end, high_watermark, last_stable_offset };

// What a producer waits for. Source: acks of ProduceRequest.
enum class Acks : std::int8_t { none = 0, leader = 1, all = -1 };

// The ends of the log itself, as the log tells them after each change.
struct LogEnds {
  Offset log_start;
  Offset log_end;     // exclusive
  Offset synced_end;  // below it everything is durable; at most log_end
  // Where the oldest transaction begins that is neither committed nor aborted.
  std::optional<Offset> first_unstable = std::nullopt;
};

// What the metadata say of the partition.
struct Assignment {
  std::vector<BrokerId> replicas;
  std::vector<BrokerId> isr;
  std::int32_t min_insync_replicas = 1;  // the topic's; more than there are replicas counts as all
  // flush.messages=1: an acknowledgement waits for the sync, and so does the high watermark.
  bool sync_before_ack = false;
};

struct Released {
  WaiterId waiter;
  Errc error;  // none: what it waited for came
};

// To be executed in this order. The caller keeps one object and clears it between steps.
struct Outputs {
  bool high_watermark_moved = false;   // write it to the checkpoint now and then
  std::vector<Released> acknowledged;  // producers: answer
  std::vector<WaiterId> readable;      // readers: look again; their waits are over
  void clear() {
    high_watermark_moved = false;
    acknowledged.clear();
    readable.clear();
  }
};

// The leader of one partition under one leader epoch: how far the log is replicated, who waits for
// that, and which end each reader may see. One replica or several.
// Invariant: log_start <= last stable offset <= high watermark <= log_end; the high watermark never
//            goes back.
// Context:   pure; one per partition, touched only by the shard that owns the partition.
// Duty:      give on_log() after every change of the log, before anybody reads the ends from here.
// Source:    Partition.scala (maybeIncrementLeaderHW, checkEnoughReplicasReachOffset),
// DelayedProduce,
//            DelayedFetch; no increase below min.insync.replicas is KIP-966.
class Leader {
 public:
  struct Setup {
    BrokerId self;
    LeaderEpoch leader_epoch;
    Assignment assignment;
    LogEnds ends;
    Offset high_watermark;  // of the checkpoint; brought between log_start and log_end
  };
  explicit Leader(Setup setup);

  // ---- what happened ---------------------------------------------------------------------------
  void on_log(const LogEnds& ends, Outputs& out);
  // A follower asked for what is at `log_end`: it has everything below.
  void on_follower(BrokerId follower, Offset log_end, Outputs& out);
  void on_assignment(Assignment assignment, Outputs& out);
  // This replica no longer leads, or the partition is closed: every wait ends; producers get
  // `error`. The machine answers nothing afterwards but can be destroyed.
  void resign(Errc error, Outputs& out);

  // ---- producers -------------------------------------------------------------------------------
  // Before an append: not_enough_replicas when acks=all cannot be kept.
  [[nodiscard]] Errc may_append(Acks acks) const;
  // What a producer whose records end at `end` gets now; nullopt: it has to wait.
  [[nodiscard]] std::optional<Errc> acknowledged(Acks acks, Offset end) const;
  // REQUIRES: acknowledged(acks, end) is nullopt.
  void await_ack(WaiterId waiter, Acks acks, Offset end);

  // ---- readers ---------------------------------------------------------------------------------
  [[nodiscard]] Offset end_of(Visible visible) const;
  // Over when end_of(visible) is above `beyond`. REQUIRES: it is not yet.
  void await_data(WaiterId waiter, Visible visible, Offset beyond);
  // The wait is given up (timed out, connection closed). No effect when it is over.
  void forget(WaiterId waiter);

  // ---- state -----------------------------------------------------------------------------------
  [[nodiscard]] LeaderEpoch leader_epoch() const { return leader_epoch_; }
  [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
  [[nodiscard]] Offset last_stable_offset() const;
  [[nodiscard]] const LogEnds& ends() const { return ends_; }
  [[nodiscard]] const Assignment& assignment() const { return assignment_; }
  [[nodiscard]] std::size_t waits() const { return acks_.size() + data_.size(); }

 private:
  struct Follower {
    BrokerId id;
    Offset log_end = k_no_offset;  // k_no_offset: it has not asked under this leader epoch
  };
  struct AckWait {
    WaiterId waiter;
    Acks acks;
    Offset end;
  };
  struct DataWait {
    WaiterId waiter;
    Visible visible;
    Offset beyond;
  };
  [[nodiscard]] std::int32_t min_isr() const;
  [[nodiscard]] Offset own_end() const;
  void settle(Outputs& out);  // moves the high watermark and ends the waits that this ends

  BrokerId self_;
  LeaderEpoch leader_epoch_;
  Assignment assignment_;
  std::vector<Follower> followers_;  // a handful, by id
  LogEnds ends_;
  Offset high_watermark_;
  std::deque<AckWait> acks_;  // in the order of the appends, so ends do not go down
  std::vector<DataWait> data_;
};

}  // namespace moldau::replica
