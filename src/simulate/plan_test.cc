#include "simulate/plan.h"

#include <gtest/gtest.h>

#include "simulate/catalogue.h"

namespace lvp::simulate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The share of 10,000 viewers that has arrived by each moment.
double arrived_by(Curve curve, double moment) {
  constexpr std::uint32_t viewers = 10'000;
  std::uint32_t arrived = 0;
  for (std::uint32_t n = 0; n < viewers; ++n) arrived += arrival(curve, n, viewers) <= moment;
  return static_cast<double>(arrived) / viewers;
}

TEST(Curve, HasItsShape) {
  const struct {
    Curve curve;
    double moment;
    double least, most;  // share that has arrived
  } rows[] = {
      {Curve::flat, 0.45, 0.499, 0.501},    // half of the arrivals in half of their time
      {Curve::flat, 0.9, 1, 1},             //
      {Curve::kickoff, 0.2, 0, 0.01},       // nobody is early
      {Curve::kickoff, 0.28, 0.24, 0.26},   // half of all come within 4 % of the run
      {Curve::kickoff, 0.32, 0.74, 0.76},   //
      {Curve::kickoff, 0.9, 1, 1},          //
      {Curve::evening, 0.3, 0.16, 0.17},    // the triangle before the peak: (0.3 / 0.6)² of 2/3
      {Curve::evening, 0.6, 0.666, 0.667},  //
      {Curve::evening, 0.9, 1, 1},          //
  };
  for (const auto& row : rows) {
    const double share = arrived_by(row.curve, row.moment);
    EXPECT_GE(share, row.least) << static_cast<int>(row.curve) << " at " << row.moment;
    EXPECT_LE(share, row.most) << static_cast<int>(row.curve) << " at " << row.moment;
  }
}

TEST(Curve, BringsViewersOneAfterTheOther) {
  for (const Curve curve : {Curve::flat, Curve::kickoff, Curve::evening}) {
    for (const std::uint32_t viewers : {1u, 2u, 1000u}) {
      double last = 0;
      for (std::uint32_t n = 0; n < viewers; ++n) {
        const double at = arrival(curve, n, viewers);
        EXPECT_GE(at, last);
        EXPECT_LE(at, 0.9);
        last = at;
      }
    }
  }
}

TEST(Curve, FillsTheRamp) {
  const Plan standing{.viewers = 10, .duration = seconds(90), .ramp = seconds(30)};
  EXPECT_EQ(arrival_of(standing, 0), milliseconds(1350));   // 0.05 · 0.9 of it
  EXPECT_EQ(arrival_of(standing, 9), milliseconds(25650));  // 0.95 · 0.9
  const Plan growing{.viewers = 10, .duration = seconds(90)};
  EXPECT_EQ(arrival_of(growing, 9), milliseconds(76950));
}

TEST(Curve, HasAName) {
  EXPECT_EQ(parse_curve("kickoff"), Curve::kickoff);
  EXPECT_EQ(parse_curve("morning"), std::nullopt);
}

// The n-th content is chosen 1/n as often as the first.
TEST(Catalogue, FollowsZipf) {
  const Catalogue catalogue(7, 100);
  Random random(1);
  std::vector<int> chosen(100);
  for (int i = 0; i < 200'000; ++i) {
    const Content& content = catalogue.choose(random);
    ++chosen[static_cast<std::size_t>(&content - catalogue.contents().data())];
  }
  for (const std::size_t n : {2u, 4u, 10u, 50u}) {
    const double ratio = static_cast<double>(chosen[0]) / chosen[n - 1];
    EXPECT_NEAR(ratio / static_cast<double>(n), 1, 0.12) << n;
  }
}

TEST(Catalogue, HasWhatIsLiveAndWhatEnds) {
  const Catalogue catalogue(7, 200);
  int live = 0;
  for (const Content& content : catalogue.contents()) live += content.live();
  EXPECT_GT(live, 0);
  EXPECT_LT(live, 100);
}

}  // namespace
}  // namespace lvp::simulate
