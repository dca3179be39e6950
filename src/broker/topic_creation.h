#pragma once
#include <string>
#include <vector>

#include "broker/request_context.h"

namespace moldau::broker {

// Has topics created that a client named and nobody knows (auto.create.topics.enable): one request
// to the controller, in the client's name, that nobody waits for. A topic that is being created
// already is left out. REQUIRES: the names are valid.
// Source: DefaultAutoTopicCreationManager.
void create_missing_topics(const RequestContext& context, std::vector<std::string> topics);

// The same for __consumer_offsets, with the partitions, replicas and configs that it has.
// Source: GroupCoordinatorService.groupMetadataTopicConfigs.
void create_offsets_topic(const RequestContext& context);
// And for __transaction_state. Source: TransactionCoordinator.transactionStateTopicConfigs.
void create_transaction_topic(const RequestContext& context);

}  // namespace moldau::broker
