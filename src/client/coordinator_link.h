#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client/cluster.h"
#include "env/task.h"

namespace moldau::client {

enum class CoordinatorKind : std::int8_t { group = 0, transaction = 1 };

// The broker that decides for one group or transactional id: found when first needed, remembered
// until an answer says that it is another.
// Errors of requests: those of rpc::ClientConnection; what FindCoordinator refuses.
// Context: one shard; the cluster outlives it.
class CoordinatorLink {
 public:
  CoordinatorLink(Cluster& cluster, CoordinatorKind kind, std::string key)
      : cluster_(&cluster), kind_(kind), key_(std::move(key)) {}

  [[nodiscard]] Cluster& cluster() { return *cluster_; }
  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] env::Task<Result<BrokerId>> find();
  // To it. Errors are heeded.
  [[nodiscard]] env::Task<Result<std::shared_ptr<rpc::ClientConnection>>> connection();
  // Looks whether an answer's error means that the coordinator is elsewhere, or gone.
  void heed(Errc code);

  // One request, no retry, in the highest version that both know up to `version_max`.
  template <class Req, class Resp>
  [[nodiscard]] rpc::Answered<Resp> ask(Req request,
                                        std::optional<Milliseconds> timeout = std::nullopt,
                                        ApiVersion version_max = Req::k_versions.last) {
    return rpc::Answered<Resp>(call(rpc::AnyRequest(std::move(request)), timeout, version_max));
  }

 private:
  [[nodiscard]] env::Task<Result<rpc::Answer>> call(rpc::AnyRequest request,
                                                    std::optional<Milliseconds> timeout,
                                                    ApiVersion version_max);
  Cluster* cluster_;
  CoordinatorKind kind_;
  std::string key_;
  std::optional<BrokerId> known_;
};

}  // namespace moldau::client
