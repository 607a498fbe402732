#include "collect/cookie.h"

#include <gtest/gtest.h>

namespace lvp::collect {
namespace {

using Headers = std::vector<http::Header>;
constexpr Timestamp now = from_ms(1735689600000);  // 2025-01-01T00:00:00Z

std::string set_cookie(const CookieSettings& settings, std::string_view origins) {
  http::Response response;
  add_cookies(settings, "v", now + settings.lifetime, origins, response);
  const Headers headers = response.headers.list();
  EXPECT_EQ(headers.size(), 1u);
  EXPECT_EQ(headers.at(0).name, "Set-Cookie");
  return std::string(headers.at(0).value);
}

TEST(Cookie, IsRecordedWithoutWhatRfc6265DoesNotAllow) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"name=value", "name=value"},                            // K01
      {"name1=value2;name=value", "name1=value2;name=value"},  // K02
      {" name=value ", "name=value"},                          // K03
      {"name = value", "name=value"},                          // K04
      {R"(json={"a":"b"}; x=1; y=2)", "x=1;y=2"},              // K05
      {R"(x=1; json={"a":"b"}; y=2)", "x=1;y=2"},              // K06
      {R"(x=1; y=2; json={"a":"b"})", "x=1;y=2"},              // K07
      {R"(json={"a":"b"})", ""},                               // K08
      {R"(;json={"a":"b"};)", ""},                             // K09
      {";", ""},                                               // K10
      {";;", ""},                                              // K10
      {"a=\xc3\xa9; b=1", "b=1"},
      {"a=1; ; b=2;", "a=1;b=2"},
      {"", ""},
      {"a=1,2; b=x\\y; c=\"q\"; d=e=f", "d=e=f"},
  };
  for (const auto& [value, expected] : rows) EXPECT_EQ(recorded_cookies(value), expected) << value;
}

TEST(Cookie, IsWrittenWithTheConfiguredAttributes) {
  const CookieSettings bare{.name = "n",
                            .lifetime = std::chrono::seconds(5),
                            .domains = {"domain.com"},
                            .secure = false,
                            .http_only = false,
                            .same_site = SameSite::unset};
  EXPECT_EQ(set_cookie(bare, ""),
            "n=v; Expires=Wed, 01 Jan 2025 00:00:05 GMT; Path=/");  // N09

  const CookieSettings strict{
      .name = "greatName", .lifetime = std::chrono::days(42), .same_site = SameSite::strict};
  EXPECT_EQ(set_cookie(strict, ""),
            "greatName=v; Expires=Wed, 12 Feb 2025 00:00:00 GMT; Path=/; SameSite=Strict; Secure; "
            "HttpOnly");  // N16

  const CookieSettings insecure{.secure = false, .http_only = false};
  EXPECT_EQ(set_cookie(insecure, ""),
            "sp=v; Expires=Thu, 01 Jan 2026 00:00:00 GMT; Path=/; SameSite=None; Secure");  // N17

  const CookieSettings lax{
      .domains = {"b.example"}, .secure = false, .http_only = false, .same_site = SameSite::lax};
  EXPECT_EQ(set_cookie(lax, "https://a.b.example"),
            "sp=v; Expires=Thu, 01 Jan 2026 00:00:00 GMT; Domain=b.example; Path=/; SameSite=Lax");
}

TEST(Cookie, IsFoundByItsWholeName) {
  struct Row {
    Headers headers;
    std::optional<std::string_view> found;
  };
  const Row rows[] = {
      {{{"Cookie", "sp=1"}}, "1"},
      {{{"cookie", "a=2; sp=1;sp=3"}}, "1"},
      {{{"Cookie", "spc=1; xsp=2; sp; SP=3"}}, std::nullopt},
      {{{"Cookie", "a=1"}, {"Cookie", " sp=x=y "}}, "x=y"},
      {{{"Cookie", "sp="}}, ""},
      {{{"Cookie", ""}}, std::nullopt},
      {{}, std::nullopt},
  };
  for (const Row& row : rows)
    EXPECT_EQ(find_cookie({"GET", "/i", row.headers, "", ""}, "sp"), row.found);
}

TEST(Cookie, DomainIsTheFirstConfiguredThatAnOriginLiesIn) {
  using List = std::vector<std::string>;
  struct Row {
    List domains;
    std::string_view fallback, origin, expected;
  };
  const List two{"domain.com", "otherdomain.com"};
  const Row rows[] = {
      {{}, "", "", ""},                                                // D01
      {{"domain.com"}, "", "", ""},                                    // D02
      {two, "", "http://origin.com http://otherorigin.com:8080", ""},  // D03
      {{}, "fallbackDomain", "", "fallbackDomain"},                    // D04
      {{"domain.com"}, "fallbackDomain", "", "fallbackDomain"},        // D05
      {two, "fallbackDomain", "http://origin.com http://otherorigin.com:8080",
       "fallbackDomain"},                                              // D06
      {two, "fallbackDomain", "http://www.domain.com", "domain.com"},  // D07
      {two, "fallbackDomain",
       "http://www.domain2.com http://www.domain.com http://www.otherdomain.com:8080",
       "domain.com"},                                                                    // D08
      {{"snplow.com"}, "", "http://snplow.com", "snplow.com"},                           // D09
      {{"snplow.com"}, "", "http://blog.snplow.com", "snplow.com"},                      // D09
      {{"snplow.com"}, "", "http://blog.snplow.com.snplow.com", "snplow.com"},           // D09
      {{"snplow.com"}, "", "http://notsnplow.com", ""},                                  // D10
      {{"snplow.com"}, "", "http://blog.snplow.comsnplow.com", ""},                      // D10
      {{}, "", "http://my.domain", ""},                                                  // D11
      {{"foo.bar", "sub.foo.bar"}, "fallback.domain", "http://sub.foo.bar", "foo.bar"},  // D12
      {{"foo.bar"}, "fallback.domain", "http://other.domain", "fallback.domain"},        // D13
      {{"foo.bar"}, "fallback.domain", "", "fallback.domain"},                           // D13
  };
  for (const Row& row : rows) {
    const CookieSettings settings{.domains = row.domains,
                                  .fallback_domain = std::string(row.fallback)};
    EXPECT_EQ(cookie_domain(settings, row.origin), row.expected) << row.origin;
  }
}

}  // namespace
}  // namespace lvp::collect
