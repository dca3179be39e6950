#pragma once
#include <cstdint>
#include <string_view>

#include "security/principal.h"

namespace moldau::security {

// Codes as ACL requests and AccessControlEntryRecord carry them.
enum class Operation : std::int8_t {
  unknown = 0,
  any = 1,
  all = 2,
  read = 3,
  write = 4,
  create = 5,
  remove = 6,  // Kafka's DELETE
  alter = 7,
  describe = 8,
  cluster_action = 9,
  describe_configs = 10,
  alter_configs = 11,
  idempotent_write = 12,
  create_tokens = 13,
  describe_tokens = 14,
  two_phase_commit = 15,
};

enum class ResourceType : std::int8_t {
  unknown = 0,
  any = 1,
  topic = 2,
  group = 3,
  cluster = 4,
  transactional_id = 5,
  delegation_token = 6,
  user = 7,
};

// The one resource of type cluster bears this name.
inline constexpr std::string_view k_cluster_name = "kafka-cluster";

// May `principal`, connected from `host`, do this? Pure and quick: asked for each resource of each
// request. Not knowing is "no".
class Authorizer {
 public:
  Authorizer() = default;
  Authorizer(const Authorizer&) = delete;
  Authorizer& operator=(const Authorizer&) = delete;
  virtual ~Authorizer() = default;
  [[nodiscard]] virtual bool allows(const Principal& principal, std::string_view host,
                                    Operation operation, ResourceType type,
                                    std::string_view name) const = 0;
};

// authorizer.class.name is empty: everybody may do everything.
class AllowAll final : public Authorizer {
 public:
  [[nodiscard]] bool allows(const Principal& /*principal*/, std::string_view /*host*/,
                            Operation /*operation*/, ResourceType /*type*/,
                            std::string_view /*name*/) const override {
    return true;
  }
};

}  // namespace moldau::security
