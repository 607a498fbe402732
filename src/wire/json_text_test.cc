#include "wire/json_text.h"

#include <gtest/gtest.h>

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
