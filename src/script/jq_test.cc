#include "script/jq.h"

#include <gtest/gtest.h>

namespace lvp::script {
namespace {

using namespace std::chrono_literals;

std::string first(Jq& program, std::string_view json) {
  const auto output = program.first(json);
  if (output) return *output;
  constexpr std::string_view kinds[] = {"input", "no output", "error", "time limit"};
  return std::string(kinds[static_cast<std::size_t>(output.error().kind)]) + ": " +
         output.error().text;
}

std::string once(std::string_view program, std::string_view json = "{}",
                 std::string_view definitions = "") {
  auto loaded = Jq::load(definitions, program, 500ms);
  return loaded ? first(*loaded, json) : loaded.error().what;
}

TEST(Jq, GivesTheFirstOutput) {
  struct Row {
    std::string_view program, input, output;
  };
  constexpr Row rows[] = {
      {".", R"({"b":1,"a":[true,null,"\u00e9<"]})", "{\"a\":[true,null,\"\u00e9<\"],\"b\":1}"},
      {".a, .b", R"({"a":1,"b":2})", "1"},
      {"def twice: . * 2; .a | twice # comment", R"({"a":21})", "42"},
      {R"({a: 1})", "[]", R"({"a":1})"},
      {R"(.a | test("^[0-9]+$"))", R"({"a":"17"})", "true"},
      {".a[]", R"({"a":[]})", "no output: "},
      {"empty", "{}", "no output: "},
      {R"(error("no"))", "{}", "error: no"},
      {R"(error({"a":1}))", "{}", R"(error: {"a":1})"},
      {"halt", "{}", "error: halt is not supported"},
      {R"("x" | halt_error)", "{}", "error: halt is not supported"},
      {"input", "{}", "error: break"},
      {"env", "{}", "{}"},
      {"$ENV", "{}", "{}"},
      {"$ENV.PATH", "{}", "null"},
  };
  for (const Row& row : rows) EXPECT_EQ(once(row.program, row.input), row.output) << row.program;
  EXPECT_TRUE(once(".", "{").starts_with("input: "));
}

TEST(Jq, KnowsOurDefinitions) {
  EXPECT_EQ(once(".a | twice", R"({"a":21})", "def twice: . * 2;"), "42");
}

TEST(Jq, RefusesAtTheStartWhatCannotRun) {
  for (const std::string_view program : {"^", "blabla", "foo: something_undefined", "."}) {
    const bool good = Jq::load("", program, 100ms).has_value();
    EXPECT_EQ(good, program == ".") << program;
  }
  EXPECT_NE(once("blabla").find("blabla/0 is not defined"), std::string::npos);
}

TEST(Jq, StopsAtTheTimeLimitAndGoesOn) {
  auto program = Jq::load("", "if .forever then last(range(1e18)) else .a end", 30ms);
  ASSERT_TRUE(program);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(first(*program, R"({"forever":true})"), "time limit: context deadline exceeded");
    EXPECT_EQ(first(*program, R"({"a":7})"), "7");
  }
  auto never = Jq::load("", ".", 0ms);
  ASSERT_TRUE(never);
  EXPECT_EQ(first(*never, "{}"), "time limit: context deadline exceeded");
}

}  // namespace
}  // namespace lvp::script
