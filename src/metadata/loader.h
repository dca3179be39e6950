#pragma once
#include <memory>
#include <optional>
#include <span>

#include "base/result.h"
#include "metadata/delta.h"

namespace moldau::metadata {

// Turns the committed metadata log into a sequence of images, one for each batch that ends outside
// a metadata transaction: what stands between BeginTransactionRecord and EndTransactionRecord
// becomes visible at once, and nothing of an aborted one (KIP-868). Context: pure, one owner. Every
// node has one, whatever its roles. Source:  MetadataLoader, MetadataBatchLoader.
class Loader {
 public:
  struct Published {
    std::shared_ptr<const Image> before;
    std::shared_ptr<const Image> image;
    Changes changes;
    bool from_snapshot = false;
  };
  // A data batch: its records stand at base_offset and on.
  struct Batch {
    std::span<const MetadataRecord> records;
    Offset base_offset;
    LeaderEpoch epoch;
    Timestamp append_time = k_no_timestamp;
  };

  Loader();
  // nullopt: inside a transaction, nothing to see yet.
  // Errors: unusable_record, with the record's offset; the node stops.
  [[nodiscard]] Result<std::optional<Published>> load(const Batch& batch);
  // A control batch only moves the offset that the next image stands for.
  void skip_control(Offset last_offset, LeaderEpoch epoch, Timestamp append_time);
  // The data records of a whole snapshot, which replaces what was loaded before.
  [[nodiscard]] Result<Published> load_snapshot(std::span<const MetadataRecord> records,
                                                Provenance provenance);

  // The last published one; an empty image at first. Never null.
  [[nodiscard]] const std::shared_ptr<const Image>& image() const { return image_; }
  [[nodiscard]] bool in_transaction() const { return before_transaction_.has_value(); }

 private:
  [[nodiscard]] Result<void> apply(const MetadataRecord& record);
  [[nodiscard]] Published publish();

  std::shared_ptr<const Image> image_;
  Delta delta_;                              // what is applied but not published
  std::optional<Delta> before_transaction_;  // set inside a transaction
  Provenance provenance_;
};

}  // namespace moldau::metadata
