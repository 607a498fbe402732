#include "collect/incoming.h"

#include <gtest/gtest.h>

namespace lvp::collect {
namespace {

TEST(Incoming, TargetIsTakenApart) {
  const Target absolute = parse_target("HTTPS://h.example:1?e=pv");
  EXPECT_EQ(absolute.host, "h.example:1");
  EXPECT_EQ(absolute.path, "/");
  EXPECT_EQ(absolute.query, "e=pv");
  const Target origin_form = parse_target("/i");
  EXPECT_EQ(origin_form.host, "");
  EXPECT_EQ(origin_form.path, "/i");
  EXPECT_FALSE(origin_form.query);
  const Target nested = parse_target("/i?u=http://h.example/#x");
  EXPECT_EQ(nested.host, "");
  EXPECT_EQ(nested.query, "u=http://h.example/");
}

TEST(Incoming, FindsTheFirstOfEachHeader) {
  const http::Request request{"POST",
                              "/i",
                              {{"host", "h"},
                               {"Host", "other"},
                               {"ORIGIN", ""},
                               {"Origin", "other"},
                               {"User-agent", "ua"},
                               {"Referer", "r"},
                               {"Content-type", "t"},
                               {"cookie", "c"},
                               {"sp-anonymous", ""}},
                              "",
                              ""};
  const Incoming incoming(request);
  EXPECT_EQ(incoming.host, "h");
  EXPECT_EQ(incoming.origin, "");
  EXPECT_EQ(incoming.user_agent, "ua");
  EXPECT_EQ(incoming.referer, "r");
  EXPECT_EQ(incoming.content_type, "t");
  EXPECT_TRUE(incoming.has_cookies);
  EXPECT_TRUE(incoming.is_anonymous);
  EXPECT_TRUE(incoming.is_post);
  const http::Request bare{"GET", "/i", {{"Cookie2", "c"}, {"SP-Anonymou5", "*"}}, "", ""};
  const Incoming other(bare);
  EXPECT_EQ(other.host.data(), nullptr);
  EXPECT_FALSE(other.has_cookies);
  EXPECT_FALSE(other.is_anonymous);
  EXPECT_FALSE(other.is_post);
}

TEST(Incoming, FindsTheFirstParameterOfAName) {
  struct Row {
    std::string_view query;
    std::optional<std::string_view> value;
  };
  const Row rows[] = {
      {"", std::nullopt},
      {"u", ""},
      {"u=", ""},
      {"u=a&u=b", "a"},
      {"e=pv;u=a", "a"},
      {"&&u=a=b", "a=b"},
      {"%75=a", "a"},
      {"uu=a&=u", std::nullopt},
      {"U=a", std::nullopt},
      {"u=a+b%26c", "a b&c"},
      {"u=%ff%4", "\xef\xbf\xbd%4"},
  };
  for (const Row& row : rows) EXPECT_EQ(find_parameter(row.query, "u"), row.value) << row.query;
}

TEST(Incoming, UriTextIsMadeStrict) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"a=1&b=%7B!$'()*+,-./:;=?@[]_~", "a=1&b=%7B!$'()*+,-./:;=?@[]_~"},
      {"a=%b", "a=%25b"},
      {"%", "%25"},
      {"%zz%4", "%25zz%254"},
      {"\"<>{}|\\^` ", "%22%3C%3E%7B%7D%7C%5C%5E%60%20"},
      {"\x01\x7f\xc3\xa9", "%01%7F%C3%A9"},
      {"", ""},
  };
  for (const auto& [text, strict] : rows) {
    EXPECT_EQ(strict_uri_text(text), strict);
    EXPECT_EQ(is_strict_uri_text(text), text == strict) << text;
  }
}

}  // namespace
}  // namespace lvp::collect
