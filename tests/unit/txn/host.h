#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "metadata/features.h"
#include "support/coordinator_driver.h"
#include "txn/coordinator.h"
#include "txn/records.h"

// A coordinator whose log takes and commits every record at once, and the words to speak with it.
namespace moldau::txn::test {

using Producer = ProducerIdAndEpoch;
inline Producer producer(std::int64_t id, int epoch) {
  return {ProducerId{id}, ProducerEpoch{static_cast<std::int16_t>(epoch)}};
}
inline const Producer k_nobody = producer(-1, -1);

class Host final : public coordinator::test::Driver<Coordinator, Ask, Step> {
 public:
  explicit Host(int level = 2, Settings settings = {})
      : Driver(Instant{std::chrono::hours{1}}), settings_(settings) {
    add_topic("t", 4);
    add_topic("u", 4);
    set_level(level);
    load();
  }

  Coordinator& machine() override { return *coordinator_; }

  // ---- the world --------------------------------------------------------------------------------
  void add_topic(const std::string& name, int partitions) {
    auto topic = std::make_shared<metadata::Topic>();
    topic->name = name;
    topic->id = Uuid{1, ++topics_};
    for (int i = 0; i < partitions; ++i) {
      auto partition = std::make_shared<metadata::Partition>();
      partition->index = PartitionIndex{i};
      topic->partitions.push_back(partition);
    }
    image_.topics.by_id.set(topic->id, topic);
    image_.topics.by_name.set(name, topic);
    show();
  }
  void remove_topic(const std::string& name) {
    const metadata::Topic* topic = image_.topics.find(name);
    CHECK(topic != nullptr);
    image_.topics.by_id.erase(Uuid{topic->id});
    image_.topics.by_name.erase(std::string{name});
    show();
  }
  void set_level(int level) {
    image_.features.finalized[std::string(metadata::k_transaction_version)] = {
        static_cast<std::int16_t>(level)};
    show();
  }
  // Metadata that say nothing new.
  void show() {
    image_.provenance.last_contained_offset = image_.provenance.last_contained_offset.next();
    if (coordinator_) coordinator_->new_image(std::make_shared<metadata::Image>(image_));
  }
  // How far those who ask are ahead of the machine's metadata.
  std::int64_t ahead = 0;
  // A new coordinator reads the log. `late`: the metadata that made it so come afterwards.
  void reload(bool late = false) {
    coordinator_.reset();
    load(late);
  }
  // As if another coordinator had written it.
  void write(const std::string& id, const Transaction& transaction) {
    append(transaction_record(id, transaction, TransactionVersion::v1));
  }

  // ---- producers --------------------------------------------------------------------------------
  protocol::InitProducerIdResponse init(const std::string& id, Producer expected = k_nobody,
                                        Milliseconds timeout = Milliseconds{60'000}) {
    protocol::InitProducerIdRequest request;
    request.transactional_id = id;
    request.transaction_timeout_ms = timeout;
    request.producer_id = expected.id;
    request.producer_epoch = expected.epoch;
    return init(request);
  }
  protocol::InitProducerIdResponse init(const protocol::InitProducerIdRequest& request) {
    return *answer<protocol::InitProducerIdResponse>(begin_init(request));
  }
  AskId begin_init(const protocol::InitProducerIdRequest& request) {
    return ask(ApiVersion{6}, [&](const Ask& a, Step& out) {
      coordinator_->init_producer_id(a, request, now(), out);
    });
  }
  Producer begin(const std::string& id) {
    const auto response = init(id);
    CHECK(response.error_code == Errc::none);
    return {response.producer_id, response.producer_epoch};
  }

  // The error of the first partition, which is that of all unless only verified.
  Errc add(const std::string& id, Producer who, const std::string& topic = "t",
           const std::vector<int>& partitions = {0}, int version = 3) {
    return errors(id, who, topic, partitions, version, false).at(0);
  }
  std::vector<Errc> verify(const std::string& id, Producer who, const std::string& topic = "t",
                           const std::vector<int>& partitions = {0}) {
    return errors(id, who, topic, partitions, 4, true);
  }
  protocol::EndTxnResponse end(const std::string& id, Producer who, bool commit, int version) {
    return *answer<protocol::EndTxnResponse>(begin_end(id, who, commit, version));
  }
  AskId begin_end(const std::string& id, Producer who, bool commit, int version) {
    protocol::EndTxnRequest request;
    request.transactional_id = id;
    request.producer_id = who.id;
    request.producer_epoch = who.epoch;
    request.committed = commit;
    return ask(ApiVersion{static_cast<std::int16_t>(version)},
               [&](const Ask& a, Step& out) { coordinator_->end(a, request, now(), out); });
  }

  // ---- administration ---------------------------------------------------------------------------
  std::vector<std::string> list(const protocol::ListTransactionsRequest& request = {}) {
    const auto filter = ListFilter::of(request);
    CHECK_OK(filter);
    const AskId id = ask(ApiVersion{2}, [&](const Ask& a, Step& out) {
      coordinator_->list(a, *filter, now(), out);
    });
    const auto all = answer<std::vector<protocol::ListTransactionsResponse::TransactionState>>(id);
    std::vector<std::string> ids;
    for (const auto& listed : *all) ids.push_back(listed.transactional_id);
    return ids;
  }
  protocol::DescribeTransactionsResponse::TransactionState describe(const std::string& id) {
    const AskId a = ask(ApiVersion{0}, [&](const Ask& asker, Step& out) {
      coordinator_->describe(asker, {id}, out);
    });
    return answer<std::vector<protocol::DescribeTransactionsResponse::TransactionState>>(a)->at(0);
  }
  std::string state(const std::string& id) { return describe(id).transaction_state; }

  // ---- markers ----------------------------------------------------------------------------------
  // They are written, and orders kept: report() says what came of them.
  bool hold_markers = false;
  std::vector<WriteMarkers> orders;  // all that there were
  // Of the order that came last; `error` of all its targets.
  void report(Errc error = Errc::none) {
    const WriteMarkers& order = orders.back();
    MarkersWritten written{
        .transactional_id = order.transactional_id, .producer = order.producer, .results = {}};
    for (const MarkerTarget& target : order.targets) written.results.push_back({target, error});
    report(written);
  }
  void report(const MarkersWritten& written) {
    Step step;
    coordinator_->markers_written(written, now(), step);
    execute(std::move(step));
  }

  // ---- producer ids -----------------------------------------------------------------------------
  bool hold_ids = false;
  int asked_for_ids = 0;
  void grant(Result<ProducerId> id) {
    Step step;
    coordinator_->producer_id(id, now(), step);
    execute(std::move(step));
  }
  ProducerId next_id() { return ProducerId{next_id_++}; }

  // The entries that were written since this was called before.
  std::vector<TransactionEntry> take_entries() {
    std::vector<TransactionEntry> entries;
    for (; read_ < log_.size(); ++read_) {
      const auto entry = read_record(log_[read_]);
      CHECK_OK(entry);
      entries.push_back(entry->value());
    }
    return entries;
  }
  [[nodiscard]] const std::vector<coordinator::Record>& log() const { return log_; }

 private:
  void load(bool late = false) {
    coordinator_ = std::make_unique<Coordinator>(settings_);
    for (std::size_t i = 0; i < log_.size(); ++i) replay(i);
    show();
    if (late) coordinator_->need_image(image_.provenance.last_contained_offset.next());
    Step step;
    coordinator_->loaded(now(), step);
    execute(std::move(step));
  }
  void append(coordinator::Record record) {
    log_.push_back(std::move(record));
    replay(log_.size() - 1);
  }
  void replay(std::size_t index) {
    CHECK_OK(coordinator_->replay(Offset{static_cast<std::int64_t>(index)}, log_[index], {}));
  }
  Ask ask_of(AskId id, ApiVersion version) override {
    return {
        .id = id, .version = version, .metadata = image_.provenance.last_contained_offset + ahead};
  }
  void execute(Step step) override {
    for (coordinator::Batch& batch : step.batches) {
      for (coordinator::Record& record : batch.records) append(std::move(record));
    }
    keep_answers(step);
    for (Effect& effect : step.effects) perform(std::move(effect));
  }
  void perform(Effect effect) {
    if (auto* order = std::get_if<WriteMarkers>(&effect)) {
      orders.push_back(std::move(*order));
      if (!hold_markers) report();
      return;
    }
    ++asked_for_ids;
    if (!hold_ids) grant(next_id());
  }
  std::vector<Errc> errors(const std::string& id, Producer who, const std::string& topic,
                           const std::vector<int>& partitions, int version, bool verify_only) {
    protocol::AddPartitionsToTxnRequest::AddPartitionsToTxnTransaction request;
    request.transactional_id = id;
    request.producer_id = who.id;
    request.producer_epoch = who.epoch;
    request.verify_only = verify_only;
    auto& added = request.topics.emplace_back();
    added.name = topic;
    for (const int partition : partitions) added.partitions.emplace_back(partition);
    const AskId a =
        ask(ApiVersion{static_cast<std::int16_t>(version)}, [&](const Ask& asker, Step& out) {
          coordinator_->add_partitions(asker, request, now(), out);
        });
    const auto result = answer<protocol::AddPartitionsToTxnResponse::AddPartitionsToTxnResult>(a);
    std::vector<Errc> all;
    for (const auto& one : result->topic_results.at(0).results_by_partition) {
      all.push_back(one.partition_error_code);
    }
    return all;
  }

  Settings settings_;
  metadata::Image image_;
  std::unique_ptr<Coordinator> coordinator_;
  std::vector<coordinator::Record> log_;
  std::size_t read_ = 0;
  std::int64_t next_id_ = 100;
  std::uint64_t topics_ = 0;
};

}  // namespace moldau::txn::test
