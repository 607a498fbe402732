// Rows named R… are those of docs/compatibility-bridge.md.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bridge/made_up.h"

namespace lvp::bridge {
namespace {

using namespace made_up;

std::string jq(std::string_view command, std::string_view settings = "",
               std::string_view name = "jq") {
  return fmt::format("use \"{}\" {{\n jq_command = <<JQ\n{}\nJQ\n timeout_ms = 5000\n {}\n}}\n",
                     name, command, settings);
}

constexpr std::string_view event_mode = "snowplow_mode = true";

TEST(Jq, MakesTheMessageOfAnEvent) {
  struct Row {
    std::string_view id, command, data;
  };
  constexpr Row rows[] = {
      {"R80", "{foo: .collector_tstamp|epochMillis}", R"({"foo":1557499235972})"},
      {"R81", "{foo: .collector_tstamp|epoch}", R"({"foo":1557499235})"},
      {"R82", "{foo: .collector_tstamp|epoch|todateiso8601}", R"({"foo":"2019-05-10T14:40:35Z"})"},
      {"R85", "{foo: .app_id}", R"({"foo":"test-data1"})"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(became(jq(row.command, event_mode), add_to_cart()), row.data) << row.id;
  const std::string failed = became(jq(".", event_mode), "a");  // R95
  EXPECT_TRUE(
      failed.starts_with("failed: failed to prepare expected JQ input: intermediate state "
                         "cannot be parsed as parsedEvent: "))
      << failed;
}

TEST(Jq, MakesTheMessageOfJson) {
  struct Row {
    std::string_view id, command, input, result;
  };
  constexpr Row rows[] = {
      {"R86", "{foo: .app_id}", R"({"app_id":"test-data1","b":1})", R"({"foo":"test-data1"})"},
      {"R83", "{sessionId: .a.t|epochMillis}", R"({"a":{"t":"2024-10-28T14:27:47.100Z"}})",
       R"({"sessionId":1730125667100})"},
      {"R87", "{bar: .foo|..}", R"({"foo":[1,2,3]})", R"({"bar":[1,2,3]})"},
      {"R88", "{e: .a|epoch, m: .b|epochMillis, non_null: .c}", R"({"a":null,"c":"hello"})",
       R"({"non_null":"hello"})"},
      {"R89", R"({a: .t|epochMillis("2006-01-02 15:04:05.999")})",
       R"({"t":"2024-10-28 14:27:47.100"})", R"({"a":1730125667100})"},
      {"R90", ".", R"({"b":{"d":null,"c":{"x":[]}},"a":"<&>"})", R"({"a":"\u003c\u0026\u003e"})"},
      {"R91", ".",
       R"({"items":[{"f1":"value1","f2":null,"f3":[{"f4":1},null,{"f5":20,"f6":null}]}]})",
       R"({"items":[{"f1":"value1","f3":[{"f4":1},{"f5":20}]}]})"},
      {"R92", ".items", R"({"items":[{},[],null,{"nested":[]}]})", "[]"},
      {"scalar", ".a", R"({"a":"text"})", R"("text")"},
      {"null", ".none", R"({"a":"text"})", "null"},
      {"R97", ".foo[].value", R"({"foo":[]})", "failed: jq query got no output"},
      {"R98", ".str|epoch", R"({"str":"value"})",
       "failed: jq output is an error: could not parse input - 'value' using provided time layout "
       "- "
       "'2006-01-02T15:04:05.999Z'"},
      {"R99", R"(.str|epochMillis("2006-01-02 15:04:05.999"))",
       R"({"str":"2024-10-28T15:27:47.100"})",
       "failed: jq output is an error: could not parse input - '2024-10-28T15:27:47.100' using "
       "provided time layout - '2006-01-02 15:04:05.999'"},
      {"R93", ".", "[]", "failed: failed to prepare expected JQ input: an object is required"},
  };
  for (const Row& row : rows) EXPECT_EQ(became(jq(row.command), row.input), row.result) << row.id;
  EXPECT_TRUE(  // R94
      became(jq("."), "a").starts_with("failed: failed to prepare expected JQ input: "));
}

TEST(Jq, HasATimeLimit) {
  EXPECT_EQ(became("use \"jq\" {\n jq_command = \".\"\n timeout_ms = 0\n}", "{}"),  // R96
            "failed: jq output is an error: context deadline exceeded");
}

TEST(Jq, IsRefusedAtTheStart) {
  struct Row {
    std::string_view command, error;
  };
  constexpr Row rows[] = {
      // R100, R105
      {"foo: something_undefined", "jq_command: error parsing jq command: "},
      {"^", "jq_command: error parsing jq command: "},
      {"blabla", "jq_command: error compiling jq query: "},
  };
  for (const Row& row : rows) {
    const auto refused = chain(jq(row.command));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find(row.error), std::string::npos) << refused.error().what;
  }
}

TEST(JqFilter, KeepsWhatIsTrue) {
  struct Row {
    std::string_view id, command, result;
  };
  const std::string data = add_to_cart();
  const Row rows[] = {
      {"R101", R"(has("app_id"))", data},
      {"R102", R"(has("non_existent_key"))", "filtered"},
      {"R103", ".collector_tstamp|epoch|. < 10", "filtered"},
      {"R104", ".collector_tstamp|epoch",
       "failed: jq filter didn't return expected [boolean] value: 1557499235"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(became(jq(row.command, event_mode, "jqFilter"), data), row.result) << row.id;
  EXPECT_EQ(became(jq(R"(has("a"))", "", "jqFilter"), R"({"a": null})"), R"({"a": null})");
}

}  // namespace
}  // namespace lvp::bridge
