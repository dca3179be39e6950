#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "broker/shard.h"
#include "rpc/server_connection.h"
#include "security/authorizer.h"

namespace moldau::broker {

// One request while it is answered. Lives in the frame of dispatch, so a handler may hold
// references to it across its awaits. Context: the shard of the connection.
struct RequestContext {
  Shard& shard;
  rpc::ConnectionFacts& connection;
  rpc::Request& request;
  bool controller_listener = false;
  security::Principal principal;
  // The state that the request sees, whatever happens meanwhile. Never null.
  std::shared_ptr<const ClusterView> view;

  [[nodiscard]] ApiVersion version() const { return request.header.version; }
  [[nodiscard]] std::string_view client_id() const {
    return request.header.client_id.value_or(std::string_view{});
  }
  [[nodiscard]] env::Env& env() const { return shard.env; }
  [[nodiscard]] const metadata::Image& image() const { return *view->image; }
  // The address without the port, for ACLs.
  [[nodiscard]] std::string_view host() const {
    const std::string_view peer = connection.peer;
    return peer.substr(0, peer.find_last_of(':'));
  }
  [[nodiscard]] bool allows(security::Operation operation, security::ResourceType type,
                            std::string_view name) const {
    return shard.facts.authorizer.allows(principal, host(), operation, type, name);
  }
  [[nodiscard]] bool allows_on_cluster(security::Operation operation) const {
    return allows(operation, security::ResourceType::cluster, security::k_cluster_name);
  }
};

}  // namespace moldau::broker
