#include "enrich/yaml_tables.h"

#include <gtest/gtest.h>

namespace lvp::enrich {
namespace {

TEST(YamlTables, AreRead) {
  const auto tables = parse_yaml_tables(
      "---\n"
      "# comment\n"
      "first: # one\n"
      "  - regex: '(a)''s: \\d # no comment' # comment\n"
      "    name: \"a \\\"b\\\" \\\\d\"\n"
      "\n"
      "  -\n"
      "    regex: plain $1 text # comment\r\n"
      "    empty:\n"
      "second:\n"
      "- a: 1\n"
      "third:\n");
  ASSERT_TRUE(tables) << tables.error().what;
  EXPECT_EQ(*tables, (YamlTables{{"first",
                                  {{{"regex", "(a)'s: \\d # no comment"}, {"name", "a \"b\" \\d"}},
                                   {{"regex", "plain $1 text"}, {"empty", ""}}}},
                                 {"second", {{{"a", "1"}}}},
                                 {"third", {}}}));
}

TEST(YamlTables, NameTheLineThatIsNotUnderstood) {
  const std::string_view texts[] = {"a:\n  b: 1\n",    "a: 1\n\n",           "\n  - a: 1\n",
                                    "a:\n  - b: 'c\n", "a:\n  - b: 'c' d\n", "a:\n  - b: \"\\n\"\n",
                                    "a:\n  - b\n"};
  const std::string_view lines[] = {"2", "1", "2", "2", "2", "2", "2"};
  for (std::size_t i = 0; i < std::size(texts); ++i) {
    const auto tables = parse_yaml_tables(texts[i]);
    ASSERT_FALSE(tables) << texts[i];
    EXPECT_EQ(tables.error().what, "line " + std::string(lines[i]) + " is not understood");
  }
}

}  // namespace
}  // namespace lvp::enrich
