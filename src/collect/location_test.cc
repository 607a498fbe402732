#include "collect/location.h"

#include <gtest/gtest.h>

#include "collect/test_requests.h"

// The names of rows, X01 and so on, are those of docs/compatibility-collector.md.
namespace lvp::collect {
namespace {

Settings redirecting(std::vector<std::string> hosts, std::string macro = "") {
  Settings settings;
  settings.redirects = Redirects{std::move(hosts), std::move(macro)};
  return settings;
}

Settings bouncing() {
  Settings settings;
  settings.bounce.emplace();
  return settings;
}

TEST(Redirect, LeadsToAllowedHosts) {
  const Settings two = redirecting({"snowplow.acme.com", "example.com"});
  const Settings any = redirecting({"*"});
  struct Row {
    const Settings& settings;
    std::string_view query;
    std::string_view location;  // empty: 400
  };
  const Row rows[] = {
      {two, "u=https%3A%2F%2Fsnowplow.acme.com%2F12", "https://snowplow.acme.com/12"},  // X01
      {two, "u=http://example.com", "http://example.com"},
      {two, "e=pv&u=HTTPS://Example.com:8443/?a=b%23c", "HTTPS://Example.com:8443/?a=b#c"},
      {two, "", ""},                                         // X03
      {two, "u", ""},                                        // X03
      {two, "u=", ""},                                       // X03
      {two, "u=https%3A%2F%2Finvalidexample.com%2F12", ""},  // X04
      {two, "u=https://www.example.com/", ""},               // no subdomains
      {two, "u=//example.com/", ""},                         // no scheme
      {two, "u=/local", ""},                                 //
      {two, "u=ftp://example.com/", ""},                     //
      {two, "u=https:example.com", ""},                      //
      {two, "u=https://example.com@evil.example/", ""},      // what browsers would read otherwise
      {two, "u=https://evil.example%5C@example.com/", ""},   //
      {two, "u=https://example.com%5C.evil.example/", ""},   //
      {two, "u=https://evil.example%23@example.com/", ""},   //
      {two, "u=https://exa%09mple.com/", ""},                //
      {two, "u=%20https://example.com/", ""},                //
      {two, "u=https:///example.com/", ""},                  //
      {two, "u=https://example.com/&u=https://evil.example/", "https://example.com/"},
      {two, "u=https://evil.example/&u=https://example.com/", ""},
      {any, "u=https%3A%2F%2Funknown.example.com%2F12", "https://unknown.example.com/12"},  // X05
      {any, "u=/local", "/local"},
      {any, "u=http%3A%2F%2FD%2Fa%253Db", "http://D/a%3Db"},                            // X09
      {any, "u=https%3A%2F%2Fa.example%2F%3Fq%3Da%20b", "https://a.example/?q=a%20b"},  // X10
      {any, "u=https://a.example/?q=a+b", "https://a.example/?q=a%20b"},
      {any, "u=https://a.example/%0D%0ASet-Cookie:x%00", "https://a.example/%0D%0ASet-Cookie:x%00"},
      {any, "u=https://a.example/%C3%A9", "https://a.example/%C3%A9"},
      {any, "u=https://a.example/?q=${SP_NUID}", "https://a.example/?q=${SP_NUID}"},  // X06
  };
  for (const Row& row : rows) {
    for (const std::string_view method : {"GET", "HEAD", "POST"}) {  // R19, X02
      SCOPED_TRACE(std::string(method) + " " + std::string(row.query));
      const std::string target = "/r/tp2?" + std::string(row.query);
      const Accepted accepted = run(make(method, target), row.settings);
      EXPECT_EQ(accepted.route, Route::redirect);
      EXPECT_EQ(accepted.response.status, row.location.empty() ? 400 : 302);
      EXPECT_EQ(body(accepted.response), "");
      Values expected;
      if (!row.location.empty()) expected.emplace_back(row.location);
      EXPECT_EQ(values(accepted.response, "Location"), expected);
      EXPECT_EQ(values(accepted.response, "Set-Cookie").size(), 1u);
      EXPECT_EQ(values(accepted.response, "Cache-Control").size(), method == "POST" ? 0u : 1u);
      EXPECT_EQ(values(accepted.response, "Access-Control-Allow-Origin"), Values{"*"});
      EXPECT_TRUE(values(accepted.response, "Content-Type").empty());
      const CollectorPayload payload = recorded(accepted);
      EXPECT_EQ(payload.path, "/r/tp2");
      EXPECT_EQ(payload.querystring, strict_uri_text(row.query));
    }
  }
}

TEST(Redirect, PutsTheNetworkUserIdWhereAMacroIs) {
  const std::string n(id_n);
  struct Row {
    std::string macro, u, location;
  };
  const Row rows[] = {
      {"${SP_NUID}", "http://D/?uid=${SP_NUID}", "http://D/?uid=" + n},  // X07
      {"${SP_NUID}", "http://D/${SP_NUID}?u=${SP_NUID}&", "http://D/" + n + "?u=" + n},
      {"[TOKEN]", "http://D/?uid=[TOKEN]", "http://D/?uid=" + n},  // X08
      {"[TOKEN]", "http://D/?uid=${SP_NUID}", "http://D/?uid=${SP_NUID}"},
  };
  for (const Row& row : rows) {
    const std::string target = "/r/tp2?u=" + row.u;
    const Accepted accepted =
        run(make("GET", target, {{"Cookie", cookie_n}}), redirecting({"*"}, row.macro));
    EXPECT_EQ(values(accepted.response, "Location"), Values{row.location});
  }
  const http::Request request =
      make("GET", "/r/tp2?u=http://D/?uid=[T]", {{"Cookie", cookie_n}, {"SP-Anonymous", "*"}});
  EXPECT_EQ(values(run(request, redirecting({"*"}, "[T]")).response, "Location"),
            Values{"http://D/?uid=" + std::string(nil_uuid)});
}

TEST(Redirect, WorksForARenamedPathEvenIfRedirectsAreOff) {  // X11
  Settings settings;
  settings.paths = {{"/com.acme/redirect", "/r/tp2"}};
  const Accepted accepted = run(make("GET", "/com.acme/redirect?u=https://a.example/"), settings);
  EXPECT_EQ(values(accepted.response, "Location"), Values{"https://a.example/"});
  EXPECT_EQ(recorded(accepted).path, "/r/tp2");
  EXPECT_EQ(run(make("GET", "/r/tp2?u=https://a.example/"), settings).response.status, 404);
}

TEST(Redirect, LeadsOnWhoDoesNotWantToBeTracked) {
  Settings settings = redirecting({"*"}, "[T]");
  settings.do_not_track = DoNotTrack{.name = "dnt", .value = nullptr};
  const std::string cookies = "dnt=1; " + std::string(cookie_n);
  const Accepted accepted =
      run(make("GET", "/r/tp2?u=https://a.example/[T]", {{"Cookie", cookies}}), settings);
  EXPECT_EQ(values(accepted.response, "Location"),
            Values{"https://a.example/" + std::string(nil_uuid)});
  EXPECT_TRUE(accepted.raw.empty());
  EXPECT_TRUE(values(accepted.response, "Set-Cookie").empty());
}

TEST(Bounce, SendsAPixelWithoutAnIdRoundOnceMore) {  // X20, X21, X24
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"/i?e=pv", "/i?e=pv&n3pc=true"},
      {"/i", "/i?n3pc=true"},
      {"/i?", "/i?n3pc=true"},
      {"/a/b?x=%7B%C3%A9&y={z}", "/a/b?x=%7B%C3%A9&y=%7Bz%7D&n3pc=true"},
      {"http://example.com/i?e=pv", "/i?e=pv&n3pc=true"},
      {"/i?page=n3pc-test", "/i?page=n3pc-test&n3pc=true"},
      {"/\\evil.example/b", "/%5Cevil.example/b?n3pc=true"},  // browsers read "\" as "/"
  };
  for (const auto& [target, location] : rows) {
    for (const std::string_view method : {"GET", "HEAD"}) {
      const Accepted accepted = run(make(method, target), bouncing());
      EXPECT_EQ(accepted.route, Route::bounce);
      EXPECT_EQ(accepted.response.status, 302);
      EXPECT_EQ(values(accepted.response, "Location"), Values{std::string(location)});
      EXPECT_EQ(body(accepted.response), "");
      EXPECT_TRUE(accepted.raw.empty());
      EXPECT_EQ(accepted.response.headers.list().size(), 5u);  // no P3P
      EXPECT_EQ(values(accepted.response, "Cache-Control").size(), 1u);
      EXPECT_TRUE(values(accepted.response, "Set-Cookie").at(0).starts_with("sp=99999999-"));
    }
  }
}

TEST(Bounce, IsNotForThoseWithAnIdNorForThoseWhoWereSentRound) {
  struct Row {
    std::string_view method, target;
    Headers headers;
    std::string_view recorded;
  };
  const std::string nuid = "/i?nuid=" + std::string(id_a);
  const Row rows[] = {
      {"GET", nuid, {}, id_a},                           // X22
      {"GET", "/i", {{"Cookie", cookie_n}}, id_n},       //
      {"GET", "/i", {{"SP-Anonymous", ""}}, nil_uuid},   //
      {"GET", "/i?e=pv&n3pc=true", {}, fallback_id},     // X23
      {"GET", "/i?n3pc", {{"Cookie", cookie_n}}, id_n},  //
      {"POST", "/a/b", {}, new_id},                      // X27
      {"POST", "/a/b?n3pc=true", {}, fallback_id},       //
  };
  for (const Row& row : rows) {
    const Accepted accepted = run(make(row.method, row.target, row.headers), bouncing());
    SCOPED_TRACE(row.target);
    EXPECT_EQ(accepted.response.status, 200);
    EXPECT_TRUE(values(accepted.response, "Location").empty());
    EXPECT_EQ(recorded(accepted).network_userid, row.recorded);
    if (row.recorded == fallback_id) {
      EXPECT_TRUE(values(accepted.response, "Set-Cookie").at(0).starts_with("sp=00000000-0000-4"));
      EXPECT_EQ(accepted.raw.at(0).key, new_id);  // shared by many, so it is no key
    }
  }
  Settings redirects = bouncing();
  redirects.redirects = Redirects{.hosts = {"*"}, .macro = ""};
  EXPECT_EQ(run(make("GET", "/r/tp2?u=https://a.example/"), redirects).route, Route::redirect);
}

TEST(Bounce, IsAbsoluteIfAProxyTellsTheProtocol) {
  Settings settings = bouncing();
  settings.bounce->forwarded_protocol_header = "X-Forwarded-Proto";
  const http::Header host{"Host", "c.example:8080"};
  struct Row {
    Headers headers;
    std::string_view location;
  };
  const Row rows[] = {
      {{host, {"x-forwarded-proto", "https"}}, "https://c.example:8080/i?n3pc=true"},  // X25
      {{host, {"X-Forwarded-Proto", "http"}}, "http://c.example:8080/i?n3pc=true"},    // X25
      {{host}, "/i?n3pc=true"},                                                        // X26
      {{host, {"X-Forwarded-Proto", "ftp"}}, "/i?n3pc=true"},
      {{host, {"X-Forwarded-Proto", "https, http"}}, "/i?n3pc=true"},
      {{{"X-Forwarded-Proto", "https"}}, "/i?n3pc=true"},
      {{{"Host", "a@b"}, {"X-Forwarded-Proto", "https"}}, "/i?n3pc=true"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(values(run(make("GET", "/i", row.headers), settings).response, "Location"),
              Values{std::string(row.location)});
}

}  // namespace
}  // namespace lvp::collect
