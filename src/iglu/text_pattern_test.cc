#include "iglu/text_pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace lvp::iglu {
namespace {

// With a group around it an expression means the same and is not known by hand.
TEST(TextPattern, ChecksByHandWhatTheExpressionSays) {
  const struct {
    std::string expression;
    std::string good;
  } rows[] = {
      {"^iglu:[a-zA-Z0-9-_.]+/[a-zA-Z0-9-_]+/[a-zA-Z0-9-_]+/[0-9]+-[0-9]+-[0-9]+$",
       "iglu:com.acme-x_1/Ad_Break-2/jsonschema/10-0-02"},
      {"^[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}$",
       "143F9CB9-3db9-4e99-8d67-c8aea075d190"},
  };
  for (const auto& [expression, good] : rows) {
    const auto by_hand = TextPattern::compile(expression);
    const auto by_engine = Pattern::compile("(" + expression + ")");
    ASSERT_TRUE(by_hand && by_engine);
    EXPECT_TRUE(by_hand->finds(good));
    EXPECT_FALSE(by_hand->finds(""));
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string longer = good;
        longer.insert(at + 1, 1, static_cast<char>(c));
        EXPECT_EQ(by_hand->finds(longer), by_engine->finds(longer)) << longer;
        std::string changed = good;
        changed[at] = static_cast<char>(c);
        EXPECT_EQ(by_hand->finds(changed), by_engine->finds(changed)) << changed;
      }
      const std::string shorter = good.substr(0, at);
      EXPECT_EQ(by_hand->finds(shorter), by_engine->finds(shorter)) << shorter;
    }
  }
}

TEST(TextPattern, FindsAnywhere) {
  const auto pattern = TextPattern::compile("b+");
  ASSERT_TRUE(pattern);
  EXPECT_TRUE(pattern->finds("abc"));
  EXPECT_FALSE(pattern->finds("ac"));
  EXPECT_EQ(pattern->expression(), "b+");
  EXPECT_FALSE(TextPattern::compile("(?=b)"));
}

}  // namespace
}  // namespace lvp::iglu
