#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "bytes/shared_bytes.h"

namespace moldau::harness {

// How the last life of a log ended; worse is greater.
enum class Ending : std::uint8_t {
  clean,      // closed, the marker written; then anything may happen to the machine
  killed,     // the process died, the page cache stayed
  power_cut,  // what was not synced may be gone
};

// A batch as its writer and its reader both see it. The CRC leaves out base offset and leader
// epoch, which the log writes.
struct ModelBatch {
  Offset base;
  std::int32_t count = 0;
  std::uint32_t crc = 0;
  ProducerId producer = k_no_producer_id;
  Sequence first_sequence = k_no_sequence;
  [[nodiscard]] Offset end() const { return base + count; }
  friend bool operator==(const ModelBatch&, const ModelBatch&) = default;
};

// Reads the batches of a run of bytes. Errors of the run's form are told as text.
struct SeenBatches {
  std::vector<ModelBatch> batches;
  std::string trouble;  // not empty: the bytes are no run of whole, intact batches
};
[[nodiscard]] SeenBatches see_batches(Bytes run);

// What must be true of one partition log, kept by the ones who write to it: the oracle of the
// checks. A naive list of batches, without any file.
// Rules:
//   M1 offsets have no gaps, and every batch is intact
//   M2 a batch is what was appended at its offset; no batch appears that nobody appended
//   M3 what was promised to be durable is there after a power cut
//   M4 what was acknowledged is there after the process died
//   M5 after a clean stop the log is exactly what it was
//   M6 records cut off do not come back; after a power cut: once a sync has covered the cut
//   M7 the log start does not go below the last checkpoint of it, nor above what was asked for
// Context: pure.
class LogModel {
 public:
  // An append was asked for; the answer is the base offset it will get, since appends are served
  // in order. When it fails, whether its bytes are there is unknown until the next recovery.
  Offset will_append(ModelBatch batch);
  // Answered; `synced`: the answer promised that it is durable.
  void appended(Offset base, bool synced);
  [[nodiscard]] Offset end() const {
    return batches_.empty() ? start_of_empty_ : batches_.back().end();
  }
  [[nodiscard]] Offset acknowledged_end() const { return acknowledged_end_; }
  [[nodiscard]] Offset durable_end() const { return durable_end_; }
  [[nodiscard]] Offset start() const { return start_; }
  [[nodiscard]] const std::vector<ModelBatch>& batches() const { return batches_; }
  // The batch that holds this offset.
  [[nodiscard]] const ModelBatch* batch_at(Offset offset) const;

  // A promise that everything below is on the platter: a flush that was answered, a recovery point.
  // No effect when the log was cut since `cuts` was read.
  void durable_to(Offset end, std::uint64_t cuts);
  [[nodiscard]] std::uint64_t cuts() const { return cuts_; }
  // The same, by the log's recovery point.
  void vouched(Offset end);

  void begin_cut(Offset end);   // truncate_to was asked for
  void finish_cut(Offset end);  // and answered
  [[nodiscard]] bool cutting() const { return open_cut_.has_value(); }

  void begin_start(Offset start);  // advance_log_start_offset was asked for
  // The checkpoint file is being replaced; it will hold this start, 0 for none.
  void begin_start_checkpoint(Offset at);
  void finish_start_checkpoint(Offset at);

  void ended(Ending how);
  // Checks a recovered log against the rules and takes it over as the new truth.
  // nullopt: all rules hold; else the rule and what broke it.
  [[nodiscard]] std::optional<std::string> recovered(Offset start, Offset end,
                                                     const SeenBatches& seen);
  // Checks what a read of the living log gave.
  [[nodiscard]] std::optional<std::string> check_read(const SeenBatches& seen) const;

 private:
  [[nodiscard]] std::optional<std::string> check_ends(Offset start, Offset end) const;
  [[nodiscard]] std::optional<std::string> check_run(const std::vector<ModelBatch>& seen,
                                                     Offset end) const;
  [[nodiscard]] Offset trusted_end() const;

  std::vector<ModelBatch> batches_;
  Offset start_of_empty_{0};
  Offset start_{0};             // the highest that was asked for
  Offset durable_start_{0};     // what the checkpoint holds for certain
  Offset acknowledged_end_{0};  // every append below was answered
  Offset durable_end_{0};
  std::uint64_t cuts_ = 0;
  // At and above this offset a cut was asked for and not answered: both contents are right.
  std::optional<Offset> open_cut_;
  // At and above this offset a cut was answered and no sync has covered it: a power cut may undo
  // it.
  std::optional<Offset> unsynced_cut_;
  std::optional<Ending> ending_;  // the worst since the last recovery that was checked
};

}  // namespace moldau::harness
