#include "base/time.h"

#include <gtest/gtest.h>

namespace lvp {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp sample = from_ms(1731764009170);  // row 3 of the golden sample

TEST(Time, TextForms) {
  EXPECT_EQ(snowplow_text(sample), "2024-11-16 13:33:29.170");
  EXPECT_EQ(iso_text(sample), "2024-11-16T13:33:29.170Z");
  EXPECT_EQ(java_instant_text(sample), "2024-11-16T13:33:29.170Z");
  EXPECT_EQ(go_text(sample), "2024-11-16T13:33:29.17Z");
  EXPECT_EQ(http_date(sample), "Sat, 16 Nov 2024 13:33:29 GMT");
  EXPECT_EQ(http_date(from_ms(784111777000)), "Sun, 06 Nov 1994 08:49:37 GMT");  // of RFC 9110
  EXPECT_EQ(http_date(from_ms(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(from_ms(-1)), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(Time, WholeSecondsLoseTheFractionWhereJavaAndGoDropIt) {
  EXPECT_EQ(java_instant_text(from_ms(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(go_text(from_ms(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso_text(from_ms(0)), "1970-01-01T00:00:00.000Z");
}

TEST(Time, FractionsAndYearsOfEveryLength) {
  EXPECT_EQ(go_text(from_ms(100)), "1970-01-01T00:00:00.1Z");
  EXPECT_EQ(go_text(from_ms(10)), "1970-01-01T00:00:00.01Z");
  EXPECT_EQ(go_text(from_ms(101)), "1970-01-01T00:00:00.101Z");
  EXPECT_EQ(snowplow_text(from_ms(-1)), "1969-12-31 23:59:59.999");
  EXPECT_EQ(snowplow_text(from_ms(-62'167'219'200'000)), "0000-01-01 00:00:00.000");
  EXPECT_EQ(snowplow_text(from_ms(253'402'300'799'999)), "9999-12-31 23:59:59.999");
  EXPECT_EQ(snowplow_text(from_ms(253'402'300'800'000)), "10000-01-01 00:00:00.000");
}

TEST(Time, Parses) {
  const struct {
    std::string_view text;
    std::int64_t ms;
  } rows[] = {
      {"2024-11-16 13:33:29.170", 1731764009170},
      {"2024-11-16T13:33:29.17Z", 1731764009170},
      {"2024-11-16T13:33:29.170999Z", 1731764009170},
      {"2024-11-16T14:33:29.170+01:00", 1731764009170},
      {"2024-11-16t13:33:29z", 1731764009000},
      {"1969-12-31 23:59:59.999", -1},
  };
  for (const auto& row : rows) {
    const auto parsed = parse_timestamp(row.text);
    ASSERT_TRUE(parsed) << row.text;
    EXPECT_EQ(to_ms(*parsed), row.ms) << row.text;
  }
}

TEST(Time, RefusesWhatIsNotATimestamp) {
  for (const std::string_view text :
       {"", "2024-11-16", "2024-13-16T13:33:29Z", "2024-02-30T13:33:29Z", "2024-11-16T24:00:00Z",
        "2024-11-16T13:33:60Z", "2024-11-16T13:33:29+0100", "2024-11-16T13:33:29Z ",
        "x024-11-16T13:33:29Z", "2024-11-16T13:33:29.1234567890Z", "2024-11-16T13:33:29+19:00"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(Time, Durations) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("90"), 90s);
  EXPECT_EQ(parse_duration("7d"), 168h);
  for (const std::string_view text : {"", "s", "-1s", "1 s", "1y", "99999999999999999d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_EQ(duration_text(168h), "7d");
  EXPECT_EQ(duration_text(90s), "90s");
  EXPECT_EQ(duration_text(0s), "0s");
}

}  // namespace
}  // namespace lvp
