#pragma once
#include <map>
#include <string>

#include "controller/controller.h"
#include "controller/leadership.h"
#include "controller/view.h"

namespace moldau::controller {

// Feature levels move when all nodes can do them. Source: FeatureControlManager, QuorumFeatures.
class FeatureControl {
 public:
  explicit FeatureControl(const View& view) : view_(view) {}

  [[nodiscard]] Result<Decision<protocol::UpdateFeaturesResponse>> update(
      const Call& call, const protocol::UpdateFeaturesRequest& request) const;

 private:
  enum class Upgrade : std::uint8_t {
    unknown = 0,
    upgrade = 1,
    safe_downgrade = 2,
    unsafe_downgrade = 3
  };
  using Levels = std::map<std::string, FeatureLevel, std::less<>>;

  [[nodiscard]] Result<void> update_one(const std::string& name, FeatureLevel level,
                                        Upgrade upgrade, const Levels& proposed,
                                        FeatureLevel kraft_version, Records& records) const;
  [[nodiscard]] Result<void> update_metadata_version(FeatureLevel level, Upgrade upgrade,
                                                     Records& records) const;
  // Why some node cannot do this level; empty if all can.
  [[nodiscard]] std::string unsupported_by(std::string_view name, FeatureLevel level) const;

  const View& view_;
};

}  // namespace moldau::controller
