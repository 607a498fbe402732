#include "iglu/schema.h"

#include <fmt/format.h>
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

// The shapes of networknt's reports, one for each keyword, as measured with its version 1.0.76.
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
      {R"({"type":"array","maxItems":1})",
       "[1,2]",
       {"$: there must be a maximum of 1 items in the array", "$", "maxItems", {"1"}}},
      {R"({"uniqueItems":true})",
       "[1,2,1]",
       {"$: the items in the array must be unique", "$", "uniqueItems", {}}},
      {R"({"properties":{"k":{"items":[{}],"additionalItems":false}}})",
       R"({"k":[1,2]})",
       {"$.k[1]: no validator found at this index", "$.k", "items", {"1"}}},
      {R"({"items":[{}],"additionalItems":{"type":"string"}})",
       "[1,2]",
       {"$[1]: integer found, string expected", "$[1]", "type", {"integer", "string"}}},
      {R"({"maxProperties":1})",
       R"({"a":1,"b":2})",
       {"$: may only have a maximum of 1 properties", "$", "maxProperties", {"1"}}},
      {R"({"minProperties":3})",
       R"({"a":1,"b":2})",
       {"$: should have a minimum of 3 properties", "$", "minProperties", {"3"}}},
      {R"({"dependencies":{"b":["x"],"a":["y","z"]}})",
       R"({"b":2,"x":1,"a":1})",
       {"$: has an error with dependencies {b=[x], a=[y, z]}",
        "$",
        "dependencies",
        {"{b=[x], a=[y, z]}"}}},
      {R"({"dependencies":{"a":{"required":["b"]}}})",
       R"({"a":1})",
       {"$.b: is missing but it is required", "$", "required", {"b"}}},
      {R"({"patternProperties":{"^a":{"type":"string"}}})",
       R"({"ab":1})",
       {"$.ab: integer found, string expected", "$.ab", "type", {"integer", "string"}}},
      {R"({"multipleOf":0.01})",
       "0.013",
       {"$: must be multiple of 0.01", "$", "multipleOf", {"0.01"}}},
      {R"({"multipleOf":3})", "7", {"$: must be multiple of 3.0", "$", "multipleOf", {"3.0"}}},
      {R"({"maximum":5.5,"exclusiveMaximum":true})",
       "5.5",
       {"$: must have a maximum value of 5.5", "$", "maximum", {"5.5"}}},
      {R"({"maximum":9223372036854775807})",
       "9223372036854775808",
       {"$: must have a maximum value of 9223372036854775807",
        "$",
        "maximum",
        {"9223372036854775807"}}},
      {R"({"enum":["a",1,null,true,{"a":1},[1,2],1.50]})",
       R"("z")",
       {"$: does not have a value in the enumeration [a, 1, null, true, , , 1.5]",
        "$",
        "enum",
        {"[a, 1, null, true, , , 1.5]"}}},
      {R"({"not":{"type":"string"}})",
       R"("a")",
       {R"($: should not be valid to the schema "not" : {"type":"string"})",
        "$",
        "not",
        {R"("not" : {"type":"string"})"}}},
      {R"({"oneOf":[{"minimum":1},{"minimum":2},{"minimum":9}]})",
       "5",
       {R"($: should be valid to one and only one of schema, but more than one are valid: {"minimum":1}{"minimum":2}{"minimum":9})",
        "$",
        "oneOf",
        {R"({"minimum":1}{"minimum":2}{"minimum":9})"}}},
      {R"({"allOf":[{"type":"string"},{"maxLength":2}]})",
       "1",
       {"$: integer found, string expected", "$", "type", {"integer", "string"}}},
      {R"({"format":"date"})",
       R"("x")",
       {"$: x is an invalid date", "$", "dateTime", {"x", "date"}}},
      {R"({"format":"email"})",
       R"("x")",
       {"$: does not match the x pattern email", "$", "format", {"x", "email"}}},
      {R"({"format":"ipv4"})",
       R"("x")",
       {"$: does not match the ipv4 pattern", "$", "format", {"ipv4"}}},
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
      {R"({"format":"regex"})", R"("(")"},
      {R"({"format":"ipv4"})", "5"},
      {R"({"const":5})", "6"},
      {R"({"exclusiveMinimum":1})", "0"},
      {R"({"$ref":"http://a/b"})", "1"},
      {R"({"definitions":{"a/b":{"type":"string"}},"$ref":"#/definitions/a~1b"})", R"("x")"},
      {R"({"items":{"type":"string"},"additionalItems":false})", R"(["a","b"])"},
      {R"({"additionalProperties":{"type":"string"}})", R"({"#a":1})"},
      {R"({"enum":[{"a":1,"b":[2]}]})", R"({"b":[2.0],"a":1})"},
      {R"({"multipleOf":0.0001})", "0.0075"},
      {R"({"multipleOf":0.1})", "0.3"},
      {R"({"multipleOf":1e-8})", "12391239123"},
      {R"({"maximum":9223372036854775807})", "9223372036854775807"},
      {R"({"pattern":"b"})", R"("a\nb")"},
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
      {R"({"multipleOf":0.1})", "0.30000000000000004"},
      {R"({"multipleOf":0.123456789})", "1e308"},
      {R"({"$ref":"#/definitions/a","maxLength":1,"definitions":{"a":{"type":"string"}}})",
       R"("ab")"},
      {R"({"definitions":{"a":{"id":"#foo","type":"string"}},"$ref":"#foo"})", "1"},
      {R"({"minimum":9007199254740993})", "9007199254740992"},
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

// The order of the original: properties, then keyword by keyword in alphabetical order.
TEST(Schema, ReportsInTheOrderOfTheOriginal) {
  const struct {
    std::string_view schema;
    std::string_view value;
    std::vector<std::string_view> keywords;
  } rows[] = {
      {R"({"required":["b"],"properties":{"c":{"type":"string"}},"additionalProperties":false})",
       R"({"d":2,"c":1,"e":3})",
       {"type", "additionalProperties", "additionalProperties", "required"}},
      {R"({"type":"string","maxLength":1,"pattern":"^x$","format":"ipv4"})",
       R"("abc")",
       {"format", "maxLength", "pattern"}},
      {R"({"type":"string","enum":["x"]})", "5", {"enum", "type"}},
      {R"({"anyOf":[{"required":["a"]},{"type":"string","enum":["q"]}]})",
       "{}",
       {"required", "enum", "type"}},
      {R"({"oneOf":[{"enum":[1]},{"maximum":2}]})", "5", {"enum", "maximum"}},
  };
  for (const auto& row : rows) {
    std::vector<std::string_view> keywords;
    const auto reports = check(row.schema, row.value);
    for (const Report& report : reports) keywords.push_back(report.keyword);
    EXPECT_EQ(keywords, row.keywords) << row.schema;
  }
}

TEST(Schema, CountsAndComparesManyItemsAndMembers) {
  std::string twins = "[";
  std::string required = R"({"required":["r0")";
  std::string object = R"({"r0":0)";
  for (int i = 0; i < 100; ++i) {
    twins += fmt::format(R"({{"a":{},"b":1}},)", i);
    required += fmt::format(R"(,"r{}")", i + 1);
    object += fmt::format(R"(,"r{}":0)", i + 1);
  }
  const std::string unique = R"({"uniqueItems":true})";
  EXPECT_EQ(check(unique, twins + "0]").size(), 0u);
  EXPECT_EQ(check(unique, twins + R"({"b":1.0,"a":50}])").size(), 1u);
  EXPECT_EQ(check(required + "]}", object + "}").size(), 0u);
  EXPECT_EQ(check(required + R"(,"r101"]})", object + "}").size(), 1u);
}

TEST(Schema, SaysWhereItCannotBeObeyed) {
  const struct {
    std::string_view schema;
    std::string_view error;
  } rows[] = {
      {R"j({"properties":{"a":{"pattern":"(?=x)"}}})j", "$.properties.a: pattern: regular exp"},
      {R"({"patternProperties":{"(":{}}})", "$: patternProperties: regular exp"},
      {R"({"$ref":"http://a/b#/c"})", "$: $ref http://a/b#/c is not supported"},
      {R"({"$ref":"other.json"})", "$: $ref other.json is not supported"},
      {R"({"items":{"$ref":"#/definitions/none"}})", "$.items: $ref #/definitions/none leads"},
      {R"({"$ref":"#"})", "$ref leads back to itself"},
      {R"({"allOf":[{"anyOf":[{"$ref":"#"}]}]})", "$ref leads back to itself"},
      {R"({"type":"any"})", "$: type must be"},
      {R"({"type":["string",{"type":"integer"}]})", "$: type must be"},
      {R"({"required":true})", "$: required must be"},
      {R"({"enum":[]})", "$: enum must be"},
      {R"({"minLength":-1})", "$: minLength must be"},
      {R"({"maxItems":1.5})", "$: maxItems must be"},
      {R"({"minimum":"x"})", "$: minimum must be"},
      {R"({"multipleOf":0})", "$: multipleOf must be"},
      {R"({"oneOf":[{"not":{"properties":{"a":{"items":[{},5]}}}}]})",
       "$.oneOf[0].not.properties.a.items[1]: a schema must be an object"},
      {R"({"dependencies":{"a":1}})", "$.dependencies.a: a schema must be an object"},
      {R"({"additionalProperties":1})", "$: additionalProperties must be"},
      {"[]", "$: a schema must be an object"},
      {"{", ""},
  };
  for (const auto& row : rows) {
    const auto schema = Schema::compile(row.schema);
    ASSERT_FALSE(schema) << row.schema;
    EXPECT_TRUE(schema.error().what.starts_with(row.error)) << schema.error().what;
  }
}

TEST(Schema, ReportsAThousandViolationsAndNoMore) {
  std::string many = "[0";
  for (int i = 0; i < 2000; ++i) many += ",0";
  EXPECT_EQ(check(R"({"items":{"type":"string"}})", many + "]").size(), 1000u);
}

// Without a bound, a few bytes of schema would keep a check busy for years.
TEST(Schema, RefusesWhatWouldNotEnd) {
  std::string doubling = R"({"$ref":"#/definitions/d0","definitions":{)";
  for (int i = 0; i < 40; ++i) {
    doubling += fmt::format(
        R"("d{0}":{{"allOf":[{{"$ref":"#/definitions/d{1}"}},{{"$ref":"#/definitions/d{1}"}}]}},)",
        i, i + 1);
  }
  EXPECT_FALSE(Schema::compile(doubling + R"("d40":{}}})"));

  std::string chain = R"({"properties":{"a":{"$ref":"#/definitions/d0"}},"definitions":{)";
  for (int i = 0; i < 19'000; ++i)
    chain += fmt::format(R"("d{}":{{"items":{{"$ref":"#/definitions/d{}"}}}},)", i, i + 1);
  EXPECT_FALSE(Schema::compile(chain + R"("d19000":{}}})"));

  std::string deep = "{}";
  for (int i = 0; i < 70; ++i) deep = R"({"not":)" + deep + "}";
  EXPECT_FALSE(Schema::compile(deep));
}

TEST(Schema, SaysWhatItPassesOver) {
  const auto schema = Schema::compile(
      R"({"$schema":"x","description":"d","properties":{"a":{"const":1,"format":"regex"}},)"
      R"("exclusiveMinimum":1,"items":{"$ref":"http://a/b"}})");
  ASSERT_TRUE(schema);
  EXPECT_EQ(schema->without_effect(),
            (std::vector<std::string>{
                "$.properties.a: const is not a keyword of draft 4 and has no effect",
                "$.properties.a: format regex is not enforced",
                "$: exclusiveMinimum has no effect unless it is true",
                "$.items: $ref http://a/b is not fetched and accepts everything"}));
}

TEST(Schema, KnowsItsKeyAndWhatSupersedesIt) {
  const auto schema = Schema::compile(
      R"({"self":{"vendor":"com.acme","name":"x","format":"jsonschema","version":"1-0-0"},)"
      R"("$supersededBy":"1-0-1"})");
  ASSERT_TRUE(schema);
  ASSERT_TRUE(schema->self());
  EXPECT_EQ(schema->self()->uri(), "iglu:com.acme/x/jsonschema/1-0-0");
  EXPECT_EQ(schema->superseded_by(), "1-0-1");
  EXPECT_FALSE(Schema::compile(R"({"self":{"vendor":"com.acme"}})")->self());
}

}  // namespace
}  // namespace lvp::iglu
