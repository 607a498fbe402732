#include "base/text.h"

#include <gtest/gtest.h>

namespace lvp {
namespace {

TEST(Text, Basics) {
  EXPECT_TRUE(equal_ignoring_case("Content-Type", "content-TYPE"));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
  EXPECT_TRUE(equal_ignoring_case("", ""));
  // These differ by what tells the case of a letter, and are none.
  EXPECT_FALSE(equal_ignoring_case("@", "`"));
  EXPECT_FALSE(equal_ignoring_case("A[", "a{"));
  EXPECT_FALSE(equal_ignoring_case("\xc4", "\xe4"));
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

TEST(Text, ConvertsToUtf16AndBack) {
  const struct {
    std::string_view utf8;
    std::u16string_view utf16;
  } rows[] = {
      {"", u""},
      {"a longer text of ASCII alone", u"a longer text of ASCII alone"},
      {{"zero\0 in it", 11}, {u"zero\0 in it", 11}},
      {"d\u00e9j\u00e0 vu, \u732b and \U0001f431 after eight",
       u"d\u00e9j\u00e0 vu, \u732b and \U0001f431 after eight"},
      {"\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff",
       u"\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(to_utf16(row.utf8), row.utf16);
    EXPECT_EQ(to_utf8(row.utf16), row.utf8);
  }
  EXPECT_EQ(to_utf16("a\xff 12345678 \xe7\x8c"), u"a\ufffd 12345678 \ufffd");
  const char16_t halves[] = {u'a', 0xd83d, u'b', 0xdc31, 0xd83d, 0xd83d, 0xdc31, 0xd83d};
  EXPECT_EQ(to_utf8({halves, std::size(halves)}),
            "a\ufffd"
            "b\ufffd\ufffd\U0001f431\ufffd");
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
