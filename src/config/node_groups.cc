#include <algorithm>
#include <string>

#include "config/consumer_assignors.h"
#include "config/node_parts.h"
#include "config/value_text.h"

namespace moldau::config {
namespace {

// group.<kind>.session.timeout.ms, .min.session.timeout.ms, .max.session.timeout.ms and so on.
GroupTimings read_timings(TypedReader& in, const std::string& kind) {
  const std::string prefix = "group." + kind + ".";
  GroupTimings out;
  out.session_timeout = in.ms(prefix + "session.timeout.ms");
  out.session_timeout_min = in.ms(prefix + "min.session.timeout.ms");
  out.session_timeout_max = in.ms(prefix + "max.session.timeout.ms");
  out.heartbeat_interval = in.ms(prefix + "heartbeat.interval.ms");
  out.heartbeat_interval_min = in.ms(prefix + "min.heartbeat.interval.ms");
  out.heartbeat_interval_max = in.ms(prefix + "max.heartbeat.interval.ms");
  out.assignment_interval = in.ms(prefix + "assignment.interval.ms");
  out.assignment_interval_min = in.ms(prefix + "min.assignment.interval.ms");
  out.assignment_interval_max = in.ms(prefix + "max.assignment.interval.ms");
  out.assignor_offload = in.flag(prefix + "assignor.offload.enable");
  out.members_max = in.int32(prefix + "max.size");
  out.assignors = in.list(prefix + "assignors");
  return out;
}

// By their names, each once.
void name_assignors(std::vector<std::string>& assignors) {
  std::vector<std::string> names;
  for (std::string& given : assignors) {
    const auto* const known =
        std::ranges::find(k_consumer_assignors, given, &ConsumerAssignor::java_class);
    std::string name =
        known == k_consumer_assignors.end() ? std::move(given) : std::string{known->name};
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  assignors = std::move(names);
}

void read_share(TypedReader& in, ShareGroupSettings& out) {
  out.delivery_count_limit = in.int32("group.share.delivery.count.limit");
  out.delivery_count_limit_min = in.int32("group.share.min.delivery.count.limit");
  out.delivery_count_limit_max = in.int32("group.share.max.delivery.count.limit");
  out.partition_record_locks = in.int32("group.share.partition.max.record.locks");
  out.partition_record_locks_min = in.int32("group.share.min.partition.max.record.locks");
  out.partition_record_locks_max = in.int32("group.share.max.partition.max.record.locks");
  out.record_lock = in.ms("group.share.record.lock.duration.ms");
  out.record_lock_min = in.ms("group.share.min.record.lock.duration.ms");
  out.record_lock_max = in.ms("group.share.max.record.lock.duration.ms");
  out.share_sessions_max = in.int32("group.share.max.share.sessions");
}

void read_streams(TypedReader& in, StreamsGroupSettings& out) {
  out.standby_replicas = in.int32("group.streams.num.standby.replicas");
  out.standby_replicas_max = in.int32("group.streams.max.standby.replicas");
  out.warmup_replicas = in.int32("group.streams.num.warmup.replicas");
  out.warmup_replicas_max = in.int32("group.streams.max.warmup.replicas");
  out.initial_rebalance_delay = in.ms("group.streams.initial.rebalance.delay.ms");
  out.task_offset_interval = in.ms("group.streams.task.offset.interval.ms");
  out.task_offset_interval_min = in.ms("group.streams.min.task.offset.interval.ms");
  out.acceptable_recovery_lag = in.int64("group.streams.acceptable.recovery.lag");
  out.rack_aware_tags = in.list("group.streams.rack.aware.assignment.tags");
}

std::vector<GroupProtocol> read_protocols(TypedReader& in) {
  std::vector<GroupProtocol> protocols;
  for (const std::string& name : in.list("group.coordinator.rebalance.protocols")) {
    if (name == "classic") protocols.push_back(GroupProtocol::classic);
    if (name == "consumer") protocols.push_back(GroupProtocol::consumer);
    if (name == "share") protocols.push_back(GroupProtocol::share);
    if (name == "streams") protocols.push_back(GroupProtocol::streams);
  }
  return protocols;
}

void read_offsets(TypedReader& in, OffsetsTopicSettings& out) {
  out.partition_count = in.int32("offsets.topic.num.partitions");
  out.replication_factor = in.int16("offsets.topic.replication.factor");
  out.segment_bytes = in.int32("offsets.topic.segment.bytes");
  out.compression_codec = in.int32("offsets.topic.compression.codec");
  out.load_buffer_bytes = in.int32("offsets.load.buffer.size");
  out.metadata_bytes_max = in.int32("offset.metadata.max.bytes");
  out.commit_timeout = in.ms("offsets.commit.timeout.ms");
  out.retention = std::chrono::minutes{in.int32("offsets.retention.minutes")};
  out.retention_check_interval = in.ms("offsets.retention.check.interval.ms");
}

}  // namespace

void read_groups(TypedReader& in, NodeConfig& node) {
  GroupSettings& out = node.groups;
  out.protocols = read_protocols(in);
  out.threads = in.int32("group.coordinator.threads");
  out.append_linger = in.ms("group.coordinator.append.linger.ms");
  out.cached_buffer_bytes_max = in.int32("group.coordinator.cached.buffer.max.bytes");
  out.migration_policy = lower(in.text("group.consumer.migration.policy"));
  read_offsets(in, out.offsets);
  out.classic.session_timeout_min = in.ms("group.min.session.timeout.ms");
  out.classic.session_timeout_max = in.ms("group.max.session.timeout.ms");
  out.classic.initial_rebalance_delay = in.ms("group.initial.rebalance.delay.ms");
  out.classic.members_max = in.int32("group.max.size");
  out.consumer = read_timings(in, "consumer");
  name_assignors(out.consumer.assignors);
  out.share = read_timings(in, "share");
  out.streams = read_timings(in, "streams");
  read_share(in, out.share_limits);
  read_streams(in, out.streams_limits);
}

void read_transactions(TypedReader& in, NodeConfig& node) {
  TransactionSettings& out = node.transactions;
  out.state_topic.partition_count = in.int32("transaction.state.log.num.partitions");
  out.state_topic.replication_factor = in.int16("transaction.state.log.replication.factor");
  out.state_topic.min_isr = in.int32("transaction.state.log.min.isr");
  out.state_topic.segment_bytes = in.int32("transaction.state.log.segment.bytes");
  out.state_topic.load_buffer_bytes = in.int32("transaction.state.log.load.buffer.size");
  out.timeout_max = in.ms("transaction.max.timeout.ms");
  out.transactional_id_expiration = in.ms("transactional.id.expiration.ms");
  out.abort_timed_out_interval =
      in.ms("transaction.abort.timed.out.transaction.cleanup.interval.ms");
  out.remove_expired_interval = in.ms("transaction.remove.expired.transaction.cleanup.interval.ms");
  out.two_phase_commit = in.flag("transaction.two.phase.commit.enable");
  out.partition_verification = in.flag("transaction.partition.verification.enable");
  out.add_partitions_retry_backoff = in.ms("add.partitions.to.txn.retry.backoff.ms");
  out.add_partitions_retry_backoff_max = in.ms("add.partitions.to.txn.retry.backoff.max.ms");
  StateTopicSettings& share = node.share_state_topic;
  share.partition_count = in.int32("share.coordinator.state.topic.num.partitions");
  share.replication_factor = in.int16("share.coordinator.state.topic.replication.factor");
  share.min_isr = in.int16("share.coordinator.state.topic.min.isr");
  share.segment_bytes = in.int32("share.coordinator.state.topic.segment.bytes");
  share.load_buffer_bytes = in.int32("share.coordinator.load.buffer.size");
}

}  // namespace moldau::config
