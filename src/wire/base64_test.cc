#include "wire/base64.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace lvp {
namespace {

// What Apache Commons Codec makes of odd input, and RFC 4648.
TEST(Base64, DecodesLeniently) {
  const struct {
    std::string_view text;
    std::string_view bytes;
  } rows[] = {
      {"am9obitzbWl0aA", "john+smith"},
      {"eyJhZ2UiOjIzLCJuYW1lIjoiSm9obiJ9", R"({"age":23,"name":"John"})"},
      {"\xc3\xa4\xc3\xb6\xc3\xbc - &", ""},
      {"", ""},
      {"am9obg==anything", "john"},
      {"e30=e30", "{}"},
      {"a", ""},
      {"am9 o\nbg", "john"},
      {"-_-_", "\xfb\xff\xbf"},
      {"+/+/", "\xfb\xff\xbf"},
      {"QUJDREVGR0hJSktM", "ABCDEFGHIJKL"},
      {"QUJDREVG\r\nR0hJSktM", "ABCDEFGHIJKL"},
      {"QUJDRE VGR0hJ,SktM", "ABCDEFGHIJKL"},
      {"QUJDREVGR0hJSktMTQ", "ABCDEFGHIJKLM"},
      {"QUJDREVGR0hJSktMTU4=", "ABCDEFGHIJKLMN"},
      {"QUJDREVGR0hJSktMT", "ABCDEFGHIJKL"},
      {"QUJDREVG\xffR0hJ", "ABCDEFGHI"},
  };
  for (const auto& row : rows) EXPECT_EQ(base64_decode(row.text), row.bytes) << row.text;
}

// Long texts are decoded in blocks, which must not differ from symbol by symbol.
TEST(Base64, DecodesLongTexts) {
  std::string bytes;
  for (int i = 0; i < 200; ++i) {
    const std::string text = base64_encode(bytes);
    EXPECT_EQ(base64_decode(text), bytes) << i;
    std::string of_urls = text;
    std::ranges::replace(of_urls, '+', '-');
    std::ranges::replace(of_urls, '/', '_');
    EXPECT_EQ(base64_decode(of_urls), bytes) << i;
    bytes += static_cast<char>(i * 89 + 61);
  }
}

TEST(Base64, PassesOverWhatIsNoSymbolAnywhere) {
  const std::string bytes = "What stands here is more than sixty-four symbols of base64 long.";
  const std::string symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=";
  const std::string text = base64_encode(bytes).substr(0, 85);
  for (int c = 0; c < 256; ++c) {
    if (symbols.find(static_cast<char>(c)) != symbols.npos) continue;
    for (std::size_t at = 0; at <= text.size(); ++at) {
      std::string broken = text;
      broken.insert(at, 1, static_cast<char>(c));
      ASSERT_EQ(base64_decode(broken), bytes.substr(0, 63)) << c << " at " << at;
    }
  }
}

TEST(Base64, Encodes) {
  EXPECT_EQ(base64_encode(""), "");
  EXPECT_EQ(base64_encode("f"), "Zg==");
  EXPECT_EQ(base64_encode("fo"), "Zm8=");
  EXPECT_EQ(base64_encode("foo"), "Zm9v");
  EXPECT_EQ(base64_encode("foob"), "Zm9vYg==");
  EXPECT_EQ(base64_encode("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64_encode("\xfb\xff\xbf"), "+/+/");
}

}  // namespace
}  // namespace lvp
