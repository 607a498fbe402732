#include "iglu/format.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lvp::iglu {
namespace {

// Measured with networknt's json-schema-validator 1.0.76 (draft 4), unless a comment says
// otherwise.
TEST(Format, MeansWhatTheOriginalMeans) {
  const struct {
    std::string_view format;
    std::vector<std::string_view> good;
    std::vector<std::string_view> bad;
  } rows[] = {
      {"date-time",
       {"2024-01-01T12:00:00Z", "2024-01-01 12:00:00z", "2024-01-01t12:00:00.Z",
        "2024-01-01T12:00:00+18:00", "2024-01-01T12:00:00.123456789-05:30", "0000-01-01T12:00:00Z"},
       {"", "2024-01-01", "2024-01-01T12:00Z", "2024-01-01T12:00:00", "2024-01-01T12:00:00+0100",
        "2024-01-01T12:00:00-00:00", "2024-01-01T12:00:00+18:01", "2024-01-01T12:00:00+24:00",
        "2024-01-01T12:00:60Z", "2024-01-01T24:00:00Z", "2023-02-29T12:00:00Z",
        "2024-01-01T12:00:00.1234567891Z"}},
      {"date",
       {"2024-02-29"},
       {"", "2023-02-29", "2024-2-9", "2024-02-29Z", "02024-02-29", "+2024-02-29"}},
      {"time", {"12:00:00", "12:00:00.5", "25:61:99"}, {"12:00", "12:00:00Z", "12:00:00."}},
      {"uuid",
       {"143F9CB9-3db9-4e99-8d67-c8aea075d190"},
       {"143f9cb93db94e998d67c8aea075d190", "{143f9cb9-3db9-4e99-8d67-c8aea075d190}"}},
      {"uri",
       {"http://a/%zz", "http://[::1]:80/x", "abc:", "http://", "http:///x", "http://u@h:80/p?q#f",
        "http://a/'b'", "blob:http://localhost:3000/143f9cb9-3db9-4e99-8d67-c8aea075d190"},
       {"", "http://a/b c", "http://a/b|c", "http://a/é", "http://a/b?x=[1]", "http://a/b?x={1}",
        "http://a/b#x#y", "http://a/b\\c", "http://a/\"b", "//a/b"}},
      {"email",
       {"a@b.com", "\"a b\"@c.com", "a@[127.0.0.1]", "a@c.com ", "ä@c.com", "a@ä.com",
        "a+b_c~d@c-d.co.uk", "a'b@c.com",
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1234@c.com"},
       {"", "x", "a@b", "a@localhost", "a b@c.com", "a..b@c.com", ".b@c.com", "a.@c.com",
        "a@127.0.0.1", "a@-c.com", "a@b@c.com", "a@c.com.",
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345@c.com"}},
      {"hostname", {"a", "www.example.com"}, {"", "-a", "a-", "a.b.", "a_b"}},
      {"ipv4", {"1.2.3.4", "255.0.0.255"}, {"", "1.2.3", "1.2.3.04", "1.2.3.256", "1.2.3.4.5"}},
      {"ip-address", {"1.2.3.4", "1.2.3.04"}, {"1.2.3", "1.2.3.256"}},
      {"ipv6",
       {"::", "::1", "::ffff:1.2.3.4", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4",
        "1:2:3:4::6:1.2.3.4"},
       {"", " ::1", "fe80::1%eth0", "1::2::3", "12345::", "1:2:3:4::5:6:1.2.3.4", "::1.2.3.04",
        "::laptop"}},
      {"duration",
       {"P1D", "PT1H30M", "P1W", "P1Y2M3DT4H5M6S", "PT0.5S", "-P1D", "P1DT", "P1Y2W"},
       {"", "P", "PT", "p1d", "P-1D", "PT1.5M"}},
      {"color",
       {"#fff", "#ffff", "fff", "red", "rgb(1,2,3)", "rgb(10%,20%,30%)"},
       {"", "xfff", "redder", "rgb( 300,2,3 )"}},
      {"phone", {"+49 170 1234567"}, {"0170 1234567"}},
      {"style", {"a:b", "color: red; font: x"}, {":b", "b"}},
      {"utc-millisec", {"12", "12.5"}, {"", "12.", "x"}},
      {"alpha", {"aZ"}, {"", "1"}},
      {"alphanumeric", {"a1"}, {"", "+"}},
  };
  for (const auto& row : rows) {
    const auto format = Format::named(row.format);
    ASSERT_TRUE(format) << row.format;
    for (const std::string_view text : row.good)
      EXPECT_TRUE(format->accepts(text)) << row.format << ": " << text;
    for (const std::string_view text : row.bad)
      EXPECT_FALSE(format->accepts(text)) << row.format << ": " << text;
  }
}

TEST(Format, PassesOverOtherNames) {
  for (const std::string_view name : {"", "regex", "host-name", "uri-reference", "iri", "int32",
                                      "json-pointer", "idn-email", "made-up"}) {
    EXPECT_FALSE(Format::named(name)) << name;
  }
}

}  // namespace
}  // namespace lvp::iglu
