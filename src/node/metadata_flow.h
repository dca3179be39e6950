#pragma once
#include <functional>
#include <string>
#include <vector>

#include "env/task.h"
#include "metadata/loader.h"
#include "node/controller_host.h"
#include "node/metadata_publisher.h"
#include "node/raft_driver.h"
#include "telemetry/log.h"

namespace moldau::node {

// From bytes of the metadata log to the controller and the publisher. A committed record that
// cannot be applied stops the node, naming log, offset and record. Context: shard 0. Source:
// MetadataLoader.
class MetadataFlow final : public MetadataLogUser {
 public:
  struct Parts {
    std::string log_path;        // for messages
    ControllerHost* controller;  // nullptr: this node is no controller
    MetadataPublisher& publisher;
    telemetry::Logger log;
    std::function<void(const Error&)> failed;
  };
  explicit MetadataFlow(Parts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] Result<void> load_snapshot(const raft::SnapshotId& id,
                                           const SharedBytes& batches) override;
  [[nodiscard]] Result<void> committed(const SharedBytes& batches) override;
  void high_watermark(Offset end) override;
  [[nodiscard]] Result<void> leadership_gained(const raft::LeadershipGained& gained) override;
  void leadership_lost(const raft::LeadershipLost& lost) override;
  [[nodiscard]] std::optional<Image> snapshot() override;
  void metadata_log_failed(const Error& error) override;

  [[nodiscard]] const metadata::Loader& loader() const { return loader_; }

 private:
  [[nodiscard]] Result<void> apply(const record::BatchView& batch);

  Parts parts_;
  metadata::Loader loader_;
};

// The metadata records of one data batch. Errors: unusable_record, with the offset of the record.
[[nodiscard]] Result<std::vector<metadata::MetadataRecord>> records_of(
    const record::BatchView& batch);
// Those of all data batches of a snapshot's bytes.
[[nodiscard]] Result<std::vector<metadata::MetadataRecord>> records_of_snapshot(Bytes batches);

// What `storage format` left for the first controller: the records of the zero snapshot, or of the
// bootstrap.checkpoint that formatters before 4.2 wrote, or those of the latest metadata.version.
[[nodiscard]] env::Task<Result<std::vector<metadata::MetadataRecord>>> read_bootstrap(
    env::Env& env, std::string metadata_directory);

}  // namespace moldau::node
