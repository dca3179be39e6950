#pragma once
#include <vector>

#include "metadata/features.h"
#include "metadata/image.h"
#include "metadata/record.h"

namespace moldau::metadata {

// The image as records in Kafka's order: features, cluster (brokers, then controllers), topics with
// partitions, configs, client quotas, producer ids, ACLs, SCRAM, delegation tokens; versions as the
// image's metadata.version demands. Replayed on an empty image they give the same image. The file
// around them (SnapshotHeader, KRaftVersion, Voters and Footer control batches, offsets from 0,
// batch size) is raft/snapshot_writer.h's.
// REQUIRES: image.features.metadata_version is set and known.
// Source: MetadataImage.write and the write() of its parts.
[[nodiscard]] std::vector<MetadataRecord> snapshot_records(const Image& image);

// One entry of an image as a record, for version.register_broker_record() and partition_record().
[[nodiscard]] protocol::RegisterBrokerRecord register_broker_record(
    const BrokerRegistration& broker, MetadataVersion version);
// REQUIRES: features.metadata_version is set.
[[nodiscard]] protocol::PartitionRecord partition_record(const Uuid& topic_id,
                                                         const Partition& partition,
                                                         const Features& features);

}  // namespace moldau::metadata
