#include "iglu/schema.h"

#include <gtest/gtest.h>

namespace lvp::iglu {
namespace {

std::vector<Report> check(std::string_view schema, std::string_view value) {
  const auto compiled = Schema::compile(schema);
  EXPECT_TRUE(compiled) << (compiled ? "" : compiled.error().what);
  json::Parser parser;
  const auto parsed = parser.parse(value);
  EXPECT_TRUE(parsed) << value;
  if (!compiled || !parsed) return {{"setup failed", "", "", {}}};
  return compiled->check(*parsed);
}

// The shapes of networknt's reports, one for each keyword.
TEST(Schema, ReportsInTheWordsOfTheOriginal) {
  const struct {
    std::string_view schema;
    std::string_view value;
    Report report;
  } rows[] = {
      {R"({"type":"object","required":["p"]})",
       "{}",
       {"$.p: is missing but it is required", "$", "required", {"p"}}},
      {R"({"type":"object","additionalProperties":false})",
       R"({"p":1})",
       {"$.p: is not defined in the schema and the schema does not allow additional properties",
        "$",
        "additionalProperties",
        {"p"}}},
      {R"({"properties":{"a":{"type":"string"}}})",
       R"({"a":1})",
       {"$.a: integer found, string expected", "$.a", "type", {"integer", "string"}}},
      {R"({"properties":{"a":{"type":["string","null"]}}})",
       R"({"a":1})",
       {"$.a: integer found, but [string, null] is required",
        "$.a",
        "unionType",
        {"integer", "[string, null]"}}},
      {R"({"properties":{"a":{"maxLength":2}}})",
       R"({"a":"äöü"})",
       {"$.a: may only be 2 characters long", "$.a", "maxLength", {"2"}}},
      {R"({"properties":{"a":{"minLength":1}}})",
       R"({"a":""})",
       {"$.a: must be at least 1 characters long", "$.a", "minLength", {"1"}}},
      {R"({"properties":{"a":{"maximum":100}}})",
       R"({"a":100.5})",
       {"$.a: must have a maximum value of 100", "$.a", "maximum", {"100"}}},
      {R"({"properties":{"a":{"minimum":0}}})",
       R"({"a":-1})",
       {"$.a: must have a minimum value of 0", "$.a", "minimum", {"0"}}},
      {R"({"properties":{"a":{"enum":["x","y"]}}})",
       R"({"a":"z"})",
       {"$.a: does not have a value in the enumeration [x, y]", "$.a", "enum", {"[x, y]"}}},
      {R"({"properties":{"a":{"pattern":"^b+$"}}})",
       R"({"a":"c"})",
       {"$.a: does not match the regex pattern ^b+$", "$.a", "pattern", {"^b+$"}}},
      {R"({"properties":{"a":{"format":"date-time"}}})",
       R"({"a":"today"})",
       {"$.a: today is an invalid date-time", "$.a", "dateTime", {"today", "date-time"}}},
      {R"({"properties":{"a":{"format":"uuid"}}})",
       R"({"a":"1"})",
       {"$.a: 1 is an invalid uuid", "$.a", "uuid", {"1", "uuid"}}},
      {R"({"type":"array","minItems":1})",
       "[]",
       {"$: there must be a minimum of 1 items in the array", "$", "minItems", {"1"}}},
      {R"({"type":"array"})",
       "{}",
       {"$: object found, array expected", "$", "type", {"object", "array"}}},
      {R"({"items":{"properties":{"b":{"items":{"type":"boolean"}}}}})",
       R"([{},{"b":[true,0]}])",
       {"$[1].b[1]: integer found, boolean expected", "$[1].b[1]", "type", {"integer", "boolean"}}},
  };
  for (const auto& row : rows) {
    const auto reports = check(row.schema, row.value);
    ASSERT_EQ(reports.size(), 1u) << row.schema;
    EXPECT_EQ(reports.front(), row.report) << reports.front().message;
  }
}

TEST(Schema, FindsEveryViolation) {
  const auto reports = check(
      R"({"type":"array","items":{"type":"object","properties":{"tv":{"type":"string"},"p":{"type":"string"}},"required":["tv","p"],"additionalProperties":false}})",
      R"([{"tv":"a","p":"b"},{"new":"foo"}])");
  EXPECT_EQ(reports.size(), 3u);
}

TEST(Schema, Accepts) {
  const struct {
    std::string_view schema;
    std::string_view value;
  } rows[] = {
      {R"({"type":"number"})", "7"},
      {R"({"type":["string","null"],"enum":["a",null]})", "null"},
      {R"({"enum":[1]})", "1.0"},
      {R"({"type":"string","nullable":true})", "null"},
      {R"({"additionalProperties":false})", R"({"#note":1})"},
      {R"({"maxLength":3})", R"("äöü")"},
      {R"({"format":"date-time"})", R"("2024-11-16T13:33:23.276Z")"},
      {R"({"format":"date-time"})", R"("2024-11-16 13:33:23+01:00")"},
      {R"({"format":"uri"})",
       R"("blob:http://localhost:3000/143f9cb9-3db9-4e99-8d67-c8aea075d190")"},
      {R"({"format":"made-up"})", R"("x")"},
      {R"({"properties":{"a":{"$ref":"#/definitions/n"}},"definitions":{"n":{"type":"integer"}}})",
       R"({"a":1})"},
      {R"({"dependencies":{"a":["b"]}})", R"({"a":1,"b":2})"},
  };
  for (const auto& row : rows)
    EXPECT_TRUE(check(row.schema, row.value).empty()) << row.schema << row.value;
}

TEST(Schema, Refuses) {
  const struct {
    std::string_view schema;
    std::string_view value;
  } rows[] = {
      {R"({"type":"integer"})", "1.0"},  // integers are lexical
      {R"({"type":"integer"})", "1e2"},
      {R"({"format":"date-time"})", R"("2024-11-16T13:33:23")"},
      {R"({"format":"date-time"})", R"("2024-11-16T13:33:23-00:00")"},
      {R"({"format":"uri"})", R"("//no/scheme")"},
      {R"({"format":"uri"})", R"("http://a b")"},
      {R"({"properties":{"a":{"$ref":"#/definitions/n"}},"definitions":{"n":{"type":"integer"}}})",
       R"({"a":"x"})"},
      {R"({"dependencies":{"a":["b"]}})", R"({"a":1})"},
      {R"({"minProperties":1})", "{}"},
      {R"({"additionalProperties":{"type":"string"}})", R"({"x":1})"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(check(row.schema, row.value).size(), 1u) << row.schema << row.value;
}

TEST(Schema, DoesNotPretendToKnowAKeyword) {
  for (const std::string_view schema :
       {R"({"oneOf":[{}]})", R"({"format":"email"})", R"j({"pattern":"(?=x)"})j",
        R"({"$ref":"http://a/b"})", R"({"type":"text"})",
        R"({"minimum":1,"exclusiveMinimum":true})", "[]", "{"}) {
    EXPECT_FALSE(Schema::compile(schema)) << schema;
  }
}

}  // namespace
}  // namespace lvp::iglu
