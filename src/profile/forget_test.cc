#include "profile/forget.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "profile/codec.h"
#include "profile/notation.h"

namespace lvp::profile {
namespace {

Device device_of(std::string_view events) {
  Device device;
  for (MediaEvent& event : notation::read(events)) {
    event.event_id = "e" + std::to_string(event.fingerprint);  // it names the viewer, else
    apply(device, event, event.collected);
  }
  return device;
}

bool mentions(const Device& device, std::string_view text) {
  return encode(device).find(text) != std::string::npos;
}

TEST(Forget, TheViewersPlaysAreGoneAndThoseOfOthersStay) {
  Device device = device_of(
      "A:0 play@0 user=alice; B:1 play@0 user=bob; A:10 ping@10; B:11 ping@10; B:12 pause@11p");
  const Play bobs = device.profile.plays[1];
  const Forgotten forgotten = forget(device, "alice");
  EXPECT_EQ(forgotten.plays, 1u);
  EXPECT_FALSE(forgotten.nothing_left);
  ASSERT_EQ(device.profile.plays.size(), 1u);
  EXPECT_EQ(device.profile.plays[0], bobs);
  EXPECT_EQ(device.windows.size(), 1u);
  EXPECT_EQ(device.profile.version, 6u);
  EXPECT_FALSE(mentions(device, "alice"));
}

TEST(Forget, NothingIsLeftOfADeviceWithOneViewer) {
  Device device = device_of("0 play@0 user=alice; 10 ping@10");
  EXPECT_TRUE(forget(device, "alice").nothing_left);
  EXPECT_TRUE(device.profile.plays.empty());
}

TEST(Forget, APlayThatChangedHandsForgetsWhoHadItBefore) {
  Device device = device_of("0 play@0 user=d1; 10 ping@10; 20 ping@20 user=u1; 30 ping@30");
  const Session before = device.profile.plays[0].session;
  const Forgotten forgotten = forget(device, "d1");
  EXPECT_EQ(forgotten.plays, 0u);
  EXPECT_EQ(device.profile.plays[0].session.viewer, "u1");
  EXPECT_FALSE(mentions(device, "d1"));

  // It stays forgotten when the window is folded again.
  const MediaEvent late = notation::read("15 ping@15 user=u1 !31")[0];
  apply(device, late, late.collected);
  EXPECT_EQ(device.profile.plays[0].session.viewer, "u1");
  EXPECT_EQ(device.profile.plays[0].session.play_time, before.play_time);
  EXPECT_FALSE(mentions(device, "d1"));
}

TEST(Forget, AStrangerIsNotForgotten) {
  Device device = device_of("0 play@0 user=alice");
  const Device before = device;
  const Forgotten forgotten = forget(device, "bob");
  EXPECT_EQ(forgotten.plays, 0u);
  EXPECT_EQ(device, before);
}

TEST(Forget, SumsOfThePastAreGone) {
  Device device = device_of("A:0 play@0 dur=10 user=alice; A:10 end@10e; B:400000 play@0 user=bob");
  ASSERT_FALSE(device.profile.history.days.empty());
  forget(device, "alice");
  EXPECT_EQ(device.profile.history, History());
}

}  // namespace
}  // namespace lvp::profile
