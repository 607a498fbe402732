#include "wire/http_message.h"

#include <gtest/gtest.h>

namespace lvp::http {
namespace {

TEST(HttpMessage, SplitsTheTarget) {
  Request request;
  request.target = "/i?e=pv&u=a?b";
  EXPECT_EQ(request.path(), "/i");
  EXPECT_EQ(request.query(), "e=pv&u=a?b");
  request.target = "/health";
  EXPECT_EQ(request.path(), "/health");
  EXPECT_EQ(request.query(), "");
}

TEST(HttpMessage, FindsTheFirstHeaderOfAnyCase) {
  Request request;
  request.headers = {{"Host", "a"}, {"SP-Anonymous", ""}, {"host", "b"}};
  EXPECT_EQ(request.header("HOST"), "a");
  EXPECT_TRUE(request.has_header("sp-anonymous"));
  EXPECT_FALSE(request.has_header("Cookie"));
}

TEST(ResponseHeaders, AreATextAndAListInTheirOrder) {
  ResponseHeaders headers{{"Allow", "GET"}};
  headers.add("Set-Cookie", {"sp=", "", "1; Path=/"});
  headers.add("X-Empty", "");
  EXPECT_EQ(headers.text(), "\r\nAllow: GET\r\nSet-Cookie: sp=1; Path=/\r\nX-Empty: ");
  const std::vector<Header> list = headers.list();
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[1].name, "Set-Cookie");
  EXPECT_EQ(list[1].value, "sp=1; Path=/");
  EXPECT_EQ(list[2].name, "X-Empty");
  EXPECT_EQ(list[2].value, "");
}

TEST(ResponseHeaders, NoValueForgesAHeaderAndTheFramingIsTheServers) {
  ResponseHeaders headers;
  headers.add("Location", std::string_view("/\r\nA: b\0", 8));
  for (const std::string_view name : {"date", "Connection", "content-length", "Transfer-Encoding"})
    headers.add(name, "x");
  EXPECT_EQ(headers.text(), "\r\nLocation: /  A: b ");
}

TEST(WithoutPort, LeavesTheName) {
  EXPECT_EQ(without_port("example.com:9090"), "example.com");
  EXPECT_EQ(without_port("example.com"), "example.com");
  EXPECT_EQ(without_port("[::1]:9090"), "[::1]");
  EXPECT_EQ(without_port("[::1]"), "[::1]");
  EXPECT_EQ(without_port("[::1"), "");
  EXPECT_EQ(without_port(""), "");
}

}  // namespace
}  // namespace lvp::http
