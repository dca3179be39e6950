#include "log/partition_log.h"

#include <gtest/gtest.h>

#include "bytes/endian.h"
#include "log/checkpoint_files.h"
#include "log/file_names.h"
#include "record/batch.h"
#include "unit/log/log_world.h"

// Folders that Apache Kafka 4.4.0 wrote, see tests/data/log/README.md: the batches in them, given
// to our log one append each as the producer sent them, leave the same files to the byte.
namespace moldau::log {
namespace {

struct Golden {
  const char* folder;
  LogConfig config;
};
void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.folder; }

class KafkasFiles : public ::testing::TestWithParam<Golden> {
 protected:
  void SetUp() override {
    config = GetParam().config;
    golden = LogWorld::golden_folder(GetParam().folder);
    where.topic_id = *parse_partition_metadata(golden.at("partition.metadata"));
    epochs = *parse_epoch_checkpoint(golden.at("leader-epoch-checkpoint"));
  }
  void TearDown() override {
    if (log != nullptr) world.ok(log->close());
  }
  void open() {
    log = world.ok(PartitionLog::open(world.env, world.files, where,
                                      std::make_shared<const LogConfig>(config)));
  }
  void restart() {
    world.ok(log->close());
    log.reset();
    open();
  }
  std::vector<std::string> batches() {
    std::vector<std::string> found;
    for (const auto& [name, content] : golden) {  // names sort as offsets do
      if (!name.ends_with(".log")) continue;
      record::BatchesView view(as_bytes(content));
      while (auto next = view.next()) {
        if (!*next) break;
        found.emplace_back(as_text((*next)->bytes()));
      }
    }
    return found;
  }
  // As the producer or the transaction coordinator gave it.
  void append(const std::string& stored) {
    auto bytes = SharedBytes::copy_of(as_bytes(stored));
    const record::BatchView batch = *record::BatchView::read(bytes.view());
    const AppendOptions options{
        .leader_epoch = batch.leader_epoch(),
        .origin = batch.is_control() ? AppendOrigin::coordinator : AppendOrigin::client};
    std::vector<std::byte> sent(batch.bytes().begin(), batch.bytes().end());
    store_big<std::int64_t>(sent.data(), 0);
    store_big<std::int32_t>(sent.data() + 12, -1);
    const Appended appended =
        world.ok(log->append_as_leader(SharedBytes::take(std::move(sent)), options));
    EXPECT_EQ(appended.first_offset, batch.base_offset());
    EXPECT_EQ(appended.last_offset, batch.last_offset());
  }
  void append_all() {
    std::size_t next_epoch = 0;
    for (const std::string& stored : batches()) {
      const Offset base{load_big<std::int64_t>(as_bytes(stored).data())};
      while (next_epoch < epochs.size() && epochs[next_epoch].start_offset <= base) {
        if (next_epoch > 0) restart();
        world.ok(log->assign_leader_epoch(epochs[next_epoch].epoch, log->log_end_offset()));
        ++next_epoch;
      }
      append(stored);
    }
    if (batches().empty()) {
      world.ok(log->assign_leader_epoch(epochs[0].epoch, Offset{0}));
    }
  }
  void expect_golden() {
    const auto ours = world.folder(where.path);
    std::vector<std::string> names;
    std::vector<std::string> golden_names;
    for (const auto& [name, content] : ours) names.push_back(name);
    for (const auto& [name, content] : golden) golden_names.push_back(name);
    EXPECT_EQ(names, golden_names);
    for (const auto& [name, content] : golden) {
      if (ours.contains(name)) {
        EXPECT_TRUE(ours.at(name) == content) << name;
      }
    }
  }

  LogWorld world;
  LogConfig config;
  LogLocation where{.path = "d/t-0", .topic = "t", .clean = true};
  std::map<std::string, std::string> golden;
  std::vector<EpochStart> epochs;
  std::unique_ptr<PartitionLog> log;
};

TEST_P(KafkasFiles, ComeOutEqualFromTheSameBatches) {
  open();
  append_all();
  world.ok(log->close());
  log.reset();
  expect_golden();
}

TEST_P(KafkasFiles, AreReadWholeAndLeftAlone) {
  world.copy_golden(GetParam().folder, where.path);
  const auto before = world.folder(where.path);
  open();
  std::string read;
  Offset at = log->log_start_offset();
  for (const std::string& stored : batches()) {
    const SharedBytes bytes = world.ok(log->read_batches(
        {.from = at, .bytes_max = 1, .limit = log->log_end_offset(), .at_least_one_batch = true}));
    EXPECT_EQ(as_text(bytes.view()), stored);
    at = record::BatchView::read(bytes.view())->next_offset();
  }
  EXPECT_EQ(at, log->log_end_offset());
  world.ok(log->close());
  // As Kafka's, the start forgets what is not for it: the snapshot of an earlier clean stop, and an
  // epoch that begins at the log end.
  for (const auto& [name, content] : world.folder(where.path)) {
    const bool same = before.contains(name) && before.at(name) == content;
    EXPECT_TRUE(same || (batches().empty() && name == k_leader_epoch_checkpoint)) << name;
  }
}

TEST_P(KafkasFiles, ComeBackAfterRecoveryFromTheBeginning) {
  world.copy_golden(GetParam().folder, where.path);
  for (const auto& [name, content] : golden) {
    const auto parsed = parse_file_name(name);
    if (parsed &&
        (parsed->kind == FileKind::offset_index || parsed->kind == FileKind::time_index)) {
      world.write(env::join_path(where.path, name), as_bytes("torn"));
    }
  }
  where.clean = false;
  open();
  if (!batches().empty()) {
    EXPECT_EQ(log->leader_epochs().entries().size(), epochs.size());
  }
  world.ok(log->close());
  for (const auto& [name, content] : world.folder(where.path)) {
    const auto parsed = parse_file_name(name);
    if (!parsed || parsed->kind == FileKind::snapshot) continue;
    ASSERT_TRUE(golden.contains(name)) << name;
    // A restart begins to count the distance between entries anew; recovery does not.
    const bool restarted = epochs.size() > 1 && parsed->kind != FileKind::log;
    EXPECT_TRUE(restarted || golden.at(name) == content) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    , KafkasFiles,
    ::testing::Values(Golden{"one/plain-0", {}}, Golden{"one/empty-0", {}},
                      Golden{"one/idem-0", {}}, Golden{"one/roll-0", {.segment_bytes = 12'000}},
                      Golden{"one/time-0", {.segment_time = Milliseconds{10'000}}},
                      Golden{"one/txn-0", {.segment_bytes = 9'000}},
                      Golden{"one/full-0", {.index_bytes_max = 36, .index_interval_bytes = 100}},
                      Golden{"one/codecs-0", {}}, Golden{"two/plain-0", {}},
                      Golden{"two/idem-0", {}}, Golden{"two/roll-0", {.segment_bytes = 12'000}}),
    [](const auto& param) {
      std::string name = param.param.folder;
      for (char& c : name) {
        if (c == '/' || c == '-') c = '_';
      }
      return name;
    });

}  // namespace
}  // namespace moldau::log
