#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/errc.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "base/uuid.h"
#include "coordinator/step.h"
#include "metadata/image.h"
#include "protocol/api/add_partitions_to_txn.h"
#include "protocol/api/describe_transactions.h"
#include "protocol/api/end_txn.h"
#include "protocol/api/init_producer_id.h"
#include "protocol/api/list_transactions.h"
#include "txn/list_filter.h"
#include "txn/transaction.h"

namespace moldau::txn {

using coordinator::AskId;
using coordinator::Now;

// Answers to what concerns several transactional ids are those of this machine's; the handler puts
// the parts of several machines together. Error codes are those of the latest versions.
using Answer = std::variant<protocol::InitProducerIdResponse, protocol::EndTxnResponse,
                            protocol::AddPartitionsToTxnResponse::AddPartitionsToTxnResult,
                            std::vector<protocol::ListTransactionsResponse::TransactionState>,
                            std::vector<protocol::DescribeTransactionsResponse::TransactionState>>;

// ---- what the host is to do when all that was decided before is committed ----------------------

struct MarkerTarget {
  std::string topic;
  Uuid topic_id;
  PartitionIndex partition;
  friend bool operator==(const MarkerTarget&, const MarkerTarget&) = default;
};
// Write the end of a transaction into each target, then report to markers_written(), whatever came
// of it. No targets: report at once.
struct WriteMarkers {
  std::string transactional_id;
  ProducerIdAndEpoch producer;
  bool commit = false;
  TransactionVersion version = TransactionVersion::v0;
  std::vector<MarkerTarget> targets;
};
// Get a producer id that nobody has had, then report to producer_id().
struct NeedProducerId {};
using Effect = std::variant<WriteMarkers, NeedProducerId>;
using Step = coordinator::Step<Answer, Effect>;

struct MarkerResult {
  MarkerTarget target;
  Errc error = Errc::none;
};
struct MarkersWritten {
  std::string transactional_id;
  ProducerIdAndEpoch producer;
  std::vector<MarkerResult> results;
};

// Who asks, in what version of the API, and how far the metadata went in which the partitions of
// the request were found.
struct Ask {
  AskId id;
  ApiVersion version;
  Offset metadata = k_no_offset;
};

// The broker's keys.
struct Settings {
  Milliseconds timeout_max{900'000};                      // transaction.max.timeout.ms
  Milliseconds transactional_id_expiration{604'800'000};  // transactional.id.expiration.ms
  Milliseconds abort_timed_out_interval{10'000};
  Milliseconds remove_expired_interval{3'600'000};
  bool two_phase_commit = false;  // transaction.two.phase.commit.enable
};

// What any coordinator answers to this request, whatever it knows of the id. none: it must be
// asked.
[[nodiscard]] Errc init_refusal(const Settings& settings,
                                const protocol::InitProducerIdRequest& request);

// The transactional ids of one partition of __transaction_state.
// Invariant: what replay() has been given, and nothing else, decides what is persistent. The epoch
//            before the last, questions that wait for a producer id and markers under way are soft
//            and end with the machine.
// Context:   pure; one for each partition that this broker leads, on the partition's shard.
// Duty:      the host gives every record of the partition to replay() in the order of the log, at
//            loading and after each append, then calls loaded() once before it asks anything.
//            Steps are executed as coordinator/step.h says, each before the next call.
// Source:    TransactionCoordinator, TransactionStateManager, TransactionMarkerChannelManager;
//            KIP-98, KIP-360, KIP-890.
class Coordinator {
 public:
  explicit Coordinator(Settings settings);
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;
  ~Coordinator();

  // ---- the log ----------------------------------------------------------------------------------
  // Errors: those of read_record().
  [[nodiscard]] Result<void> replay(Offset offset, const coordinator::Record& record,
                                    const std::optional<coordinator::Producer>& producer);
  // Nobody writes to __transaction_state in a transaction.
  void replay_end_transaction(const coordinator::Producer& producer, bool committed);
  // Transactions that were prepared are brought to their end.
  void loaded(Now now, Step& out);
  // Topics or the level of transaction.version changed.
  void new_image(std::shared_ptr<const metadata::Image> image);
  // A topic that is not in an image which ends before this may be yet to come: it counts as deleted
  // only when a newer one does not have it either.
  void need_image(Offset last);
  void configure(Settings settings);

  // ---- producers --------------------------------------------------------------------------------
  // REQUIRES: a transactional id; producer id and epoch both or neither.
  void init_producer_id(const Ask& ask, const protocol::InitProducerIdRequest& request, Now now,
                        Step& out);
  // Adds the partitions, or says which of them the transaction has.
  void add_partitions(
      const Ask& ask,
      const protocol::AddPartitionsToTxnRequest::AddPartitionsToTxnTransaction& request, Now now,
      Step& out);
  void end(const Ask& ask, const protocol::EndTxnRequest& request, Now now, Step& out);

  // ---- administration ---------------------------------------------------------------------------
  void list(const Ask& ask, const ListFilter& filter, Now now, Step& out);
  void describe(const Ask& ask, const std::vector<std::string>& transactional_ids, Step& out);

  // ---- reports of the host ----------------------------------------------------------------------
  void markers_written(const MarkersWritten& report, Now now, Step& out);
  void producer_id(const Result<ProducerId>& granted, Now now, Step& out);

  // ---- time -------------------------------------------------------------------------------------
  // When tick() has something to do; nullopt: never.
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  void tick(Now now, Step& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace moldau::txn
