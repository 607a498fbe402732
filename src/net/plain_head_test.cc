#include "net/plain_head.h"

#include <gtest/gtest.h>

#include <string>

namespace lvp::net {
namespace {

std::string_view text(std::string_view head, Place place) {
  return head.substr(place.at, place.size);
}

TEST(PlainHead, IsTakenApart) {
  const std::string head =
      "POST /com.a/b?c=d HTTP/1.1\r\nhOST: a\r\nX-Empty:\r\nX-Blanks:   b c  \r\n"
      "Connection: Keep-Alive\r\ncontent-length: 0123\r\nX~!#$%&'*+.^_`|: ~\r\n\r\n";
  std::vector<Field> fields;
  const auto plain = read_plain_head(head, fields);
  ASSERT_TRUE(plain);
  EXPECT_EQ(text(head, plain->method), "POST");
  EXPECT_EQ(text(head, plain->target), "/com.a/b?c=d");
  EXPECT_EQ(plain->body_bytes, 123u);
  EXPECT_EQ(plain->bytes, head.size());
  const std::pair<std::string_view, std::string_view> expected[] = {
      {"hOST", "a"},
      {"X-Empty", ""},
      {"X-Blanks", "b c"},
      {"Connection", "Keep-Alive"},
      {"content-length", "0123"},
      {"X~!#$%&'*+.^_`|", "~"},
  };
  ASSERT_EQ(fields.size(), std::size(expected));
  for (std::size_t i = 0; i < fields.size(); ++i) {
    EXPECT_EQ(text(head, fields[i].name), expected[i].first);
    EXPECT_EQ(text(head, fields[i].value), expected[i].second);
  }
}

TEST(PlainHead, WithoutALengthThereIsNoBody) {
  std::vector<Field> fields;
  const auto plain = read_plain_head("GET / HTTP/1.1\r\nHost: a\r\n\r\n", fields);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->body_bytes, 0u);
}

TEST(PlainHead, WhatComesAfterItIsLeft) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  std::vector<Field> fields;
  const auto plain = read_plain_head(head + "\r\n\xff", fields);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->bytes, head.size());
}

TEST(PlainHead, IsOfPrintableBytesWhereverTheyAre) {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  for (std::size_t at = 0; at < 40; ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string value(40, 'x');
      value[at] = static_cast<char>(byte);
      std::vector<Field> fields;
      EXPECT_EQ(read_plain_head(start + value + "\r\n\r\n", fields).has_value(),
                byte >= 0x20 && byte <= 0x7e)
          << byte << " at " << at;
    }
  }
}

TEST(PlainHead, WhatIsAnythingElseIsLeft) {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (const std::string& head : {
           std::string("\r\n"),
           std::string("GET / HTTP/1.1\r\n\r\n"),
           std::string("GET / HTTP/1.0\r\nHost: a\r\n\r\n"),
           std::string("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
           std::string("GET /\r\nHost: a\r\n\r\n"),
           std::string("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string(" GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("G(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET / HTTP/1.1\nHost: a\r\n\r\n"),
           start + "Host: b\r\n\r\n",
           start + " folded\r\n\r\n",
           start + "X : a\r\n\r\n",
           start + ": a\r\n\r\n",
           start + "X\r\n\r\n",
           start + "X: a\rb\r\n\r\n",
           start + "X: a\nb\r\n\r\n",
           start + "X: a\tb\r\n\r\n",
           start + "X: 1234567\x7f\r\n\r\n",
           start + "X: 1234567890\x1f\r\n\r\n",
           start + std::string("X: \0 234567\r\n\r\n", 15),
           start + "X: \xff\r\n\r\n",
           start + "Connection: close\r\n\r\n",
           start + "Connection: keep-alive, Upgrade\r\n\r\n",
           start + "Proxy-Connection: close\r\n\r\n",
           start + "Upgrade: websocket\r\n\r\n",
           start + "Expect: 100-continue\r\n\r\n",
           start + "Transfer-Encoding: chunked\r\n\r\n",
           start + "Content-Length:\r\n\r\n",
           start + "Content-Length: +1\r\n\r\n",
           start + "Content-Length: 1 2\r\n\r\n",
           start + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
           start + "Content-Length: 1234567890123456789\r\n\r\n",
           start,
           start + "\r",
       }) {
    std::vector<Field> fields;
    EXPECT_FALSE(read_plain_head(head, fields)) << head;
  }
}

}  // namespace
}  // namespace lvp::net
