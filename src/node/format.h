#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/uuid.h"
#include "env/env.h"
#include "env/task.h"
#include "metadata/features.h"
#include "raft/types.h"

namespace moldau::node {

// What `storage format` writes: meta.properties in each directory, and in the metadata directory
// the snapshot 00000000000000000000-0000000000.checkpoint with the records that a cluster begins
// with.
struct FormatSettings {
  std::string cluster_id;
  BrokerId node_id;
  std::vector<std::string> directories;  // log.dirs and metadata.log.dir, each once
  std::string metadata_directory;        // one of them
  bool is_controller = true;             // else it gets no checkpoint: it follows the controllers'
  metadata::FeatureLevel metadata_version = metadata::k_latest_production_metadata_version;
  std::map<std::string, metadata::FeatureLevel, std::less<>> features;  // --feature
  // --standalone or --initial-controllers: voters in the log, kraft.version 1. The voter that is
  // this node may lack its directory id; it is filled in.
  std::optional<raft::VoterSet> voters;
};

struct FormatReport {
  std::vector<std::string> formatted;          // directories written now
  std::vector<std::string> already_formatted;  // left alone
  Uuid metadata_directory_id;
};

// Errors: bad_configuration when a directory was formatted for another node or cluster;
// already_exists when one is formatted and `ignore_formatted` is false; invalid_request and
// invalid_update_version for features; io errors.
// Source: org.apache.kafka.metadata.storage.Formatter.
[[nodiscard]] env::Task<Result<FormatReport>> format_directories(env::Env& env,
                                                                 FormatSettings settings,
                                                                 bool ignore_formatted);

}  // namespace moldau::node
