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
