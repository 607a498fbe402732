#include "iglu/lint.h"

#include <gtest/gtest.h>

namespace lvp::iglu {
namespace {

using Findings = std::vector<std::string>;

constexpr std::string_view head =
    R"("$schema":"http://iglucentral.com/schemas/com.snowplowanalytics.self-desc/schema/)"
    R"(jsonschema/1-0-0#","self":{"vendor":"com.acme","name":"x","format":"jsonschema",)"
    R"("version":"1-0-0"})";

Findings lint_with(const std::string& rest, std::string_view uri = {}) {
  return lint("{" + std::string(head) + rest + "}", uri);
}

TEST(Lint, FindsNothingWrongWithWhatIsRight) {
  EXPECT_EQ(lint_with(R"(,"description":"d","type":"object","properties":{"a":{"type":"string"}})",
                      "iglu:com.acme/x/jsonschema/1-0-0"),
            Findings{});
}

TEST(Lint, SaysWhatIsWrong) {
  EXPECT_EQ(lint_with("", "iglu:com.acme/y/jsonschema/1-0-0"),
            Findings{"$: self says that it is iglu:com.acme/x/jsonschema/1-0-0, not "
                     "iglu:com.acme/y/jsonschema/1-0-0"});
  EXPECT_EQ(lint_with(R"(,"properties":{"a":{"cosnt":1}})"),
            Findings{"$.properties.a: cosnt is not a keyword of draft 4 and has no effect"});
  EXPECT_EQ(lint_with(R"(,"$supersededBy":"1-0-0")"),
            Findings{"$: $supersededBy must be a later version and has no effect"});
  EXPECT_EQ(lint_with(R"(,"$supersededBy":"1-0-1")"), Findings{});
  EXPECT_EQ(lint("{}").size(), 2u);
  EXPECT_TRUE(lint(R"({"$schema":"http://json-schema.org/draft-07/schema#"})")
                  .front()
                  .starts_with("$: $schema is not http"));
}

TEST(Lint, SaysWhatMakesItUnusable) {
  for (const std::string text : {R"j(,"pattern":"(?!x)")j", R"(,"required":true)"}) {
    const Findings findings = lint_with(text);
    ASSERT_EQ(findings.size(), 1u) << text;
    EXPECT_TRUE(findings.front().starts_with("$: ")) << findings.front();
  }
  EXPECT_EQ(lint("{").size(), 1u);
}

}  // namespace
}  // namespace lvp::iglu
