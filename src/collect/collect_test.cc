#include "collect/collect.h"

#include <gtest/gtest.h>

#include <chrono>

#include "collect/test_requests.h"

// The names of rows, R01 and so on, are those of docs/compatibility-collector.md.
namespace lvp::collect {
namespace {

constexpr std::string_view not_found = "404 not found";

TEST(Collect, AnswersWithoutRecordingWhatIsNoEvent) {
  struct Row {
    std::string_view method, target;
    int status;
    std::string_view body;
    Route route = Route::unknown;
  };
  const Row rows[] = {
      {"GET", "/health", 200, "OK", Route::fixed},                              // R01, R02
      {"GET", "/health/", 200, "OK", Route::fixed},                             // R32
      {"OPTIONS", "/i", 200, "", Route::preflight},                             // R03
      {"OPTIONS", "/health", 200, "", Route::preflight},                        // R04
      {"OPTIONS", "/p3/p4", 200, "", Route::preflight},                         // R05
      {"GET", "/r/abc", 404, "redirects disabled"},                             // R20
      {"POST", "/r/abc", 404, "redirects disabled"},                            // R20
      {"OPTIONS", "/r/abc", 404, "redirects disabled"},                         // R21
      {"GET", "/", 404, not_found},                                             // R23
      {"GET", "/crossdomain.xml", 404, not_found},                              // R27
      {"GET", "/robots.txt", 200, "User-agent: *\nDisallow: /", Route::fixed},  // R30
      {"GET", "/something", 404, not_found},                                    // R31
      {"PUT", "/a/b", 404, not_found},                                          // R33
      {"POST", "/i", 404, not_found},                                           // R33
      {"HEAD", "/health", 404, not_found},                                      // R33
      {"GET", "/sink-health", 404, not_found},
      {"GET", "/a/b/", 404, not_found},
      {"GET", "/a/", 404, not_found},
      {"GET", "/i/", 404, not_found},
      {"GET", "//", 404, not_found},
      {"POST", "/a", 404, not_found},
      {"PUT", "/r/abc", 404, "redirects disabled"},
      {"GET", "/%72/abc", 404, "redirects disabled"},
      {"GET", "/r/", 404, not_found},
      {"GET", "/r/a/b", 404, not_found},
      {"GET", "*", 404, not_found},
      {"GET", "", 404, not_found},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.method) + " " + std::string(row.target));
    const Accepted accepted = run(make(row.method, row.target));
    EXPECT_EQ(accepted.response.status, row.status);
    EXPECT_EQ(body(accepted.response), row.body);
    EXPECT_EQ(accepted.route, row.route);
    EXPECT_TRUE(accepted.raw.empty());
    EXPECT_TRUE(accepted.bad.empty());
    EXPECT_EQ(values(accepted.response, "Access-Control-Allow-Origin"), Values{"*"});
    EXPECT_TRUE(values(accepted.response, "Set-Cookie").empty());
  }
}

TEST(Collect, RecordsEvents) {
  constexpr bool pixel = true;
  constexpr bool ok = false;
  struct Row {
    std::string_view method, target;
    bool answer;
    std::string_view path;
  };
  const Row rows[] = {
      {"POST", "/p3/p4", ok, "/p3/p4"},                                                  // R10
      {"GET", "/p3/p4", pixel, "/p3/p4"},                                                // R11
      {"GET", "/i", pixel, "/i"},                                                        // R13
      {"GET", "/ice.png", pixel, "/ice.png"},                                            // R14
      {"POST", "/com.snowplowanalytics.iglu/v1", ok, "/com.snowplowanalytics.iglu/v1"},  // R15
      {"POST", "/com.snowplowanalytics.iglu/v1?schema=iglu%3Aa", ok,
       "/com.snowplowanalytics.iglu/v1"},  // R16
      {"GET", "/com.snowplowanalytics.iglu/v1?a=b", pixel,
       "/com.snowplowanalytics.iglu/v1"},  // R18
      {"POST", "/com.snowplowanalytics.snowplow/tp2", ok, "/com.snowplowanalytics.snowplow/tp2"},
      {"GET", "http://c.example.com/i?e=pv", pixel, "/i"},
      {"POST", "/a%2Fb/c", ok, "/a/b/c"},
      {"POST", "/A/b;x=1", ok, "/A/b;x=1"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.method) + " " + std::string(row.target));
    const Accepted accepted = run(make(row.method, row.target, {}, "testBody"));
    EXPECT_EQ(accepted.response.status, 200);
    EXPECT_TRUE(accepted.bad.empty());
    const CollectorPayload payload = recorded(accepted);
    EXPECT_EQ(payload.path, row.path);
    EXPECT_EQ(accepted.route, row.answer == pixel ? Route::pixel : Route::post);
    if (row.answer == pixel) {
      EXPECT_EQ(body(accepted.response).size(), 43u);
      EXPECT_TRUE(body(accepted.response).starts_with("GIF89a"));
      EXPECT_EQ(values(accepted.response, "Content-Type"), Values{"image/gif"});
      EXPECT_EQ(values(accepted.response, "Cache-Control"),
                Values{"no-cache, no-store, must-revalidate"});  // C01
      EXPECT_FALSE(payload.body);
      EXPECT_FALSE(payload.content_type);
    } else {
      EXPECT_EQ(body(accepted.response), "ok");  // C06, C07
      EXPECT_EQ(values(accepted.response, "Content-Type"), Values{"text/plain; charset=UTF-8"});
      EXPECT_TRUE(values(accepted.response, "Cache-Control").empty());
      EXPECT_EQ(payload.body, "testBody");
    }
    EXPECT_TRUE(values(accepted.response, "P3P").empty());     // C10
    EXPECT_TRUE(values(accepted.response, "Server").empty());  // C10
  }
}

TEST(Collect, HeadRecordsAsGetDoesAndHasNoBody) {  // R12, R13, R14
  for (const std::string_view target : {"/p3/p4", "/i", "/ice.png"}) {
    const Accepted accepted = run(make("HEAD", target));
    EXPECT_EQ(accepted.response.status, 200);
    EXPECT_EQ(body(accepted.response), "");
    EXPECT_EQ(values(accepted.response, "Content-Type"), Values{"image/gif"});
    EXPECT_EQ(recorded(accepted).path, target);
  }
}

TEST(Collect, PreflightCanAllowMoreAndForAnotherTime) {  // R07
  Settings settings;
  settings.preflight_max_age = std::chrono::seconds(-1);
  settings.preflight_headers = {"traceparent", "X-Token"};
  const Accepted accepted = run(make("OPTIONS", "/x"), settings);
  EXPECT_EQ(values(accepted.response, "Access-Control-Max-Age"), Values{"-1"});
  EXPECT_EQ(values(accepted.response, "Access-Control-Allow-Headers"),
            Values{"Content-Type, SP-Anonymous, traceparent, X-Token"});
}

TEST(Collect, EveryAnswerAsksForTlsIfItShall) {  // R08, R09
  Settings settings;
  settings.hsts_max_age = std::chrono::days(180);
  settings.root.emplace();
  for (const auto& [method, target] : {std::pair{"GET", "/i"},
                                       {"GET", "/health"},
                                       {"GET", "/give-me-404"},
                                       {"POST", "/a/b"},
                                       {"OPTIONS", "/i"},
                                       {"GET", "/"},
                                       {"GET", "/r/abc"}}) {
    EXPECT_EQ(values(run(make(method, target), settings).response, "Strict-Transport-Security"),
              Values{"max-age=15552000; includeSubDomains"})
        << method << target;
    EXPECT_TRUE(values(run(make(method, target)).response, "Strict-Transport-Security").empty());
  }
}

TEST(Collect, TheRootSaysWhatItIsTold) {  // R22, R24, R25
  struct Row {
    RootResponse root;
    std::vector<std::pair<std::string, std::string>> headers;
  };
  const Row rows[] = {
      {{}, {}},
      {{.headers = {{"Location", "https://127.0.0.1/"}}}, {{"Location", "https://127.0.0.1/"}}},
      {{.status = 200, .headers = {{"Content-Type", "text/html"}}, .body = "<p>Hi"},
       {{"Content-Type", "text/html"}}},
  };
  for (const Row& row : rows) {
    Settings settings;
    settings.root = row.root;
    const Accepted accepted = run(make("GET", "/", {{"Origin", "https://a.example"}}), settings);
    EXPECT_EQ(accepted.response.status, row.root.status);
    EXPECT_EQ(body(accepted.response), row.root.body);
    EXPECT_EQ(accepted.route, Route::fixed);
    EXPECT_TRUE(accepted.raw.empty());
    std::vector<std::pair<std::string, std::string>> headers;
    for (const auto& [name, value] : accepted.response.headers.list())
      headers.emplace_back(name, value);
    EXPECT_EQ(headers, row.headers);
    EXPECT_EQ(run(make("HEAD", "/"), settings).response.status, 404);
    EXPECT_EQ(run(make("OPTIONS", "/"), settings).route, Route::preflight);
  }
}

TEST(Collect, PreflightHasExactlyFourHeaders) {  // R06
  const Accepted accepted = run(make("OPTIONS", "/x"));
  EXPECT_EQ(accepted.response.headers.list().size(), 4u);
  EXPECT_EQ(values(accepted.response, "Access-Control-Allow-Origin"), Values{"*"});
  EXPECT_EQ(values(accepted.response, "Access-Control-Allow-Credentials"), Values{"true"});
  EXPECT_EQ(values(accepted.response, "Access-Control-Allow-Headers"),
            Values{"Content-Type, SP-Anonymous"});
  EXPECT_EQ(values(accepted.response, "Access-Control-Max-Age"), Values{"3600"});
}

TEST(Collect, CrossDomainPolicy) {  // R26, R28, R29
  struct Row {
    CrossDomain policy;
    std::string_view lines;
  };
  const Row rows[] = {
      {{}, "  <allow-access-from domain=\"*\" secure=\"true\" />"},
      {{.domains = {"*", "acme.com"}, .secure = false},
       "  <allow-access-from domain=\"*\" secure=\"false\" />\n"
       "  <allow-access-from domain=\"acme.com\" secure=\"false\" />"},
      {{.domains = {}}, ""},
  };
  for (const Row& row : rows) {
    Settings settings;
    settings.cross_domain = row.policy;
    const Accepted accepted = run(make("GET", "/crossdomain.xml"), settings);
    EXPECT_EQ(accepted.response.status, 200);
    EXPECT_EQ(body(accepted.response), "<?xml version=\"1.0\"?>\n<cross-domain-policy>\n" +
                                           std::string(row.lines) + "\n</cross-domain-policy>");
    EXPECT_TRUE(accepted.raw.empty());
  }
}

TEST(Collect, EchoesTheFirstOrigin) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"http://origin.com http://otherorigin.com:8080", "http://origin.com"},  // C03
      {"http://origin.com", "http://origin.com"},                              // C04
      {"http://a.example:8080", "http://a.example:8080"},                      // C05
      {"https://a.example http://b.example:8080", "https://a.example"},        // C05
      {"null", "*"},                                                           // C08
      {"null https://a.example", "https://a.example"},
      {"chrome-extension://abcdef", "chrome-extension://abcdef"},
      {"http://[::1]:3000", "http://[::1]:3000"},
      {"", "*"},
      {"garbage", "*"},
      {"https://", "*"},
      {"https://a.example:", "*"},
      {"https://a.example:80x", "*"},
      {"https://a\r\nX: y", "*"},
      {"https://a.example/path", "*"},
  };
  for (const auto& [origin, answer] : rows) {
    for (const std::string_view target : {"/i", "/nothing", "/r/abc"}) {
      const Accepted accepted = run(make("GET", target, {{"Origin", origin}}));
      EXPECT_EQ(values(accepted.response, "Access-Control-Allow-Origin"),
                Values{std::string(answer)})
          << origin << " " << target;
      EXPECT_EQ(values(accepted.response, "Access-Control-Allow-Credentials"), Values{"true"});
    }
  }
  const Accepted accepted = run(make("GET", "/i"));  // C02
  EXPECT_EQ(values(accepted.response, "Access-Control-Allow-Origin"), Values{"*"});
}

TEST(Collect, NetworkUserId) {
  const std::string nuid_a = "/i?nuid=" + std::string(id_a);
  const http::Header anonymous{"SP-Anonymous", "*"};
  struct Row {
    std::string target;
    std::vector<http::Header> headers;
    std::string_view recorded;
    bool has_cookie;
  };
  const std::string unspaced = "a=1;" + std::string(cookie_n);
  const std::string foreign_first = "SP=x; a; b=2; " + std::string(cookie_n) + "; sp=later";
  const Row rows[] = {
      {"/i", {{"Cookie", cookie_n}}, id_n, true},                    // N01, N04
      {"/i", {{"Cookie", cookie_n}, anonymous}, nil_uuid, false},    // N02, N07, N24
      {nuid_a, {{"Cookie", cookie_n}}, id_a, true},                  // N03
      {"/i", {}, new_id, true},                                      // N05
      {nuid_a, {{"Cookie", cookie_n}, anonymous}, nil_uuid, false},  // N06
      {"/i", {{"sp-anonymous", ""}}, nil_uuid, false},               // N08
      {"/i?nuid=", {}, new_id, true},                                // N25
      {"/i?nuid", {{"Cookie", cookie_n}}, id_n, true},
      {"/i?nuid=abc", {{"Cookie", cookie_n}}, id_n, true},
      {"/i", {{"Cookie", "sp=abc"}}, new_id, true},
      {"/i", {{"Cookie", unspaced}}, id_n, true},  // N26
      {"/i", {{"cookie", foreign_first}}, id_n, true},
      {"/i", {{"Cookie", "a=1"}, {"Cookie", cookie_n}}, id_n, true},
  };
  for (const Row& row : rows) {
    const Accepted accepted = run(make("GET", row.target, row.headers));
    SCOPED_TRACE(row.target + (row.headers.empty() ? "" : std::string(row.headers[0].value)));
    EXPECT_EQ(recorded(accepted).network_userid, row.recorded);
    const Values cookies = values(accepted.response, "Set-Cookie");
    ASSERT_EQ(cookies.size(), row.has_cookie ? 1u : 0u);
    if (row.has_cookie) {
      EXPECT_EQ(cookies[0], "sp=" + std::string(row.recorded) +
                                "; Expires=Thu, 01 Jan 2026 00:00:00 GMT; Path=/; SameSite=None; "
                                "Secure; HttpOnly");  // N15, N20
    }
  }
}

TEST(Collect, AnonymousRequestsCanBeToldToDeleteTheCookie) {
  struct Row {
    bool clears;
    Headers headers;
    bool deleted;
  };
  const http::Header anonymous{"SP-Anonymous", "*"};
  const Row rows[] = {
      {true, {{"Cookie", "sp=test-nuid"}, anonymous}, true},    // N10, N18, N22
      {true, {anonymous}, false},                               // N11, N23
      {true, {{"Cookie", "spc=x"}, anonymous}, false},          // N23
      {false, {{"Cookie", "sp=test-nuid"}, anonymous}, false},  // N24
  };
  for (const Row& row : rows) {
    for (const std::string_view client_name : {"", "spc"}) {
      Settings settings;
      settings.anonymous_clears_cookie = row.clears;
      settings.cookie->client_name = client_name;
      settings.cookie->domains = {"shop.example"};
      Headers headers = row.headers;
      headers.push_back({"Origin", "https://www.shop.example"});
      const Accepted accepted = run(make("POST", "/a/b", headers), settings);
      const std::string attributes =
          "; Expires=Tue, 02 Jan 2024 00:00:00 GMT; Domain=shop.example; Path=/; SameSite=None; "
          "Secure";
      Values expected;
      if (row.deleted) expected.push_back("sp=" + attributes + "; HttpOnly");
      if (row.deleted && !client_name.empty()) expected.push_back("spc=" + attributes);
      EXPECT_EQ(values(accepted.response, "Set-Cookie"), expected);
      EXPECT_EQ(recorded(accepted).network_userid, nil_uuid);
    }
  }
}

TEST(Collect, ASecondCookieCanBeReadByScripts) {  // N19, N20, N21
  Settings settings;
  settings.cookie->client_name = "sp_client";
  const std::string rest =
      std::string(id_n) + "; Expires=Thu, 01 Jan 2026 00:00:00 GMT; Path=/; SameSite=None; Secure";
  const http::Request request = make("GET", "/i", {{"Cookie", cookie_n}});
  EXPECT_EQ(values(run(request, settings).response, "Set-Cookie"),
            (Values{"sp=" + rest + "; HttpOnly", "sp_client=" + rest}));
  EXPECT_EQ(values(run(request).response, "Set-Cookie").size(), 1u);
  settings.cookie.reset();
  EXPECT_TRUE(values(run(request, settings).response, "Set-Cookie").empty());
  // It is never read back.
  Settings other;
  other.cookie->client_name = "spc";
  const std::string cookie = "spc=" + std::string(id_n);
  EXPECT_EQ(recorded(run(make("GET", "/i", {{"Cookie", cookie}}), other)).network_userid, new_id);
}

TEST(Collect, CookiesCanBeDisabled) {  // N12
  Settings settings;
  settings.cookie.reset();
  const Accepted accepted = run(make("GET", "/i", {{"Cookie", cookie_n}}), settings);
  EXPECT_TRUE(values(accepted.response, "Set-Cookie").empty());
  EXPECT_EQ(recorded(accepted).network_userid, new_id);
}

std::shared_ptr<const Pattern> pattern(std::string_view expression) {
  return std::make_shared<const Pattern>(*Pattern::compile(expression));
}

TEST(Collect, WhoDoesNotWantToBeTrackedIsAnsweredAndForgotten) {
  struct Row {
    std::string_view name;
    std::shared_ptr<const Pattern> value;
    std::string_view cookie;
    bool tracked;
  };
  const Row rows[] = {
      {"do-not-track", pattern("^snowplow-(.*)$"), "do-not-track=lorem-1p5uM", true},  // X14
      {"snowplow-do-not-track", pattern("^(.*)$"), "do-not-track=lorem-1p5uM", true},  // X15
      {"do-not-track", pattern("^(.*)$"), "do-not-track=lorem-1p5uM", false},          // X16
      {"foo", pattern("bar"), "foo=foo", true},                                        // X17
      {"foo", pattern("bar"), "bar=bar", true},                                        // X17
      {"foo", pattern("bar"), "a=1; foo=bar", false},                                  // X17
      {"foo", pattern("bar"), "foo=bars", true},
      {"foo", nullptr, "foo=anything", false},
      {"foo", pattern("deleted-[0-9]+"), "foo=deleted-1735689600000", false},  // X19
  };
  for (const Row& row : rows) {
    Settings settings;
    settings.do_not_track = DoNotTrack{std::string(row.name), row.value};
    for (const bool anonymous : {false, true}) {
      SCOPED_TRACE(row.cookie);
      Headers headers{{"Cookie", row.cookie}};
      if (anonymous) headers.push_back({"SP-Anonymous", "*"});  // N14
      const Accepted post = run(make("POST", "/a/b", headers), settings);
      EXPECT_EQ(post.response.status, 200);
      EXPECT_EQ(body(post.response), "ok");
      EXPECT_EQ(post.raw.size(), row.tracked ? 1u : 0u);
      const Accepted get = run(make("GET", "/i", headers), settings);
      EXPECT_EQ(body(get.response).size(), 43u);
      EXPECT_EQ(get.raw.size(), row.tracked ? 1u : 0u);
      EXPECT_EQ(values(get.response, "Set-Cookie").size(), row.tracked && !anonymous ? 1u : 0u);
    }
    if (row.tracked) {
      EXPECT_EQ(recorded(run(make("POST", "/a/b", {{"Cookie", row.cookie}}), settings)).headers[0],
                "Cookie: " + std::string(row.cookie));
    }
  }
  EXPECT_EQ(recorded(run(make("POST", "/a/b", {{"Cookie", "foo=bar"}}))).headers[0],
            "Cookie: foo=bar");  // X18
}

TEST(Collect, KeysByTheNetworkUserIdUnlessItIsNobodys) {
  EXPECT_EQ(run(make("GET", "/i", {{"Cookie", cookie_n}})).raw.at(0).key, id_n);
  EXPECT_EQ(run(make("GET", "/i")).raw.at(0).key, new_id);
  const Accepted anonymous = run(make("GET", "/i", {{"SP-Anonymous", "*"}}));
  EXPECT_EQ(anonymous.raw.at(0).key, new_id);
  EXPECT_EQ(recorded(anonymous).network_userid, nil_uuid);
}

TEST(Collect, PathsCanHaveOtherNames) {
  struct Row {
    std::string_view from, to;
    int status;
  };
  const Row rows[] = {
      {"/com.acme/track", "/com.snowplowanalytics.snowplow/tp2", 200},
      {"/com.acme/redirect", "/r/tp2", 400},  // no u
      {"/com.acme/iglu", "/com.snowplowanalytics.iglu/v1", 200},
  };
  Settings settings;
  for (const Row& row : rows) settings.paths.emplace(row.from, row.to);
  for (const Row& row : rows) {
    const Accepted renamed = run(make("POST", row.from, {}, "foo"), settings);  // X11, X13
    EXPECT_EQ(renamed.response.status, row.status) << row.from;
    EXPECT_EQ(recorded(renamed).path, row.to);
    EXPECT_EQ(recorded(renamed).body, "foo");
    EXPECT_EQ(recorded(run(make("POST", row.from))).path, row.from);  // X12
  }
  EXPECT_EQ(recorded(run(make("POST", "/com.acme/other"), settings)).path, "/com.acme/other");
  EXPECT_EQ(recorded(run(make("POST", "/com%2Eacme/track"), settings)).path, rows[0].to);
}

TEST(Collect, CutsWhatIsTooLargeUnderOneKey) {
  Settings settings;
  settings.payload_bytes_limit = 1'000;
  const std::string event = R"({"e":"pv","tv":")" + std::string(350, 'x') + R"("})";
  const std::string batch =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[)" +
      event + "," + event + R"(,{"e":")" + std::string(1'000, 'y') + R"("}]})";
  const Accepted accepted =
      run(make("POST", "/com.snowplowanalytics.snowplow/tp2", {}, batch), settings);
  EXPECT_EQ(accepted.response.status, 200);
  ASSERT_EQ(accepted.raw.size(), 2u);
  EXPECT_EQ(accepted.raw[0].key, accepted.raw[1].key);
  ASSERT_EQ(accepted.bad.size(), 1u);
  EXPECT_NE(accepted.bad[0].find(R"("processor":{"artifact":"lvp-collect","version":"0.1.0"})"),
            std::string::npos);
}

TEST(Collect, ErrorsOfTheServerCanBeReadByThePage) {
  const http::Request request = make("POST", "/a/b", {{"Origin", "https://shop.example"}});
  Settings settings;
  settings.hsts_max_age = std::chrono::seconds(60);
  http::Response refused;
  refused.status = 413;
  add_common_headers(request, settings, refused);
  const http::Response busy = overloaded(request, settings);
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(values(busy, "Retry-After"), Values{"5"});
  const http::Response late = overloaded(run(request, settings).response);
  EXPECT_EQ(late.status, 503);
  EXPECT_EQ(values(late, "Retry-After"), Values{"5"});
  EXPECT_EQ(values(late, "Set-Cookie"), Values{});
  const http::Response hasty = too_many(request, settings);
  EXPECT_EQ(hasty.status, 429);
  EXPECT_EQ(values(hasty, "Retry-After"), Values{"1"});
  for (const http::Response& response : {refused, busy, late, hasty}) {
    EXPECT_EQ(values(response, "Access-Control-Allow-Origin"), Values{"https://shop.example"});
    EXPECT_EQ(values(response, "Access-Control-Allow-Credentials"), Values{"true"});
    EXPECT_EQ(values(response, "Strict-Transport-Security"),
              Values{"max-age=60; includeSubDomains"});
  }
}

TEST(Collect, RoutesHaveNames) {
  EXPECT_EQ(name_of(Route::post), "post");
  EXPECT_EQ(name_of(Route::pixel), "pixel");
  EXPECT_EQ(name_of(Route::redirect), "redirect");
  EXPECT_EQ(name_of(Route::bounce), "bounce");
  EXPECT_EQ(name_of(Route::preflight), "preflight");
  EXPECT_EQ(name_of(Route::fixed), "fixed");
  EXPECT_EQ(name_of(Route::unknown), "unknown");
}

}  // namespace
}  // namespace lvp::collect
