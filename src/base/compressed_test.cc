#include "base/compressed.h"

#include <gtest/gtest.h>

#include "base/test_compress.h"

namespace lvp {
namespace {

std::string compress(Compression compression, std::string_view text) {
  return compression == Compression::gzip ? gzip(text) : zstd(text);
}

class Compressed : public testing::TestWithParam<Compression> {};
INSTANTIATE_TEST_SUITE_P(All, Compressed, testing::Values(Compression::gzip, Compression::zstd));

TEST_P(Compressed, ComesBack) {
  for (const std::size_t size : {0, 1, 1000, 65'535, 65'536, 65'537, 300'000}) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + (i * i) % 17);
    const std::string bytes = compress(GetParam(), text);
    EXPECT_EQ(compression_of(bytes), GetParam());
    EXPECT_EQ(decompress(GetParam(), bytes, size), text) << size;
  }
}

TEST_P(Compressed, StopsAtTheLimit) {
  const std::string bytes = compress(GetParam(), std::string(10'000'000, 'x'));
  EXPECT_LT(bytes.size(), 20'000u);
  EXPECT_EQ(decompress(GetParam(), bytes, 9'999'999), std::unexpected(DecompressError::too_large));
  EXPECT_EQ(decompress(GetParam(), compress(GetParam(), "ab"), 1),
            std::unexpected(DecompressError::too_large));
}

TEST_P(Compressed, RefusesWhatIsCutOffOrFollowedByOthers) {
  const std::unexpected corrupt(DecompressError::corrupt);
  const std::string bytes = compress(GetParam(), "a text that is long enough to be cut anywhere");
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(decompress(GetParam(), bytes.substr(0, size), 1000), corrupt) << size;
  EXPECT_EQ(decompress(GetParam(), bytes + "rest", 1000), corrupt);
  EXPECT_EQ(decompress(GetParam(), "plain text, not compressed at all", 1000), corrupt);
}

TEST_P(Compressed, TakesSeveralMembers) {
  const std::string bytes = compress(GetParam(), "one ") + compress(GetParam(), "two");
  EXPECT_EQ(decompress(GetParam(), bytes, 7), "one two");
}

TEST(Compression, IsKnownByItsFirstBytes) {
  EXPECT_EQ(compression_of(""), std::nullopt);
  EXPECT_EQ(compression_of("\x1f"), std::nullopt);
  EXPECT_EQ(compression_of(std::string_view("\x0b\x00\x64", 3)), std::nullopt);
}

}  // namespace
}  // namespace lvp
