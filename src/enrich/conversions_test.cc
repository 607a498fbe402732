#include "enrich/conversions.h"

#include <gtest/gtest.h>

#include <cctype>
#include <string>

#include "base/text.h"

namespace lvp::enrich {
namespace {

using namespace std::string_literals;

TEST(Conversions, Clean) {
  const struct {
    std::string in;
    std::string out;
  } rows[] = {{"", ""},
              {"\t", "    "},
              {"\b", ""},
              {"\x02", ""},
              {"Hello\n", "Hello"},
              {"Hi\t\x02\xef\xbf\xbd \bJo\t", "Hi    \xef\xbf\xbd Jo    "},
              {"\xc2\x85 a\x7f", "\xc2\x85 a"}};
  for (const auto& row : rows) EXPECT_EQ(clean(row.in), row.out) << row.in;
}

TEST(Conversions, UserAgentKeepsItsControls) {
  EXPECT_EQ(clean_user_agent("a\r\nb\tc\x01 %1$s/%2$s"), "ab    c\x01 %1$s/%2$s");
}

struct Case {
  std::string in;
  std::string out;    // if there is no error
  std::string error;  // or its beginning
};

void expect(Converted (*convert)(std::string_view), std::initializer_list<Case> cases) {
  for (const Case& row : cases) {
    const auto got = convert(row.in);
    EXPECT_EQ(got.has_value(), row.error.empty()) << row.in;
    if (got) {
      EXPECT_EQ(*got, row.out) << row.in;
    } else {
      EXPECT_TRUE(got.error().starts_with(row.error)) << got.error();
    }
  }
}

TEST(Conversions, EventCodes) {
  const std::string error = "Not a valid event type";
  expect(event_from_code, {{"pv", "page_view", ""},
                           {"pp", "page_ping", ""},
                           {"se", "struct", ""},
                           {"ev", "struct", ""},
                           {"ue", "unstruct", ""},
                           {"tr", "transaction", ""},
                           {"ti", "transaction_item", ""},
                           {"ad", "ad_impression", ""},
                           {"evnt", "", error},
                           {"", "", error}});
}

TEST(Conversions, Platforms) {
  const std::string error = "Not a valid platform";
  expect(platform, {{"headset", "headset", ""},
                    {"web", "web", ""},
                    {"ma", "", error},
                    {"WEB", "", error},
                    {"", "", error}});
}

TEST(Conversions, Uuids) {
  const std::string error = "Not a valid UUID";
  expect(uuid,
         {{"A729D278-110A-4AC6-845B-D1F12CE45AC7", "a729d278-110a-4ac6-845b-d1f12ce45ac7", ""},
          {"{F732D278-120A-4AC6-845B-D1F12CE45AC7}", "", error},
          {"1-1-1-1-1", "", error},
          {"", "", error}});
}

TEST(Conversions, JavaUuidsMayHaveShortGroups) {
  EXPECT_EQ(java_uuid("1-1-1-1-1"), "00000001-0001-0001-0001-000000000001");
  EXPECT_EQ(java_uuid("5C2E6A4E-6c3b-4b0e-9a43-1f6f5a7f2f11"),
            "5c2e6a4e-6c3b-4b0e-9a43-1f6f5a7f2f11");
  for (const std::string_view text : {"", "1-1-1-1", "1-1-1-1-", "1-1-1-1-1-1", "g-1-1-1-1"})
    EXPECT_FALSE(java_uuid(text)) << text;
}

TEST(Conversions, AUuidHasADigitOrADashAtEveryPlace) {
  const std::string whole = "5c2e6a4e-6c3b-4b0e-9a43-1f6f5a7f2f11";
  for (std::size_t place = 0; place < whole.size(); ++place) {
    for (int c = 0; c < 256; ++c) {
      std::string text = whole;
      text[place] = static_cast<char>(c);
      const bool is_right = whole[place] == '-' ? c == '-' : std::isxdigit(c) != 0;
      ASSERT_EQ(uuid(text).has_value(), is_right) << text;
      if (is_right) {
        ASSERT_EQ(*uuid(text), ascii_lower(text));
      }
    }
  }
}

TEST(Conversions, Integers) {
  const std::string error = "Cannot be converted to java.lang.Integer";
  expect(integer, {{"42", "42", ""},
                   {"-42", "-42", ""},
                   {"+7", "7", ""},
                   {"007", "7", ""},
                   {"null", "", ""},
                   {"NULL", "", ""},
                   {"2147483647", "2147483647", ""},
                   {"-2147483648", "-2147483648", ""},
                   {"2147483648", "", error},
                   {"", "", error},
                   {"1999.", "", error},
                   {"1999.00", "", error},
                   {"0x54", "", error},
                   {"NaN", "", error},
                   {"6.72E5", "", error},
                   {"+-1", "", error},
                   {" 1", "", error}});
}

TEST(Conversions, Decimals) {
  const std::string error = "Cannot be converted to java.math.BigDecimal. Error : ";
  expect(decimal,
         {{"42.5", "42.5", ""},
          {"42.50", "42.50", ""},
          {"137777104559", "137777104559", ""},
          {"1E7", "10000000", ""},
          {"1.2E9", "1200000000", ""},
          {"0.000001", "0.000001", ""},
          {"0.0000001", "1E-7", ""},
          {"-0.00000012", "-1.2E-7", ""},
          {".5", "0.5", ""},
          {"5.", "5", ""},
          {"-0012.30", "-12.30", ""},
          {"-0.0", "0.0", ""},
          {"0E5", "0", ""},
          {"Null", "", ""},
          {"not number", "",
           error + "Character n is neither a decimal digit number, decimal point, nor \"e\" "
                   "notation exponential mark."},
          {"\xc3\xa9", "", error + "Character \xc3\xa9 is neither"},
          {"1.2.3", "", error},
          {".", "", error},
          {"1e", "", error},
          {"1E999999999", "", error},
          {"", "", error + "null"}});
}

TEST(Conversions, Booleans) {
  const std::string error = "Cannot be converted to Boolean-like java.lang.Byte";
  expect(boolean, {{"1", "1", ""},
                   {"0", "0", ""},
                   {"2", "", error},
                   {"-1", "", error},
                   {"0.0", "", error},
                   {"a", "", error},
                   {"", "", error}});
}

TEST(Conversions, Timestamps) {
  const std::string format = "Not in the expected format: ms since epoch";
  expect(timestamp, {{"1", "1970-01-01 00:00:00.001", ""},
                     {"-1", "1969-12-31 23:59:59.999", ""},
                     {"1735693323000", "2025-01-01 01:02:03.000", ""},
                     {"253402300799999", "9999-12-31 23:59:59.999", ""},
                     {"-62167219200000", "0000-01-01 00:00:00.000", ""},
                     {"v", "", format},
                     {"", "", format},
                     {"1111111111111111", "",
                      "Formatting as 37179-09-17 07:18:31.111 is not Redshift-compatible"},
                     {"253402300800000", "",
                      "Formatting as 10000-01-01 00:00:00.000 is not Redshift-compatible"},
                     {"-62167219200001", "",
                      "Formatting as -0001-12-31 23:59:59.999 is not Redshift-compatible"}});
  EXPECT_EQ(column_time(-63'113'904'000'000).error(), "-0030-01-01 00:00:00.000");
}

TEST(Conversions, Dimensions) {
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(dimensions("1200x800"), Pair("1200", "800"));
  EXPECT_EQ(dimensions("76x128"), Pair("76", "128"));
  for (const std::string_view text :
       {"76xEE", "1200x-17", "\xd9\xa4\xd9\xa5\xd9\xa6\xd9\xa7x680", "", "1X2", "1x2x3"}) {
    EXPECT_EQ(dimensions(text).error(), "Does not conform to regex (\\d+)x(\\d+)") << text;
  }
  EXPECT_EQ(dimensions("760x3389336768").error(), "Could not be converted to java.lang.Integer s");
}

TEST(Conversions, FirstAddress) {
  EXPECT_EQ(first_address("127.0.0.1, 127.0.0.2"), "127.0.0.1");
  EXPECT_EQ(first_address("127.0.0.1,127.0.0.2"), "127.0.0.1");
  EXPECT_EQ(first_address("1.0.0.1!1.0.0.2"), "1.0.0.1!1.0.0.2");
  EXPECT_EQ(first_address("::1|x"), "::1");
  EXPECT_EQ(first_address("1.2.3.4\t"), "1.2.3.4");
}

}  // namespace
}  // namespace lvp::enrich
