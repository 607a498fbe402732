#include "profile/codec.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "profile/notation.h"

namespace lvp::profile {
namespace {

// A device that has something of everything.
Device rich_device() {
  Device device;
  std::vector<MediaEvent> events = notation::read(
      "A:0 ready@0p dur=600 rate=1.5 P=10 ptype=html5; A:1 play@0; A:10 seek_start@12; A:11 "
      "seek_end@100; "
      "A:20 ad_break_start@115 br=b1 bt=nonlinear; A:21 ad_start@116 br=b1 bt=nonlinear ad=a1 "
      "addur=5; "
      "A:26 ad_complete@120 br=b1 bt=nonlinear ad=a1; A:27 ad_start@121 br=b1 bt=nonlinear ad=a2; "
      "A:30 buffer_start@130; A:33 error@130; "
      "B:40 play@0 live; B:800 playback_rate_change@10 rate=2; B:801 pause@11p; A:802 "
      "seek_start@140");
  for (MediaEvent& e : events) {
    e.app_id = "shop";
    e.useragent = "Mozilla/5.0 \xC3\xA9";
    e.client_session = ClientSession{"c1", 2, std::nullopt};
    e.player->muted = false;
    e.player->volume = 40;
    e.player->label = "Bugs Bunny";
    e.error_code = "404";
    e.new_quality = "720p";
    apply(device, e, e.collected);
  }
  return device;
}

TEST(Codec, ReadsBackWhatItWrote) {
  const Device device = rich_device();
  ASSERT_FALSE(device.windows[0].checkpoint.ads.empty() && device.windows[0].events.empty());
  const auto decoded = decode_device(encode(device));
  ASSERT_TRUE(decoded) << decoded.error().what;
  EXPECT_EQ(*decoded, device);
  const auto profile = decode_profile(encode(device.profile));
  ASSERT_TRUE(profile) << profile.error().what;
  EXPECT_EQ(*profile, device.profile);
}

TEST(Codec, ReadsBackADeviceWithNothing) {
  const auto decoded = decode_device(encode(Device()));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, Device());
}

TEST(Codec, ReadsBackExtremeNumbers) {
  Device device;
  device.profile.version = UINT64_MAX;
  device.profile.clock_offset = Duration(-1);
  device.profile.last_arrival = from_ms(INT64_MIN);
  device.posts = {{from_ms(INT64_MAX), from_ms(-1)}};
  device.seen = {{from_ms(-1), 0x80, 0}};
  const auto decoded = decode_device(encode(device));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, device);
}

// version size device(1) version(1) clock_offset(1) …
TEST(Codec, HasTheDocumentedBytes) {
  Profile profile;
  profile.device = "d";
  profile.version = 300;
  profile.clock_offset = Duration(-1);
  const std::string bytes = encode(profile);
  EXPECT_EQ(bytes.substr(0, 10), std::string("\x01\x13\0\0\0\x01"
                                             "d\xac\x02\x01",
                                             10));
  EXPECT_EQ(bytes.size(), 5u + 19u);
}

TEST(Codec, SkipsFieldsItDoesNotKnowAndDefaultsMissingOnes) {
  Profile profile;
  profile.device = "d";
  profile.foreign = 7;
  std::string newer = encode(profile);
  newer += "more";
  newer[1] = static_cast<char>(newer[1] + 4);
  const auto decoded = decode_profile(newer);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, profile);

  constexpr std::size_t history_bytes = 6;  // the last field: a size and two empty lists
  std::string older = encode(profile);
  older.resize(older.size() - history_bytes);
  older[1] = static_cast<char>(older[1] - history_bytes);
  const auto without = decode_profile(older);
  ASSERT_TRUE(without);
  EXPECT_EQ(*without, profile);
}

TEST(Codec, RefusesEveryTruncation) {
  const Device device = rich_device();
  const std::string device_bytes = encode(device);
  for (std::size_t size = 0; size < device_bytes.size(); ++size) {
    const auto decoded = decode_device(std::string_view(device_bytes).substr(0, size));
    ASSERT_FALSE(decoded) << size;
    ASSERT_EQ(decoded.error().code, Error::Code::corrupt);
  }
  const std::string bytes = encode(device.profile);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(decode_profile(std::string_view(bytes).substr(0, size))) << size;
  }
}

TEST(Codec, RefusesWhatIsNoRecord) {
  Profile profile;
  profile.plays.resize(1);
  profile.plays[0].session.any = true;  // events, but no run that they belong to
  EXPECT_FALSE(decode_profile(encode(profile)));
  Device device;
  device.windows.resize(1);  // of no play
  EXPECT_FALSE(decode_device(encode(device)));
  EXPECT_FALSE(decode_profile(encode(Profile()) + "x"));
  std::string future = encode(Profile());
  future[0] = 2;
  EXPECT_FALSE(decode_profile(future));
}

TEST(Codec, SurvivesNoise) {
  std::mt19937 random(7);
  const std::string good = encode(rich_device());
  std::size_t refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = good;
    for (int flips = 0; flips < 4; ++flips)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    auto device = decode_device(bytes);
    refused += !device;
    if (device) encode(*device);
  }
  EXPECT_GT(refused, 0u);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes(random() % 300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (!bytes.empty()) bytes[0] = 1;
    const auto decoded = decode_device(bytes);
    if (!decoded) {
      EXPECT_EQ(decoded.error().code, Error::Code::corrupt);
    }
  }
}

}  // namespace
}  // namespace lvp::profile
