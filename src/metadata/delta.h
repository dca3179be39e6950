#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "metadata/image.h"
#include "metadata/record.h"

namespace moldau::metadata {

// How one topic id differs between two images.
struct TopicChange {
  std::string name;
  bool created = false;
  bool deleted = false;                 // then `partitions` is empty; look them up in base()
  std::set<PartitionIndex> partitions;  // new or changed
};

// What differs between two images, by key. Look values up in the images.
struct Changes {
  std::map<Uuid, TopicChange> topics;
  std::set<BrokerId> brokers;
  std::set<BrokerId> controllers;
  std::set<ConfigResource> configs;
  std::set<QuotaEntity> client_quotas;
  std::set<Uuid> acls;
  std::set<std::pair<ScramMechanism, std::string>> scram;
  std::set<std::string> delegation_tokens;
  bool features = false;
  bool producer_ids = false;
  [[nodiscard]] bool empty() const;
};

// Applies records to an image, giving the next image and what changed.
// Context: pure, one owner. The base is not touched.
// Duty:    a record that fails was committed by the quorum: the node stops, naming log, offset and
//          record. Use nothing of the delta afterwards.
// Transactions: Begin, End and AbortTransactionRecord are accepted and do nothing here; Loader
//          (metadata/loader.h) holds back what is not complete.
// Source:  MetadataDelta, TopicsDelta, ClusterDelta, ...
class Delta {
 public:
  // The changes go on top of `base`.
  explicit Delta(std::shared_ptr<const Image> base);
  // The records are those of a snapshot that replaces `base`: what they do not mention is gone.
  [[nodiscard]] static Delta replacing(std::shared_ptr<const Image> base);

  // Errors: unusable_record, with the reason (the change of an unknown partition, an unknown
  // broker, a feature level out of range, ...).
  [[nodiscard]] Result<void> replay(const MetadataRecord& record);

  // The image after all records so far. May be called more than once, with replay() in between.
  [[nodiscard]] std::shared_ptr<const Image> build(Provenance provenance);
  // REQUIRES: build() was called after the last replay(). Good until the next replay().
  [[nodiscard]] const Changes& changes() const { return changes_; }
  [[nodiscard]] const std::shared_ptr<const Image>& base() const { return base_; }
  [[nodiscard]] bool replaces() const { return replaces_; }
  // The topic as it is after the records so far; nullptr when there is none.
  [[nodiscard]] const Topic* topic(const Uuid& id) const;

 private:
  // What a record does; one overload for each, in delta.cc, delta_cluster.cc and delta_topics.cc.
  Result<void> apply(const protocol::RegisterBrokerRecord& record);
  Result<void> apply(const protocol::UnregisterBrokerRecord& record);
  Result<void> apply(const protocol::TopicRecord& record);
  Result<void> apply(const protocol::PartitionRecord& record);
  Result<void> apply(const protocol::ConfigRecord& record);
  Result<void> apply(const protocol::PartitionChangeRecord& record);
  Result<void> apply(const protocol::FenceBrokerRecord& record);
  Result<void> apply(const protocol::UnfenceBrokerRecord& record);
  Result<void> apply(const protocol::RemoveTopicRecord& record);
  Result<void> apply(const protocol::DelegationTokenRecord& record);
  Result<void> apply(const protocol::UserScramCredentialRecord& record);
  Result<void> apply(const protocol::FeatureLevelRecord& record);
  Result<void> apply(const protocol::ClientQuotaRecord& record);
  Result<void> apply(const protocol::ProducerIdsRecord& record);
  Result<void> apply(const protocol::BrokerRegistrationChangeRecord& record);
  Result<void> apply(const protocol::AccessControlEntryRecord& record);
  Result<void> apply(const protocol::RemoveAccessControlEntryRecord& record);
  Result<void> apply(const protocol::NoOpRecord& record);
  Result<void> apply(const protocol::ZkMigrationStateRecord& record);
  Result<void> apply(const protocol::RemoveUserScramCredentialRecord& record);
  Result<void> apply(const protocol::BeginTransactionRecord& record);
  Result<void> apply(const protocol::EndTransactionRecord& record);
  Result<void> apply(const protocol::AbortTransactionRecord& record);
  Result<void> apply(const protocol::RemoveDelegationTokenRecord& record);
  Result<void> apply(const protocol::RegisterControllerRecord& record);
  Result<void> apply(const protocol::ClearElrRecord& record);
  Result<void> apply(const protocol::UnregisterControllerRecord& record);

  [[nodiscard]] Result<BrokerRegistration> registered(BrokerId id, BrokerEpoch epoch) const;
  void put_broker(BrokerRegistration broker);
  [[nodiscard]] Topic* open_topic(const Uuid& id);
  void close_topics();
  void clear_elr(const Uuid& id);
  void find_changes_of_replacement();

  std::shared_ptr<const Image> base_;
  Image now_;
  std::map<Uuid, Topic> open_;  // topics under change, so that n partitions cost n, not n squared
  Changes changes_;
  bool replaces_ = false;
};

// The partition that a PartitionRecord describes, and what a change makes of one.
// Errors: unusable_record (directories and replicas differ in number, a negative index or epoch, an
// unknown leader recovery state).
[[nodiscard]] Result<Partition> partition_of(const protocol::PartitionRecord& record);
[[nodiscard]] Result<Partition> merge(const Partition& before,
                                      const protocol::PartitionChangeRecord& change);

}  // namespace moldau::metadata
