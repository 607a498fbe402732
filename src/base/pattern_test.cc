#include "base/pattern.h"

#include <gtest/gtest.h>

namespace lvp {
namespace {

TEST(Pattern, FindsAPartAndMatchesTheWhole) {
  const auto pattern = Pattern::compile("b+|c");
  ASSERT_TRUE(pattern);
  EXPECT_TRUE(pattern->finds("abba"));
  EXPECT_FALSE(pattern->finds("aa"));
  EXPECT_TRUE(pattern->matches("bb"));
  EXPECT_TRUE(pattern->matches("c"));
  EXPECT_FALSE(pattern->matches("abba"));
  EXPECT_FALSE(pattern->matches(""));
}

TEST(Pattern, SaysWhyOneCannotBeCompiled) {
  const auto pattern = Pattern::compile("a(");
  ASSERT_FALSE(pattern);
  EXPECT_EQ(pattern.error().code, Error::Code::invalid);
  EXPECT_NE(pattern.error().what.find("missing )"), std::string::npos) << pattern.error().what;
  EXPECT_FALSE(Pattern::compile("(?=x)"));
}

TEST(PatternList, FindsTheFirstThatMatches) {
  const std::vector<std::string> expressions{"Opera/(\\d+)(?:\\.(\\d+)|)", "(?i)chrome mobile",
                                             "(Chrome)", "^x", "\xc3\x89t\xc3\xa9"};
  const PatternList list = *PatternList::compile(expressions);
  const struct {
    std::string_view text;
    std::size_t index;
    std::vector<std::string_view> groups;
  } rows[] = {
      {"an Opera/9.80 Chrome", 0, {"Opera/9.80", "9", "80"}},
      {"Opera/9", 0, {"Opera/9", "9", ""}},
      {"CHROME MOBILE Chrome", 1, {"CHROME MOBILE"}},
      {"Chrome Desktop", 2, {"Chrome", "Chrome"}},
      {"xyz", 3, {"x"}},
      {"l'\xc3\x89t\xc3\xa9", 4, {"\xc3\x89t\xc3\xa9"}},
  };
  for (const auto& row : rows) {
    const auto match = list.first_match(row.text);
    ASSERT_TRUE(match) << row.text;
    EXPECT_EQ(match->index, row.index) << row.text;
    EXPECT_EQ(match->groups, row.groups) << row.text;
  }
  for (const std::string_view text : {"", "chrome", "ax", "opera/9"})
    EXPECT_FALSE(list.first_match(text)) << text;
}

TEST(PatternList, MayBeEmpty) {
  EXPECT_FALSE(PatternList::compile({})->first_match("a"));
}

TEST(PatternList, RefusesWhatIsNoExpression) {
  const std::vector<std::string> expressions{"a", "(?<!b)a"};
  EXPECT_EQ(PatternList::compile(expressions).error().what,
            "regular expression (?<!b)a: not supported");
}

}  // namespace
}  // namespace lvp
