#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "env/env.h"
#include "env/task_group.h"
#include "harness/log_model.h"
#include "harness/verdict.h"
#include "log/file_pool.h"
#include "log/log_directory.h"
#include "log/partition_log.h"
#include "sim/volume.h"

namespace moldau::harness {

// A partition over all lives of its host: its model, its settings, and its idempotent producer.
struct LogSubject {
  std::string topic;
  PartitionIndex partition{0};
  Uuid topic_id;
  std::shared_ptr<const log::LogConfig> config;
  LogModel model;
  LeaderEpoch leader_epoch{0};
  ProducerId producer{0};  // moves on when nothing of it is left
  // What its producer sent last, to be sent again: the bytes, and where they went.
  std::optional<std::pair<SharedBytes, ModelBatch>> last_sent;
  [[nodiscard]] bool synced_appends() const { return config->flush_messages == 1; }
};

// One life of the program: from opening the directory until somebody ends the boot. Its tasks work
// on the logs at random and tell the models what they asked for and what was answered.
class LogLife {
 public:
  LogLife(env::Env& env, sim::Volume& volume, std::vector<std::unique_ptr<LogSubject>>& subjects,
          Verdict& verdict, std::uint64_t seed);
  ~LogLife();
  LogLife(const LogLife&) = delete;
  LogLife& operator=(const LogLife&) = delete;

  void start();
  // The subjects go quiet, and the directory is closed as on SIGTERM; closed() tells when.
  void stop_cleanly();
  [[nodiscard]] bool closed_cleanly() const { return closed_cleanly_; }
  // All of its tasks have ended.
  [[nodiscard]] bool at_rest() const { return tasks_.running() == 0; }
  // A call failed for want of a healthy disk: only a restart helps.
  [[nodiscard]] bool broken() const { return broken_; }
  // A call of the disk failed in this life.
  [[nodiscard]] bool disk_was_hurt() const { return volume_.faults().suffered() > faults_before_; }
  // The boot has ended: tasks stop at the next chance.
  void abandon() { ended_ = true; }
  // After every event: rules of the living logs.
  void check();

 private:
  struct Open {
    LogSubject* subject = nullptr;
    std::unique_ptr<log::PartitionLog> log;
    Offset recovery_point;
    std::uint64_t cuts_seen = 0;
    Sequence next_sequence{0};
  };
  struct NewBatch {
    SharedBytes bytes;
    ModelBatch facts;
  };

  env::Task<void> run();
  env::Task<void> work(Open& open);
  env::Task<void> flush_now_and_then(Open& open);
  env::Task<void> checkpoint_now_and_then();
  env::Task<void> close_all();
  env::Task<Result<void>> write_checkpoints();
  env::Task<Result<void>> replace_checkpoints();
  env::Task<void> verify(Open& open, log::LogLocation given);
  env::Task<void> one_step(Open& open);
  env::Task<void> append_some(Open& open);
  env::Task<void> append_one(Open& open, NewBatch batch);
  env::Task<void> repeat_last(Open& open);
  env::Task<void> flush(Open& open);
  env::Task<void> cut(Open& open);
  env::Task<void> move_start(Open& open);
  env::Task<void> read_somewhere(Open& open);
  env::Task<void> next_epoch(Open& open);
  env::Task<void> roll(Open& open);
  [[nodiscard]] NewBatch make_batch(Open& open, bool idempotent);
  void resume_producer(Open& open);
  // True: go on. A storage error breaks the life; any other is a failure of the run.
  template <class T>
  bool good(const Result<T>& result, const char* call, const LogSubject* subject);
  [[nodiscard]] bool going_on() const { return !ended_ && !closing_ && !broken_; }
  [[nodiscard]] env::Task<void> rest(Duration max);

  env::Env& env_;
  sim::Volume& volume_;
  std::vector<std::unique_ptr<LogSubject>>& subjects_;
  Verdict& verdict_;
  Rng rng_;
  log::FilePool files_;
  std::unique_ptr<log::LogDirectory> directory_;
  std::vector<std::unique_ptr<Open>> open_;
  std::uint64_t faults_before_ = 0;
  bool checkpointing_ = false;
  bool ended_ = false;
  bool closing_ = false;
  bool broken_ = false;
  bool closed_cleanly_ = false;
  env::TaskGroup workers_;
  env::TaskGroup tasks_;
};

}  // namespace moldau::harness
