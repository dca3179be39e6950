#include "broker/authorized_operations.h"

#include <initializer_list>

namespace moldau::broker {
namespace {

using security::Operation;
using security::ResourceType;

std::int32_t allowed(const RequestContext& context, std::initializer_list<Operation> operations,
                     ResourceType type, std::string_view name) {
  std::uint32_t bits = 0;
  for (const Operation operation : operations) {
    if (context.allows(operation, type, name)) bits |= 1U << static_cast<unsigned>(operation);
  }
  return static_cast<std::int32_t>(bits);
}

}  // namespace

// Source of these lists: AclEntry.supportedOperations.
std::int32_t authorized_topic_operations(const RequestContext& context, std::string_view topic) {
  return allowed(
      context,
      {Operation::read, Operation::write, Operation::create, Operation::remove, Operation::alter,
       Operation::describe, Operation::describe_configs, Operation::alter_configs},
      ResourceType::topic, topic);
}

std::int32_t authorized_group_operations(const RequestContext& context, std::string_view group) {
  return allowed(context,
                 {Operation::read, Operation::remove, Operation::describe,
                  Operation::describe_configs, Operation::alter_configs},
                 ResourceType::group, group);
}

std::int32_t authorized_cluster_operations(const RequestContext& context) {
  return allowed(
      context,
      {Operation::create, Operation::alter, Operation::describe, Operation::cluster_action,
       Operation::describe_configs, Operation::alter_configs, Operation::idempotent_write},
      ResourceType::cluster, security::k_cluster_name);
}

}  // namespace moldau::broker
