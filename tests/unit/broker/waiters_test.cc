#include "broker/waiters.h"

#include <gtest/gtest.h>

#include <vector>

namespace moldau::broker {
namespace {

class Recorder final : public Waiter {
 public:
  void released(replica::WaiterId /*id*/, Errc error) override { told.push_back(error); }
  std::vector<Errc> told;
};

TEST(Waiters, ReleasedWaiterIsToldOnce) {
  Waiters waiters;
  Recorder recorder;
  const replica::WaiterId id = waiters.add(recorder);
  replica::Outputs out;
  out.acknowledged.push_back({id, Errc::not_leader_or_follower});
  waiters.release(out);
  waiters.release(out);
  EXPECT_EQ(recorder.told, std::vector{Errc::not_leader_or_follower});
  EXPECT_EQ(waiters.count(), 0U);
}

TEST(Waiters, RemovedWaiterIsNotTold) {
  Waiters waiters;
  Recorder recorder;
  const replica::WaiterId id = waiters.add(recorder);
  waiters.remove(id);
  replica::Outputs out;
  out.readable.push_back(id);
  waiters.release(out);
  EXPECT_TRUE(recorder.told.empty());
}

}  // namespace
}  // namespace moldau::broker
