#pragma once
#include "controller/controller.h"
#include "controller/heartbeats.h"
#include "controller/view.h"

namespace moldau::controller {

struct HeartbeatDecision {
  Decision<protocol::BrokerHeartbeatResponse> decision;
  BrokerState next = BrokerState::fenced;
};

// Brokers and controllers come, stay alive, and go.
// Source: ClusterControlManager, ReplicationControlManager.processBrokerHeartbeat,
//         BrokerHeartbeatManager.calculateNextBrokerState.
class ClusterControl {
 public:
  explicit ClusterControl(const View& view) : view_(view) {}

  [[nodiscard]] Result<Decision<protocol::BrokerRegistrationResponse>> register_broker(
      const Call& call, const protocol::BrokerRegistrationRequest& request) const;
  [[nodiscard]] Result<HeartbeatDecision> heartbeat(
      const protocol::BrokerHeartbeatRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::UnregisterBrokerResponse>> unregister_broker(
      const protocol::UnregisterBrokerRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::ControllerRegistrationResponse>> register_controller(
      const protocol::ControllerRegistrationRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::UnregisterControllerResponse>> unregister_controller(
      const protocol::UnregisterControllerRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::AllocateProducerIdsResponse>> allocate_producer_ids(
      const protocol::AllocateProducerIdsRequest& request) const;

 private:
  [[nodiscard]] Result<void> check_directories(
      const protocol::BrokerRegistrationRequest& request) const;
  [[nodiscard]] Result<void> check_features(const protocol::BrokerRegistrationRequest& request,
                                            FeatureLevel kraft_version) const;
  [[nodiscard]] BrokerState next_state(const protocol::BrokerHeartbeatRequest& request,
                                       Offset registered_at) const;

  const View& view_;
};

}  // namespace moldau::controller
