#include "wire/json_document.h"

#include <gtest/gtest.h>

namespace lvp::json {
namespace {

TEST(JsonDocument, CompactTextIsViewed) {
  const std::string text = R"({"a":[1.50,{"b":"c d"}],"n":null})";
  Document document;
  ASSERT_TRUE(document.read(text));
  EXPECT_EQ(document.text().data(), text.data());
  EXPECT_EQ(document.text().size(), text.size());
  EXPECT_EQ(document.root()["a"].elements().begin().operator*().number(), 1.5);
}

TEST(JsonDocument, ValuesAndTextAgree) {
  const struct {
    std::string_view read;
    std::string_view text;
  } rows[] = {
      {R"( {"a" : 1.50} )", R"({"a":1.50})"},
      {R"({"a":1,"b":2,"a":3})", R"({"a":3,"b":2})"},
      {R"({"a":1,"\u0061":3})", R"({"a":3})"},
      {"{\"a\":\"\\u00e9\x7f\"}", "{\"a\":\"\xc3\xa9\\u007f\"}"},
  };
  Document document;
  Parser parser;
  for (const auto& row : rows) {
    ASSERT_TRUE(document.read(row.read)) << row.read;
    EXPECT_EQ(document.text(), row.text);
    EXPECT_TRUE(equal(document.root(), *parser.parse(row.text))) << row.text;
    EXPECT_EQ(document.root().size(), parser.parse(row.text)->size()) << row.text;
  }
}

TEST(JsonDocument, RefusesAsTheParserDoes) {
  Document document;
  EXPECT_EQ(document.read("").error().what, "exhausted input");
  EXPECT_FALSE(document.read("{"));
}

TEST(JsonDocument, GivesTheElementsOfAnArrayInside) {
  const struct {
    std::string text;
    std::string array;
    std::vector<std::string_view> elements;
  } rows[] = {
      {R"({"x":[],"data":[{"a":[1,2]},"x,]\"",3,[],{}]})",
       R"([{"a":[1,2]},"x,]\"",3,[],{}])",
       {R"({"a":[1,2]})", R"("x,]\"")", "3", "[]", "{}"}},
      {R"({"data":[],"y":[1]})", "[]", {}},
      {R"({"data":[null],"y":[1]})", "[null]", {"null"}},
      {R"([[1,2],[3]])", "[1,2]", {"1", "2"}},
      {R"({"data":{}})", "{}", {}},
  };
  Document document;
  for (const auto& row : rows) {
    ASSERT_TRUE(document.read(row.text)) << row.text;
    const std::size_t begin = document.text().find(row.array);
    ASSERT_NE(begin, std::string_view::npos);
    EXPECT_EQ(document.elements(document.text().substr(begin, row.array.size())), row.elements)
        << row.text;
  }
}

}  // namespace
}  // namespace lvp::json
