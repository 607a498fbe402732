#include "base/unit_of_work.h"

#include <gtest/gtest.h>

#include <string>

namespace lvp {
namespace {

class Recorded final : public UnitOfWork {
 public:
  explicit Recorded(std::string& steps) : steps_(steps) {}

 protected:
  Status write() override {
    steps_ += "write ";
    return {};
  }

 private:
  std::string& steps_;
};

TEST(UnitOfWork, PublishesThenWritesThenCommitsPositions) {
  std::string steps;
  Recorded work(steps);
  work.after([&] { steps += "after "; });
  work.before([&]() -> Status {
    steps += "before ";
    return {};
  });
  ASSERT_TRUE(work.commit());
  EXPECT_EQ(steps, "before write after ");
}

TEST(UnitOfWork, AFailureBeforeTheWriteLeavesEverythingUndone) {
  std::string steps;
  Recorded work(steps);
  work.before([]() -> Status { return unavailable("broker away"); });
  work.after([&] { steps += "after "; });
  const Status status = work.commit();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().what, "broker away");
  EXPECT_EQ(steps, "");
}

}  // namespace
}  // namespace lvp
