#include "profile/codec.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <string>

#include "profile/archive.h"
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
  EXPECT_EQ(bytes.substr(0, 7), std::string("\x02\x10\x02"
                                            "d\xac\x02\x01",
                                            7));
  EXPECT_EQ(bytes.size(), 2u + 16u);
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

  constexpr std::size_t history_bytes = 3;  // the last field: a size and two empty lists
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
  future[0] = 4;
  EXPECT_FALSE(decode_profile(future));
}

// As the first version wrote it: "0 play@0.25 dur=600; 10 ad_start@10 ad=a1 br=b1; 12.5
// pause@12.123456p".
constexpr std::string_view device_of_version_1 =
    "01e60500000202000006766965776572030098c6eed2e66401cb010000015301f082edd2e664b401000001f082"
    "edd2e66498c6eed2e66401000000000000011c0000000261310000000000909feed2e66401909feed2e6640000"
    "0000000000016dfdf49f353f284098c6eed2e664000000000000f03f010000000000c082400000000000000000"
    "000000e0d4030676696577657203776562086a732d342e302e3100000001f082edd2e664000000000000d03f00"
    "01e6090100020000000000000000000002000000a09c0100000000012c00000000010000000000c08240f082ed"
    "d2e664150000000110000000000000000000d03f0000000000002440a09c0100023b00000002f082edd2e66430"
    "000000133020706c617940302e3235206475723d3630300a706c61795f6576656e74f082edd2e6640000000000"
    "00d03f0000004800000006909feed2e6643d0000001a31302061645f73746172744031302061643d6131206272"
    "3d62310e61645f73746172745f6576656e74909feed2e6640000000000002440000002613136000000015301f0"
    "82edd2e66400000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000001000000000000000000000000000000000000000098c6eed2e664000000000000000113"
    "00000006766965776572f082edd2e66498c6eed2e6640200000000000153030000980000000000000001000000"
    "0000000000000000000000f03f000000000000000000000000e0d4030000000000000000000000000000000000"
    "00000000000000000000000000000000000000000000000000002f000000000000000000000000000000000000"
    "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000003d4000000133020706c617940302e3235206475723d3630300a706c61795f6576656e74"
    "03f082edd2e66401f082edd2e66401f082edd2e664067669657765720676696577657206766965776572037765"
    "62086a732d342e302e310000000001011e000000000000000000d03f0000010000000000c08240000000000000"
    "00000000000136000000015301f082edd2e6640000000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000000000000000000000000000d03f0000000000f2ba85fff091b8a7"
    "77fd0000001a31302061645f73746172744031302061643d61312062723d62310e61645f73746172745f657665"
    "6e7414909feed2e66401909feed2e66401909feed2e66406766965776572067669657765720676696577657203"
    "776562086a732d342e302e3100000002613101011e00000000000000000024400000010000000000c082400000"
    "0000000000000000000136000000015301f082edd2e66400000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000010700000002613100000000010d0000000262310000"
    "000000000024400000000000000000000024400000000000cbd287ac9addf7e922d70000001531322e35207061"
    "7573654031322e313233343536700b70617573655f6576656e740498c6eed2e6640198c6eed2e6640198c6eed2"
    "e66406766965776572067669657765720676696577657203776562086a732d342e302e310000000001011e0000"
    "006dfdf49f353f28400100010000000000c0824000000000000000000000000136000000015301f082edd2e664"
    "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00000000006dfdf49f353f28400000000000abbd9aeda0e8acea4b0000030c000000f082edd2e664f082edd2e6"
    "640c000000909feed2e664909feed2e6640c00000098c6eed2e66498c6eed2e6640318000000f082edd2e664dd"
    "a9f7aed2b9edfb46f2ba85fff091b8a77719000000909feed2e664c3d4bef695a5d690e101cbd287ac9addf7e9"
    "221800000098c6eed2e664d0e09295d3fec88a61abbd9aeda0e8acea4b00";

TEST(Codec, ReadsWhatTheFirstVersionWrote) {
  std::string bytes;
  for (std::size_t i = 0; i < device_of_version_1.size(); i += 2)
    bytes +=
        static_cast<char>(std::stoi(std::string(device_of_version_1.substr(i, 2)), nullptr, 16));
  const auto device = decode_device(bytes);
  ASSERT_TRUE(device) << device.error().what;
  Device expected;
  for (const MediaEvent& e :
       notation::read("0 play@0.25 dur=600; 10 ad_start@10 ad=a1 br=b1; 12.5 pause@12.123456p"))
    apply(expected, e, e.collected);
  EXPECT_EQ(device->profile, expected.profile);
  EXPECT_EQ(device->windows, expected.windows);
  EXPECT_EQ(device->posts, expected.posts);
}

TEST(Codec, SpellsNumbersAndTextsInFewBytes) {
  const struct {
    double number;
    std::size_t bytes;
  } numbers[] = {{0, 1},    {-1, 1},        {16, 2},    {0.5, 2}, {30.120879, 4}, {1e300, 9},
                 {-0.0, 9}, {0.1 + 0.2, 9}, {1.7e9, 5}, {NAN, 9}, {INFINITY, 9},  {-0.000001, 1}};
  for (const auto& [number, bytes] : numbers) {
    Writer out;
    out(number);
    EXPECT_EQ(out.bytes().size(), bytes) << number;
    double back = 7;
    Reader in(out.bytes(), 2);
    in(back);
    EXPECT_TRUE(in.good() && in.at_end());
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(number)) << number;
  }
  const struct {
    std::string text;
    std::size_t bytes;
  } texts[] = {{"", 1},
               {"d1", 3},
               {"143f9cb9-3db9-4e99-8d67-c8aea075d190", 17},
               {"143F9CB9-3DB9-4E99-8D67-C8AEA075D190", 37},
               {"143f9cb9-3db9-4e99-8d67-c8aea075d19", 36},
               {"143f9cb9-3db9-4e99-8d67_c8aea075d190", 37},
               {std::string(100, 'x'), 102}};
  for (const auto& [text, bytes] : texts) {
    Writer out;
    out(text);
    EXPECT_EQ(out.bytes().size(), bytes) << text;
    std::string back;
    Reader in(out.bytes(), 2);
    in(back);
    EXPECT_EQ(back, text);
  }
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
    if (!bytes.empty()) bytes[0] = static_cast<char>(1 + i % 2);
    const auto decoded = decode_device(bytes);
    if (!decoded) {
      EXPECT_EQ(decoded.error().code, Error::Code::corrupt);
    }
  }
}

}  // namespace
}  // namespace lvp::profile
