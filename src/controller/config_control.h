#pragma once
#include <span>

#include "controller/controller.h"
#include "controller/leadership.h"
#include "controller/view.h"

namespace moldau::controller {

// Dynamic configuration. What a key may hold is ConfigRules' business.
// Source: ConfigurationControlManager, ControllerApis.
class ConfigControl {
 public:
  explicit ConfigControl(const View& view) : view_(view) {}

  [[nodiscard]] Result<Decision<protocol::IncrementalAlterConfigsResponse>> incremental(
      const Call& call, const protocol::IncrementalAlterConfigsRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::AlterConfigsResponse>> legacy(
      const Call& call, const protocol::AlterConfigsRequest& request) const;
  // The configs of a topic that is being created.
  [[nodiscard]] Result<Records> new_topic(const std::string& name,
                                          std::span<const Alteration> alterations,
                                          const Call& call) const;
  // What switching eligible leader replicas on needs: min.insync.replicas is then a matter of the
  // cluster, so it is set there, and taken from each broker.
  void prepare_elr(Records& records) const;

 private:
  [[nodiscard]] ConfigChangeContext context(const Call& call) const;
  [[nodiscard]] Result<void> authorise(const Call& call,
                                       const metadata::ConfigResource& resource) const;
  [[nodiscard]] Result<void> check_exists(const metadata::ConfigResource& resource) const;
  static void add(const metadata::ConfigResource& resource, std::span<const ConfigChange> changes,
                  Records& records);
  void add_clear_elr(Records& records) const;
  template <class Response, class Request, class Change>
  [[nodiscard]] Result<Decision<Response>> alter(const Call& call, const Request& request,
                                                 const Change& change) const;

  const View& view_;
};

}  // namespace moldau::controller
