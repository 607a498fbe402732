#include "base/arena.h"

#include <gtest/gtest.h>

#include <string>

namespace lvp {
namespace {

// Of many sizes, one of them larger than any block.
std::vector<std::string> texts(char first) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 200; ++i)
    texts.emplace_back(i * i, static_cast<char>(first + static_cast<char>(i % 20)));
  texts.emplace_back(1'000'000, first);
  texts.emplace_back("the last one");
  return texts;
}

TEST(Arena, KeepsCopiesAndUsesItsMemoryAgain) {
  Arena arena;
  std::size_t bytes = 0;
  for (const char first : {'a', 'A', '0'}) {
    const std::vector<std::string> all = texts(first);
    std::vector<std::string_view> kept;
    for (std::string text : all) kept.push_back(arena.keep(text));
    EXPECT_TRUE(std::equal(all.begin(), all.end(), kept.begin(), kept.end()));
    if (bytes == 0) bytes = arena.bytes();
    EXPECT_EQ(arena.bytes(), bytes);
    arena.clear();
  }
  EXPECT_TRUE(arena.keep("").empty());
}

}  // namespace
}  // namespace lvp
