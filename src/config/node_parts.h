#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/node_config.h"
#include "config/typed_reader.h"

// The steps of load_node_config, each in a file of its own. Inside config/ only.
namespace moldau::config {

// A rule between keys that is broken: which setting to look at, and the rule as a sentence.
struct Breach {
  std::string_view key;
  std::string sentence;
  // Kafka checks this one with Scala's require, whose texts begin with "requirement failed: ".
  bool scala_require = false;
};

// node_network.cc: listeners, their protocols, what is advertised. `in` reads broker keys.
[[nodiscard]] Result<void> read_network(TypedReader& in, const ConfigMap& settings,
                                        NodeConfig& node);
// node_groups.cc
void read_groups(TypedReader& in, NodeConfig& node);
void read_transactions(TypedReader& in, NodeConfig& node);
// node_rules.cc: every rule that holds between keys; nullopt: all hold.
[[nodiscard]] std::optional<Breach> broken_rule(const NodeConfig& node, const ConfigMap& settings);
// node_warnings.cc
[[nodiscard]] std::vector<std::string> warnings_about(const NodeConfig& node,
                                                      const ConfigMap& settings);
// The unknown key of `settings` that was most likely meant to be `wanted`; empty: none.
[[nodiscard]] std::string_view misspelt(const ConfigMap& settings, std::string_view wanted);

// The keys of `names` besides the one that the caller asked for; Kafka's order of precedence.
[[nodiscard]] std::span<const SynonymOf> synonyms_of_broker_key(std::string_view name);
// A setting of settings, else the default; nullopt: null or no such key.
[[nodiscard]] std::optional<std::string> broker_value(const ConfigMap& settings,
                                                      std::string_view key);
// The first breach of the rules as Kafka's broker words it for a dynamic change, or nullopt.
[[nodiscard]] Result<LoadedNodeConfig> load_checked(const ConfigMap& settings,
                                                    std::optional<Breach>* breach);

}  // namespace moldau::config
