#include "wire/json_text.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "wire/json.h"

namespace lvp::json {
namespace {

TEST(JsonText, CompactKeepsNumbersAndOrder) {
  EXPECT_EQ(compact(" { \"b\" : 1.50 , \"a\" : [ 1e2 , -0 , \"x y\" , null , true ] } \n"),
            R"({"b":1.50,"a":[1e2,-0,"x y",null,true]})");
  EXPECT_EQ(compact("[ ]"), "[]");
  EXPECT_EQ(compact("{ }"), "{}");
  EXPECT_EQ(compact(" 7 "), "7");
}

TEST(JsonText, CompactNormalisesEscapes) {
  EXPECT_EQ(compact(R"("\/\u00e9\u0041\t\u0001\uD83D\uDE00\ud800x")"),
            "\"/\xc3\xa9"
            R"(A\t\u0001)"
            "\xf0\x9f\x98\x80?x\"");
  EXPECT_EQ(compact("\"\x7f\""), R"("\u007f")");
}

TEST(JsonText, TheLastOfTwoMembersWinsAtThePlaceOfTheFirst) {
  EXPECT_EQ(compact(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
  EXPECT_EQ(compact(R"([{"a":{"x":1,"x":[2]}},{"a":1}])"), R"([{"a":{"x":[2]}},{"a":1}])");
  EXPECT_EQ(compact(R"({"a":1,"\u0061":2})"), R"({"a":2})");
}

// It may only err by saying no, and then only of long objects and of strings with
// escapes or U+0080 to U+00BF.
TEST(JsonText, IsCompactWhatCompactLeavesAlone) {
  const struct {
    std::string_view text;
    bool compact;
  } rows[] = {
      {"7", true},
      {"[]", true},
      {R"("a b")", true},
      {R"({"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}],"":" : , "})", true},
      {"{\"\xc3\xa9\":\"\xe2\x82\xac\"}", true},
      {" 7", false},
      {"7 ", false},
      {"[ ]", false},
      {"[1,\n2]", false},
      {R"({"a" :1})", false},
      {R"({"a": 1})", false},
      {R"({"a":"b" })", false},
      {"\"\x7f\"", false},
      {"\"\xc2\x85\"", false},
      {R"("\u0041")", false},
      {R"({"a":1,"a":1})", false},
      {R"({"":1,"":1})", false},
      {R"([{"a":{"x":1,"y":{"x":2},"x":3}}])", false},
      {R"({"b":{"a":1},"a":2,"c":[{"b":1}],"b":3})", false},
  };
  Parser parser;
  for (const auto& row : rows) {
    ASSERT_TRUE(parser.parse(row.text)) << row.text;
    EXPECT_EQ(is_compact(row.text, parser.tokens()), row.compact) << row.text;
    EXPECT_EQ(compact(row.text) == row.text, row.compact) << row.text;
  }
}

TEST(JsonText, IsCompactWithManyMembers) {
  const auto object = [](std::string_view prefix, int members) {
    std::string text = "{";
    for (int i = 0; i < members; ++i)
      text += (i > 0 ? ",\"" : "\"") + std::string(prefix) + std::to_string(i) + "\":0";
    return text + "}";
  };
  std::string text = "[" + object("a", 60) + "," + object("b", 60) + "," + object("b", 60);
  Parser parser;
  ASSERT_TRUE(parser.parse(text + "]"));
  EXPECT_TRUE(is_compact(text + "]", parser.tokens()));
  text += R"(,{"c":1,"c":2}])";
  ASSERT_TRUE(parser.parse(text));
  EXPECT_FALSE(is_compact(text, parser.tokens()));
  ASSERT_TRUE(parser.parse(object("a", 10'000)));
  EXPECT_FALSE(is_compact(object("a", 10'000), parser.tokens()));  // not worth looking
}

TEST(JsonText, ManyOpenObjectsMayNotBeWorthLooking) {
  std::string text = R"({"k":1})";
  for (int depth = 1; depth < 50; ++depth) {
    std::string members;
    for (int key = 0; key < 12; ++key) members += "\"" + std::to_string(key) + "\":1,";
    text = "{" + members + "\"inner\":" + text + "}";
    Parser parser;
    ASSERT_TRUE(parser.parse(text, 100));
    if (is_compact(text, parser.tokens())) {
      EXPECT_EQ(compact(text), text);
      EXPECT_LE(depth, 20);
    } else {
      EXPECT_GT(depth, 18);
    }
  }
  text = std::string(70, '[') + "{}" + std::string(70, ']');
  Parser parser;
  ASSERT_TRUE(parser.parse(text, 100));
  EXPECT_TRUE(is_compact(text, parser.tokens()));
}

// Made-up documents, some with white space, escapes and doubled names.
class Made {
 public:
  explicit Made(unsigned seed) : random_(seed) {}

  std::string document() { return value(4) + space(); }

 private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  std::string space() { return below(60) == 0 ? " " : ""; }

  std::string string() {
    constexpr std::array<std::string_view, 8> common{"a", "bc",       " , ", "{[",
                                                     ":", "\xc3\xa9", "]}",  ""};
    constexpr std::array<std::string_view, 4> rare{"\\\"", "\\u0041", "\xc2\x85", "\x7f"};
    std::string text = "\"";
    for (unsigned i = below(4); i > 0; --i)
      text += below(80) == 0 ? rare[below(rare.size())] : common[below(common.size())];
    return text + "\"";
  }

  std::string value(unsigned depth) {
    constexpr std::array<std::string_view, 6> scalars{"0", "-1.50", "1e2", "null", "true", "false"};
    const unsigned kind = below(depth == 0 ? 4 : 8);
    if (kind < 2) return space() + std::string(scalars[below(scalars.size())]);
    if (kind < 4) return space() + string();
    const bool is_object = kind < 6;
    std::string text = space() + (is_object ? "{" : "[");
    for (unsigned i = 0, count = below(5); i < count; ++i) {
      if (i > 0) text += "," + space();
      if (is_object) {
        const bool doubled = below(20) == 0;
        text += (doubled ? "\"k\"" : string().insert(1, std::to_string(i))) + space() + ":";
      }
      text += value(depth - 1) + space();
    }
    return text + (is_object ? "}" : "]");
  }

  std::mt19937 random_;
};

TEST(JsonText, WhatIsCompactAgreesWithCompact) {
  constexpr unsigned seed = 20'261;
  Made make(seed);
  Parser parser;
  std::vector<std::string_view> elements;
  std::size_t found = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = make.document();
    ASSERT_TRUE(parser.parse(text)) << text;
    const bool is = is_compact(text, parser.tokens());
    if (is) {
      ++found;
      EXPECT_EQ(compact(text), text) << "seed " << seed;
      raw_elements(text, parser.tokens(), 0, elements);
      EXPECT_EQ(elements, raw_elements(text)) << text;
    } else if (text.find_first_of("\\\x7f\xc2") == text.npos) {
      EXPECT_NE(compact(text), text) << "seed " << seed;
    }
  }
  EXPECT_GT(found, 5'000u);
  EXPECT_LT(found, 19'000u);
}

TEST(JsonText, RawPieces) {
  const std::string_view object = R"({"schema":"s","data":{"k":"}],{"},"n":1.50})";
  EXPECT_EQ(raw_member(object, "data"), R"({"k":"}],{"})");
  EXPECT_EQ(raw_member(object, "n"), "1.50");
  EXPECT_FALSE(raw_member(object, "k"));
  EXPECT_FALSE(raw_member("{}", "k"));
  EXPECT_FALSE(raw_member("[1]", "k"));
  EXPECT_EQ(raw_elements(R"([{"a":[1,2]},"x,]\"",3])"),
            (std::vector<std::string_view>{R"({"a":[1,2]})", R"("x,]\"")", "3"}));
  EXPECT_TRUE(raw_elements("[]").empty());
  EXPECT_TRUE(raw_elements("{}").empty());
}

}  // namespace
}  // namespace lvp::json
