#pragma once
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "bytes/writer.h"
#include "protocol/data/abort_transaction_record.h"
#include "protocol/data/access_control_entry_record.h"
#include "protocol/data/begin_transaction_record.h"
#include "protocol/data/broker_registration_change_record.h"
#include "protocol/data/clear_elr_record.h"
#include "protocol/data/client_quota_record.h"
#include "protocol/data/config_record.h"
#include "protocol/data/delegation_token_record.h"
#include "protocol/data/end_transaction_record.h"
#include "protocol/data/feature_level_record.h"
#include "protocol/data/fence_broker_record.h"
#include "protocol/data/no_op_record.h"
#include "protocol/data/partition_change_record.h"
#include "protocol/data/partition_record.h"
#include "protocol/data/producer_ids_record.h"
#include "protocol/data/register_broker_record.h"
#include "protocol/data/register_controller_record.h"
#include "protocol/data/remove_access_control_entry_record.h"
#include "protocol/data/remove_delegation_token_record.h"
#include "protocol/data/remove_topic_record.h"
#include "protocol/data/remove_user_scram_credential_record.h"
#include "protocol/data/topic_record.h"
#include "protocol/data/unfence_broker_record.h"
#include "protocol/data/unregister_broker_record.h"
#include "protocol/data/unregister_controller_record.h"
#include "protocol/data/user_scram_credential_record.h"
#include "protocol/data/zk_migration_state_record.h"

namespace moldau::metadata {

// Every record that __cluster_metadata may hold in Kafka 4.4, in the order of the record ids.
using AnyRecord = std::variant<
    protocol::RegisterBrokerRecord, protocol::UnregisterBrokerRecord, protocol::TopicRecord,
    protocol::PartitionRecord, protocol::ConfigRecord, protocol::PartitionChangeRecord,
    protocol::FenceBrokerRecord, protocol::UnfenceBrokerRecord, protocol::RemoveTopicRecord,
    protocol::DelegationTokenRecord, protocol::UserScramCredentialRecord,
    protocol::FeatureLevelRecord, protocol::ClientQuotaRecord, protocol::ProducerIdsRecord,
    protocol::BrokerRegistrationChangeRecord, protocol::AccessControlEntryRecord,
    protocol::RemoveAccessControlEntryRecord, protocol::NoOpRecord, protocol::ZkMigrationStateRecord,
    protocol::RemoveUserScramCredentialRecord, protocol::BeginTransactionRecord,
    protocol::EndTransactionRecord, protocol::AbortTransactionRecord,
    protocol::RemoveDelegationTokenRecord, protocol::RegisterControllerRecord,
    protocol::ClearElrRecord, protocol::UnregisterControllerRecord>;

// A metadata record and the version it is written at (the metadata.version decides which).
struct MetadataRecord {
  AnyRecord data;
  ApiVersion version{0};
  friend bool operator==(const MetadataRecord&, const MetadataRecord&) = default;
};

// The value of a record of __cluster_metadata or of a .checkpoint: uvarint frame version 1, uvarint
// record id, uvarint record version, body. docs/format/metadata_log.md.
// Errors: unusable_record (frame version, id or version unknown; body malformed or too long).
[[nodiscard]] Result<MetadataRecord> decode_record(Bytes value);
void encode_record(const MetadataRecord& record, Writer& out);
[[nodiscard]] std::vector<std::byte> encode_record(const MetadataRecord& record);

// "TopicRecord", as the schema names it.
[[nodiscard]] std::string_view name_of(const AnyRecord& record);

}  // namespace moldau::metadata
