#include "enrich/json_path.h"

#include <gtest/gtest.h>

namespace lvp::enrich {
namespace {

// The document with "!" wherever the path leads.
std::string marked(std::string_view path, std::string_view json) {
  const auto parsed = JsonPath::parse(path);
  EXPECT_TRUE(parsed) << path;
  return parsed ? parsed->replaced(json, [](std::string_view) { return "!"; }) : "";
}

TEST(JsonPath, LeadsToValues) {
  constexpr std::string_view json =
      R"({"a":{"b":[1.50,{"c":"x,}\"]"},[]],"d":true},"b":null,"e f":"\n"})";
  const struct {
    std::string_view path, changed;
  } rows[] = {
      {"$", "!"},
      {"$.a", R"({"a":!,"b":null,"e f":"\n"})"},
      {"$.a.d", R"({"a":{"b":[1.50,{"c":"x,}\"]"},[]],"d":!},"b":null,"e f":"\n"})"},
      {"$['e f']", R"({"a":{"b":[1.50,{"c":"x,}\"]"},[]],"d":true},"b":null,"e f":!})"},
      {"$.['b', 'e f']", R"({"a":{"b":[1.50,{"c":"x,}\"]"},[]],"d":true},"b":!,"e f":!})"},
      {R"($["a"].b[1].c)", R"({"a":{"b":[1.50,{"c":!},[]],"d":true},"b":null,"e f":"\n"})"},
      {"$.a.b[0,2]", R"({"a":{"b":[!,{"c":"x,}\"]"},!],"d":true},"b":null,"e f":"\n"})"},
      {"$.a.b[*]", R"({"a":{"b":[!,!,!],"d":true},"b":null,"e f":"\n"})"},
      {"$.a.*", R"({"a":{"b":!,"d":!},"b":null,"e f":"\n"})"},
      {"$..b", R"({"a":{"b":!,"d":true},"b":!,"e f":"\n"})"},
      {"$..c", R"({"a":{"b":[1.50,{"c":!},[]],"d":true},"b":null,"e f":"\n"})"},
      {"$..['c','d']", R"({"a":{"b":[1.50,{"c":!},[]],"d":!},"b":null,"e f":"\n"})"},
      {"$.none", json},
      {"$.a[0]", json},
      {"$.b.c", json},
  };
  for (const auto& row : rows) EXPECT_EQ(marked(row.path, json), row.changed) << row.path;
  EXPECT_EQ(marked("$.a", "{}"), "{}");
  EXPECT_EQ(marked("$.a", "[]"), "[]");
  EXPECT_EQ(marked("$[1]", "[1,2]"), "[1,!]");
}

TEST(JsonPath, RefusesWhatItDoesNotUnderstand) {
  for (const std::string_view path :
       {"", "a", "$.", "$..", "$[", "$[]", "$['a]", "$[-1]", "$[0:2]", "$[?(@.a)]", "$ .a"}) {
    EXPECT_FALSE(JsonPath::parse(path)) << path;
  }
}

}  // namespace
}  // namespace lvp::enrich
