#include "wire/base64.h"

#include <gtest/gtest.h>

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

TEST(Base64, Encodes) {
  EXPECT_EQ(base64_encode(""), "");
  EXPECT_EQ(base64_encode("f"), "Zg==");
  EXPECT_EQ(base64_encode("fo"), "Zm8=");
  EXPECT_EQ(base64_encode("foo"), "Zm9v");
  EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64_encode("\xfb\xff\xbf"), "+/+/");
}

}  // namespace
}  // namespace lvp
