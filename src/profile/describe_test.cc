#include "profile/describe.h"

#include <gtest/gtest.h>

#include <string>

#include "profile/device.h"
#include "profile/notation.h"
#include "wire/json.h"

namespace lvp::profile {
namespace {

class DescribeTest : public testing::Test {
 protected:
  json::Value describe(std::string_view events, double second) {
    Device device;
    for (const MediaEvent& e : notation::read(events)) apply(device, e, e.collected);
    expire(device, notation::at(second));
    text_ = profile::describe(device.profile, notation::at(second));
    const auto root = parser_.parse(text_);
    EXPECT_TRUE(root) << text_;
    return *root;
  }

  static json::Value element(const json::Value& array, std::size_t index) {
    for (const json::Value value : array.elements()) {
      if (index-- == 0) return value;
    }
    return {};
  }

  std::string text_;
  json::Parser parser_;
};

TEST_F(DescribeTest, TellsWhatTheSessionDoesNow) {
  const json::Value root = describe("0 play@0 dur=600; 30 ping@30", 40);
  EXPECT_EQ(root["device"].string(), "viewer");
  EXPECT_EQ(root["version"].integer(), 2);
  const json::Value play = element(root["plays"], 0);
  EXPECT_EQ(play["play"].string(), "S");
  EXPECT_EQ(play["state"].string(), "PLAYING");
  EXPECT_EQ(play["since"].string(), "2024-11-16T13:33:23.000Z");
  EXPECT_EQ(play["position_s"].number(), 40);
  EXPECT_EQ(play["duration_s"].number(), 600);
  EXPECT_EQ(play["startup_s"].number(), 0);
  EXPECT_EQ(play["ad"].type(), json::Type::null);
  EXPECT_EQ(play["muted"].type(), json::Type::null);
  EXPECT_EQ(play["figures"]["engine"]["play_s"].number(), 30);
  EXPECT_EQ(json::print(play["figures"]["engine"]["watched"]), "[[0,30]]");
  EXPECT_EQ(play["figures"]["tracker"]["play_s"].number(), 0);
  EXPECT_EQ(
      json::print(play["timeline"]),
      R"([{"state":"PLAYING","at":"2024-11-16T13:33:23.000Z","event_name":"play_event","event_id":"0 play@0 dur=600"}])");
}

TEST_F(DescribeTest, AViewerWhoLeftIsWhereTheyWereLastSeen) {
  const json::Value play = element(describe("0 play@0 dur=600; 30 ping@30", 1000)["plays"], 0);
  EXPECT_EQ(play["state"].string(), "LEFT");
  EXPECT_EQ(play["since"].string(), "2024-11-16T13:35:38.000Z");
  EXPECT_EQ(play["position_s"].number(), 30);
}

TEST_F(DescribeTest, TellsOfAds) {
  const json::Value play =
      element(describe("0 play@0; 30 ad_break_start@30 br=b1; 30 ad_start@30 br=b1 ad=a1 addur=10; "
                       "40 ad_complete@30p br=b1 ad=a1; 41 ad_start@30p br=b1 ad=a2",
                       42)["plays"],
              0);
  EXPECT_EQ(play["ad_break"]["break"].string(), "b1");
  EXPECT_EQ(play["ad_break"]["type"].string(), "linear");
  EXPECT_EQ(play["ad"]["ad"].string(), "a2");
  EXPECT_EQ(play["ad"]["outcome"].string(), "open");
  EXPECT_EQ(play["ads"].size(), 1u);
  const json::Value ad = element(play["ads"], 0);
  EXPECT_EQ(ad["ad"].string(), "a1");
  EXPECT_EQ(ad["outcome"].string(), "complete");
  EXPECT_EQ(ad["quartile"].integer(), 100);
  EXPECT_EQ(ad["played_s"].number(), 10);
  EXPECT_EQ(play["figures"]["engine"]["impressions"].integer(), 2);
}

TEST_F(DescribeTest, TimesAreWallTimes) {
  Device device;
  MediaEvent play = notation::read("10800 play@0")[0];
  play.collected = notation::at(0.1);
  apply(device, play, notation::at(0.1));
  const std::string text = profile::describe(device.profile, notation::at(5.1));
  const auto root = parser_.parse(text);
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)["clock_offset_ms"].integer(), 100 - 3 * 3600 * 1000);
  const json::Value first = element((*root)["plays"], 0);
  EXPECT_EQ(first["since"].string(), "2024-11-16T13:33:23.100Z");
  EXPECT_EQ(first["position_s"].number(), 5);
}

}  // namespace
}  // namespace lvp::profile
