#include "base/text.h"

#include <gtest/gtest.h>

namespace lvp {
namespace {

TEST(Text, Basics) {
  EXPECT_TRUE(equal_ignoring_case("Content-Type", "content-TYPE"));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim(" "), "");
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
  EXPECT_EQ(parse_int64("-42"), -42);
  EXPECT_FALSE(parse_int64("42x"));
  EXPECT_FALSE(parse_int64(""));
}

TEST(Text, RepairsUtf8TheWayOtherDecodersDo) {
  const struct {
    std::string_view bytes;
    std::string_view repaired;
  } rows[] = {
      {"na\xc3\xafve", "na\xc3\xafve"},
      {"\xe9", "\xef\xbf\xbd"},
      {"a\xc3", "a\xef\xbf\xbd"},
      {"\xf0\x9f\x98", "\xef\xbf\xbd"},                          // one cut character: one mark
      {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                  // overlong
      {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},  // a surrogate
      {"\xe2\x82x", "\xef\xbf\xbdx"},
  };
  for (const auto& row : rows) EXPECT_EQ(repaired_utf8(row.bytes), row.repaired);
}

TEST(Text, CountsAsJavaDoes) {
  EXPECT_EQ(code_points("a\xc3\xaf\xf0\x9f\x98\x80"), 3u);
  EXPECT_EQ(utf16_units("a\xc3\xaf\xf0\x9f\x98\x80"), 4u);
  EXPECT_EQ(utf16_prefix("a\xf0\x9f\x98\x80z", 2), "a");
  EXPECT_EQ(utf16_prefix("a\xf0\x9f\x98\x80z", 3), "a\xf0\x9f\x98\x80");
}

TEST(Text, HashIsTheKnownFnv1a) {
  EXPECT_EQ(fnv1a(""), 0xcbf29ce484222325ull);
  EXPECT_EQ(fnv1a("a"), 0xaf63dc4c8601ec8cull);
  EXPECT_EQ(fnv1a("foobar"), 0x85944171f73967e8ull);
}

}  // namespace
}  // namespace lvp
