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

}  // namespace
}  // namespace lvp
