#include "harness/log_life.h"

#include <gtest/gtest.h>

#include "sim/world.h"

namespace moldau::harness {
namespace {

class LogLifeTest : public testing::Test {
 protected:
  LogLifeTest() {
    auto subject = std::make_unique<LogSubject>();
    subject->topic = "t";
    subject->topic_id = Uuid(1, 1);
    auto config = std::make_shared<log::LogConfig>();
    config->flush_messages = 1;
    subject->config = std::move(config);
    subjects_.push_back(std::move(subject));
  }
  void begin() {
    life_ = std::make_unique<LogLife>(host_.boot().env(0), host_.volume(), subjects_, verdict_, 5);
    life_->start();
  }
  void end(Ending how) {
    if (how == Ending::power_cut) {
      host_.cut_power(sim::PowerCut::lose_all());
    } else {
      host_.kill();
    }
    subjects_[0]->model.ended(how);
    life_->abandon();
    ASSERT_TRUE(host_.unwind());
    life_.reset();
    host_.bury();
  }
  sim::World world_{17};
  sim::Host& host_ = world_.add_host({.name = "node"});
  std::vector<std::unique_ptr<LogSubject>> subjects_;
  Verdict verdict_;
  std::unique_ptr<LogLife> life_;
};

TEST_F(LogLifeTest, ALifeWritesAndTheNextOneFindsIt) {
  begin();
  (void)world_.run_until([] { return false; }, 1000);
  const Offset durable = subjects_[0]->model.durable_end();
  EXPECT_GT(durable, Offset{0});
  end(Ending::power_cut);
  begin();
  (void)world_.run_until([] { return false; }, 300);
  EXPECT_FALSE(verdict_.failed()) << verdict_.text();
  end(Ending::killed);
}

TEST_F(LogLifeTest, ACleanStopIsNoticed) {
  begin();
  (void)world_.run_until([] { return false; }, 300);
  life_->stop_cleanly();
  EXPECT_TRUE(world_.run_until([&] { return life_->at_rest(); }, 100'000));
  EXPECT_TRUE(life_->closed_cleanly());
  end(Ending::clean);
}

TEST_F(LogLifeTest, AnOracleThatKnowsMoreThanTheLogFails) {
  begin();
  (void)world_.run_until([] { return false; }, 300);
  end(Ending::killed);
  // As if an acknowledged batch had been lost.
  subjects_[0]->model.appended(subjects_[0]->model.will_append({.base = Offset{0}, .count = 1}),
                               true);
  begin();
  (void)world_.run_until([&] { return verdict_.failed(); }, 3000);
  EXPECT_TRUE(verdict_.failed());
  end(Ending::killed);
}

}  // namespace
}  // namespace moldau::harness
