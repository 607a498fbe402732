#include "enrich/anon_ip.h"

#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view config = "com.snowplowanalytics.snowplow/anon_ip/1-0-1";

AnonIp anon_ip(int octets, int segments) {
  return *AnonIp::load(configuration(
      config, fmt::format(R"({{"anonOctets":{},"anonSegments":{}}})", octets, segments)));
}

TEST(AnonIp, MasksTheLastParts) {
  const struct {
    int row;  // of the reference's edge cases
    std::string_view address;
    int octets, segments;
    std::string_view masked;
  } rows[] = {
      {118, "168.192.102.4", 2, 1, "168.192.x.x"},
      {118, "168.192.102.4", 4, 1, "x.x.x.x"},
      {119, "777.2", 1, 1, "777.2"},
      {119, "777.2.23", 4, 1, "x.x.x"},
      {120, "hello;goodbye", 4, 8, "hello;goodbye"},
      {121, "::1", 1, 3, "0:0:0:0:0:x:x:x"},
      {121, "::1", 1, 8, "x:x:x:x:x:x:x:x"},
      {122, "2605:2700:0:3::4713:93e3", 1, 4, "2605:2700:0:3:x:x:x:x"},
      {122, "2605:2700:0:3::4713:93E3", 1, 1, "2605:2700:0:3:0:0:4713:x"},
      {123, "::FFFF:152.16.24.123", 2, 1, "::FFFF:152.16.x.x"},
      {123, "::FFFF:152.16.24.123", 4, 1, "::FFFF:x.x.x.x"},
      {123, "::ffff:9810:187b", 2, 3, "0:0:0:0:0:x:x:x"},
      {124, "f334::40cb:152.16.24.142", 1, 2, "f334:0:0:0:0:40cb:x:x"},
      {125, "2700:zzzz::gggg", 1, 6, "2700:zzzz:x:x:x:x:x:x"},
      {126, "", 4, 1, "x"},
      {0, "[::1]:8080", 1, 3, "0:0:0:0:0:x:x:x"},
      {0, "1.2.3.4:80", 1, 1, "1.2.3.x"},
      {0, "[", 1, 1, ""},
  };
  for (const auto& row : rows)
    EXPECT_EQ(anon_ip(row.octets, row.segments).mask(row.address), row.masked)
        << "row " << row.row << ": " << row.address;
}

TEST(AnonIp, TakesAsManySegmentsAsOctetsIfNothingIsSaid) {
  const AnonIp two = *AnonIp::load(configuration(config, R"({"anonOctets":2})"));
  EXPECT_EQ(two.mask("1.2.3.4"), "1.2.x.x");
  EXPECT_EQ(two.mask("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:x:x");
}

TEST(AnonIp, RefusesOtherNumbers) {
  const auto error = [](std::string_view parameters) {
    return AnonIp::load(configuration(config, parameters)).error().what;
  };
  EXPECT_EQ(error(R"({})"), "file.json: parameters.anonOctets: not a whole number from 1 to 4");
  EXPECT_EQ(error(R"({"anonOctets":0})"),
            "file.json: parameters.anonOctets: not a whole number from 1 to 4");
  EXPECT_EQ(error(R"({"anonOctets":1,"anonSegments":9})"),
            "file.json: parameters.anonSegments: not a whole number from 1 to 8");
}

TEST_F(Enrich, AnonymisesTheAddress) {
  use(config, R"({"anonOctets":2})");
  EXPECT_EQ(good(pixel({{"e", "pv"}}))[Column::user_ipaddress], "203.0.x.x");
  CollectorPayload payload = pixel({{"e", "pv"}});
  payload.ip_address = "";
  EXPECT_EQ(good(payload)[Column::user_ipaddress], "");  // row 126
}

}  // namespace
}  // namespace lvp::enrich
