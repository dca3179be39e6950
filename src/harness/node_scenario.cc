#include "harness/node_scenario.h"

#include <fmt/core.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/broker_program.h"
#include "harness/cluster_client.h"
#include "harness/cluster_run.h"
#include "harness/committed_reader.h"
#include "harness/group_changes.h"
#include "harness/group_member.h"
#include "harness/nemesis.h"
#include "harness/planted_bugs.h"
#include "harness/topic_plans.h"
#include "harness/transaction_load.h"
#include "harness/workload.h"
#include "sim/world.h"

namespace moldau::harness {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration k_heal_patience = seconds(90);
// A node that stops writes several files for each log, and each call may stall.
constexpr Duration k_stop_patience = seconds(15);
constexpr Duration k_stalled_stop_patience = seconds(300);

enum class Load : std::uint8_t { records, groups, group_changes };

class NodeRun {
 public:
  NodeRun(const RunOptions& options, Load load);
  RunResult run();

 private:
  void plan_topics();
  void plan_transactions();
  void plan_groups();
  void start_clients();
  void start_transactions();
  void start_members();
  void start_readers_of_output(GroupPlan& group);
  ClusterClient& add_client(std::size_t machine);
  void stop_clients();
  void boot();
  // The broker's life ends as `die` says; its program unwinds and goes.
  void end_life();
  void bury_program();
  void live(std::uint64_t events);
  void hurt();
  void heal();
  void stop_cleanly();
  void after_event();
  void check_liveness();
  void check_outcome();
  [[nodiscard]] bool over() const {
    return verdict_.failed() || world_.events() >= options_.events_max;
  }
  [[nodiscard]] bool disk_was_hurt() {
    return broker_.volume().faults().suffered() > faults_before_;
  }
  bool run_until(Duration time, std::move_only_function<bool()> done);

  RunOptions options_;
  Load load_;
  sim::World world_;
  Rng rng_;
  Verdict verdict_;
  TraceSink sink_;
  ClusterRun run_;
  sim::Host& broker_;
  Nemesis nemesis_;
  std::vector<std::string> overrides_;
  std::unique_ptr<BrokerProgram> program_;
  std::uint64_t faults_before_ = 0;
  bool stopping_broker_ = false;
  std::unique_ptr<sim::DiskFilter> bug_;
  std::vector<sim::Host*> client_hosts_;
  std::vector<std::unique_ptr<ClusterClient>> clients_;
  std::vector<std::unique_ptr<env::TaskGroup>> client_tasks_;
};

NodeRun::NodeRun(const RunOptions& options, Load load)
    : options_(options),
      load_(load),
      world_(options.seed),
      rng_(world_.rng().fork()),
      verdict_(options.trace, [this] { return world_.now(); }),
      sink_([this](std::string line) { verdict_.note("{}", line); }),
      run_{.world = world_, .verdict = verdict_},
      broker_(world_.add_host(
          {.name = "broker", .shards = static_cast<std::int32_t>(1 + rng_.below(2)), .disk = {}})),
      nemesis_(world_, broker_, {"client0", "client1"}, world_.rng().fork(), verdict_) {
  world_.set_after_event([this] { after_event(); });
  if (const PlantedBug* bug = find_planted_bug(options.planted_bug)) {
    if (bug->plant != nullptr) bug_ = bug->plant();
    broker_.volume().set_filter(bug_.get());
    run_.wire_bug = bug->on_the_wire;
  }
  overrides_ = {
      "auto.create.topics.enable=false",
      fmt::format("replica.high.watermark.checkpoint.interval.ms={}",
                  20 + rng_.below(rng_.one_in(2) ? 200 : 2000)),
      fmt::format("metadata.log.max.record.bytes.between.snapshots={}", 1000 + rng_.below(20'000)),
      "transaction.abort.timed.out.transaction.cleanup.interval.ms=500",
      "group.min.session.timeout.ms=100",
      fmt::format("group.initial.rebalance.delay.ms={}", rng_.below(500)),
      "group.consumer.min.session.timeout.ms=100",
      "group.consumer.session.timeout.ms=2000",
      "group.consumer.min.heartbeat.interval.ms=100",
      "group.consumer.heartbeat.interval.ms=300"};
}

void NodeRun::plan_topics() {
  const std::uint64_t count = 2 + rng_.below(2);
  for (std::uint64_t i = 0; i < count; ++i) {
    auto plan = std::make_unique<TopicPlan>();
    plan->name = fmt::format("topic{}", i);
    plan->synced = i == 0 || rng_.one_in(2);
    plan->comes_and_goes = rng_.one_in(3);
    if (plan->synced) plan->configs.emplace_back("flush.messages", "1");
    if (rng_.one_in(2)) {
      plan->configs.emplace_back("segment.ms",
                                 std::to_string(50 + rng_.below(rng_.one_in(2) ? 200 : 2000)));
    }
    const std::uint64_t partitions = 1 + rng_.below(2);
    for (std::uint64_t p = 0; p < partitions; ++p) {
      plan->partitions.push_back(
          std::make_unique<PartitionOracle>(fmt::format("{}-{}", plan->name, p), plan->synced));
    }
    run_.topics.push_back(std::move(plan));
  }
}

// Every second run has them. All that is answered in them waits for the disk, so that no crash may
// take a part.
void NodeRun::plan_transactions() {
  if (rng_.one_in(2)) return;
  run_.coordinators.push_back(synced_topic("__transaction_state", 1 + rng_.below(2)));
  run_.transactional.push_back(synced_topic("transactional", 2));
}

void NodeRun::plan_groups() {
  run_.coordinators.push_back(synced_topic("__consumer_offsets", 1 + rng_.below(2)));
  if (rng_.one_in(2)) {
    run_.coordinators.back()->configs.emplace_back("segment.ms", std::to_string(200));
  }
  run_.topics.push_back(synced_topic("input", 1 + rng_.below(4)));
  run_.topics.push_back(synced_topic("more", 1 + rng_.below(2)));
  const std::uint64_t groups = 1 + rng_.below(2);
  for (std::uint64_t i = 0; i < groups; ++i) {
    auto group = std::make_unique<GroupPlan>();
    group->id = fmt::format("group{}", i);
    group->topics.push_back(run_.topics[0].get());
    if (rng_.one_in(2)) group->topics.push_back(run_.topics[1].get());
    if (rng_.one_in(2)) {
      run_.outputs.push_back(synced_topic("output-of-" + group->id, 1 + rng_.below(2)));
      group->output = run_.outputs.back().get();
    }
    run_.groups.push_back(std::move(group));
  }
  if (run_.outputs.empty()) return;
  run_.coordinators.push_back(synced_topic("__transaction_state", 1 + rng_.below(2)));
}

void NodeRun::start_members() {
  std::uint32_t number = 0;
  for (const auto& group : run_.groups) {
    if (load_ == Load::group_changes) {
      for (MemberPlan& plan : plan_changing_members(*group, MemberNumber{1}, rng_)) {
        const std::size_t at = rng_.below(2);
        client_tasks_[at]->spawn(run_member(run_, add_client(at), std::move(plan)));
      }
      start_readers_of_output(*group);
      continue;
    }
    const auto protocol = static_cast<GroupProtocol>(rng_.below(3));
    const std::uint64_t members = 1 + rng_.below(4);
    for (std::uint64_t i = 0; i < members; ++i) {
      MemberPlan plan{.group = group.get(), .number = MemberNumber{++number}};
      plan.protocol = protocol;
      if (protocol != GroupProtocol::consumer) {
        plan.session = Milliseconds{1000 + rng_.below(2000)};
      }
      if (rng_.one_in(3)) plan.instance_id = fmt::format("instance{}", number);
      const std::size_t at = rng_.below(2);
      client_tasks_[at]->spawn(run_member(run_, add_client(at), std::move(plan)));
    }
    start_readers_of_output(*group);
  }
}

void NodeRun::start_readers_of_output(GroupPlan& group) {
  for (std::size_t p = 0; group.output != nullptr && p < group.output->partitions.size(); ++p) {
    const std::size_t at = rng_.below(2);
    ++run_.readers;
    client_tasks_[at]->spawn(run_committed_reader(run_, add_client(at), *group.output,
                                                  PartitionIndex{static_cast<std::int32_t>(p)},
                                                  shown_of(group.transformed)));
  }
}

ClusterClient& NodeRun::add_client(std::size_t machine) {
  clients_.push_back(std::make_unique<ClusterClient>(
      client_hosts_[machine]->current().env(0),
      env::Endpoint{.host = "broker", .port = k_broker_port}, rng_.next()));
  return *clients_.back();
}

void NodeRun::start_transactions() {
  for (const auto& topic : run_.transactional) {
    const std::uint64_t producers = 1 + rng_.below(2);
    for (std::uint64_t i = 0; i < producers; ++i) {
      const std::size_t at = rng_.below(2);
      ++run_.producers;
      client_tasks_[at]->spawn(run_transactions(run_, add_client(at),
                                                {.topic = topic.get(),
                                                 .id = fmt::format("transactional-{}", i),
                                                 .modern = rng_.one_in(2),
                                                 .timeout = Milliseconds{500 + rng_.below(3000)}}));
    }
    for (std::size_t p = 0; p < topic->partitions.size(); ++p) {
      const std::size_t at = rng_.below(2);
      ++run_.readers;
      client_tasks_[at]->spawn(run_committed_reader(run_, add_client(at), *topic,
                                                    PartitionIndex{static_cast<std::int32_t>(p)},
                                                    shown_of(run_.transactions)));
    }
  }
}

void NodeRun::start_clients() {
  for (int i = 0; i < 2; ++i) {
    client_hosts_.push_back(&world_.add_host({.name = fmt::format("client{}", i), .disk = {}}));
    sim::Boot& boot = client_hosts_.back()->boot();
    client_tasks_.push_back(std::make_unique<env::TaskGroup>(boot.env(0).scheduler));
  }
  client_tasks_[0]->spawn(run_admin(run_, add_client(0)));
  start_transactions();
  start_members();
  for (const auto& topic : run_.topics) {
    for (std::size_t p = 0; p < topic->partitions.size(); ++p) {
      const PartitionIndex partition{static_cast<std::int32_t>(p)};
      const std::uint64_t writers = load_ != Load::records ? 1 : 1 + rng_.below(2);
      for (std::uint64_t w = 0; w < writers; ++w) {
        const std::size_t at = rng_.below(2);
        ++run_.producers;
        client_tasks_[at]->spawn(run_producer(
            run_, add_client(at),
            {.topic = topic.get(), .partition = partition, .idempotent = !rng_.one_in(3)}));
      }
      const std::size_t at = rng_.below(2);
      ++run_.readers;
      client_tasks_[at]->spawn(run_reader(run_, add_client(at), *topic, partition));
    }
  }
}

void NodeRun::stop_clients() {
  run_.stopping = true;
  run_.members_stopping = true;
  for (sim::Host* host : client_hosts_) host->kill();
  for (std::size_t i = 0; i < client_hosts_.size(); ++i) {
    if (client_hosts_[i]->unwind() && client_tasks_[i]->running() == 0) continue;
    verdict_.fail("the clients do not come to rest");
    // What still runs may touch all of this: it is left as it is.
    (void)client_tasks_[i].release();
    for (auto& client : clients_) (void)client.release();
    client_hosts_[i]->abandon();
  }
  client_tasks_.clear();
  clients_.clear();
}

void NodeRun::boot() {
  verdict_.note("--- boot at event {}", world_.events());
  stopping_broker_ = false;
  faults_before_ = broker_.volume().faults().suffered();
  program_ = std::make_unique<BrokerProgram>(broker_.boot(), sink_, overrides_);
}

void NodeRun::after_event() {
  if (!program_ || !program_->failure() || disk_was_hurt() || !broker_.running()) return;
  verdict_.fail("the node failed on a healthy disk: " + program_->failure()->describe());
}

bool NodeRun::run_until(Duration time, std::move_only_function<bool()> done) {
  const Instant end = world_.now() + time;
  (void)world_.run_until([&] { return over() || done() || world_.now() >= end; });
  return done();
}

void NodeRun::end_life() {
  const bool rested = program_->at_rest() && stopping_broker_;
  const bool clean = rested && !program_->failure();
  if (rng_.one_in(3)) {
    verdict_.note("--- killed at event {}", world_.events());
    broker_.kill();
    // After a sync that failed the next process may see what is on the platter.
    if (disk_was_hurt()) {
      for (const auto& topic : run_.topics) {
        for (const auto& partition : topic->partitions) partition->power_lost();
      }
    }
  } else {
    verdict_.note("--- power cut at event {}{}", world_.events(),
                  clean ? " after a clean stop" : "");
    broker_.cut_power(sim::PowerCut::any(world_.rng()));
    if (!clean) {
      for (const auto& topic : run_.topics) {
        for (const auto& partition : topic->partitions) partition->power_lost();
      }
    }
  }
  bury_program();
}

void NodeRun::bury_program() {
  program_->request_stop();
  if (broker_.unwind() && program_->at_rest()) {
    program_.reset();
    broker_.bury();
    return;
  }
  verdict_.fail("the node does not come to rest after its env has ended");
  (void)program_.release();
  broker_.abandon();
}

void NodeRun::hurt() {
  nemesis_.hurt();
  if (nemesis_.disk_stalls()) run_.metadata.disk_stalls();
}

void NodeRun::heal() {
  if (nemesis_.disk_stalls()) run_.metadata.disk_is_calm(world_.now());
  nemesis_.heal();
}

void NodeRun::live(std::uint64_t events) {
  (void)world_.run_until([&] { return over() || program_->at_rest(); }, events);
}

void NodeRun::stop_cleanly() {
  verdict_.note("--- clean stop");
  stopping_broker_ = true;
  program_->request_stop();
  const Duration patience = nemesis_.disk_stalls() ? k_stalled_stop_patience : k_stop_patience;
  const bool rested = run_until(patience, [&] { return program_->at_rest(); });
  if (!rested && !over() && !disk_was_hurt()) verdict_.fail("the node does not stop");
}

void NodeRun::check_liveness() {
  run_.healed = true;
  const bool alive = run_until(k_heal_patience, [&] {
    return run_.producers_alive == run_.producers && run_.readers_alive == run_.readers &&
           run_.admin_alive;
  });
  if (over()) return;
  if (!alive) {
    verdict_.fail(
        fmt::format("after healing {} of {} producers, {} of {} readers and {} of 1 admin get on",
                    run_.producers_alive, run_.producers, run_.readers_alive, run_.readers,
                    run_.admin_alive ? 1 : 0));
    return;
  }
  check_outcome();
}

void NodeRun::check_outcome() {
  run_.stopping = true;
  bool done = false;
  client_tasks_[0]->spawn(check_everything(run_, add_client(0), done));
  if (!run_until(k_heal_patience, [&] { return done; }) && !over()) {
    verdict_.fail("not everything can be read after healing");
  }
  if (over()) return;
  done = false;
  client_tasks_[0]->spawn(check_groups(run_, add_client(0), done));
  if (!run_until(k_heal_patience, [&] { return done; }) && !over()) {
    verdict_.fail(run_.lagging.empty() ? "the groups do not come to rest" : run_.lagging);
  }
  if (over()) return;
  done = false;
  client_tasks_[0]->spawn(check_transactions(run_, add_client(0), done));
  if (!run_until(k_heal_patience, [&] { return done; }) && !over()) {
    verdict_.fail("a transaction stays open after healing");
  }
}

RunResult NodeRun::run() {
  if (load_ == Load::records) {
    plan_topics();
    plan_transactions();
  } else if (load_ == Load::groups) {
    plan_groups();
  } else {
    plan_group_changes(run_, rng_, overrides_);
  }
  boot();
  start_clients();
  const std::uint64_t lives = 2 + rng_.below(4);
  for (std::uint64_t life = 0; life < lives && !over(); ++life) {
    // Some lives end while the node still starts.
    const std::uint64_t hurts = rng_.one_in(5) ? 0 : rng_.below(5);
    // Groups need time to come to an assignment.
    const std::uint64_t long_life = load_ == Load::records  ? 1200
                                    : load_ == Load::groups ? 6000
                                                            : 10'000;
    for (std::uint64_t i = 0; i < hurts && !over(); ++i) {
      live(rng_.below(long_life));
      if (!over()) hurt();
    }
    if (!over()) live(rng_.one_in(3) ? rng_.below(250) : rng_.below(long_life));
    if (!over() && rng_.one_in(4)) stop_cleanly();
    end_life();
    if (rng_.one_in(2)) heal();
    if (!over()) (void)run_until(milliseconds(rng_.below(1000)), [] { return false; });
    boot();
  }
  if (!over() && disk_was_hurt()) {
    heal();
    end_life();
    boot();
  }
  heal();
  if (!over()) check_liveness();
  if (!over()) {
    stop_cleanly();
    if (!over() && program_->failure()) verdict_.fail("a clean stop on a healthy disk failed");
  }
  stop_clients();
  broker_.kill();
  bury_program();
  if (world_.events() >= options_.events_max && !verdict_.failed()) {
    verdict_.note("the run ended at its limit of events");
  }
  return {.passed = !verdict_.failed(),
          .failure = verdict_.text(),
          .events = world_.events(),
          .hash = world_.hash().value()};
}

}  // namespace

RunResult run_node_scenario(const RunOptions& options) {
  return NodeRun(options, Load::records).run();
}
RunResult run_group_scenario(const RunOptions& options) {
  return NodeRun(options, Load::groups).run();
}
RunResult run_group_changes_scenario(const RunOptions& options) {
  return NodeRun(options, Load::group_changes).run();
}

}  // namespace moldau::harness
