#include "collect/collect.h"

#include <gtest/gtest.h>

#include <chrono>

#include "wire/collector_payload.h"

// The names of rows, R01 and so on, are those of docs/compatibility-collector.md.
namespace lvp::collect {
namespace {

constexpr std::string_view id_n = "0c5e9b0c-6a5f-4c1e-9d53-3b2f5c0a8f11";
constexpr std::string_view id_a = "1a1f0c2e-8f5b-4a6e-8c57-5a1b2c3d4e5f";
constexpr std::string_view new_id = "99999999-0000-4000-8000-000000000001";
constexpr Timestamp now = from_ms(1735689600000);  // 2025-01-01T00:00:00Z

http::Request make(std::string_view method, std::string_view target,
                   std::vector<http::Header> headers = {}, std::string_view body = "") {
  return {method, target, std::move(headers), body, "192.0.2.2"};
}

Accepted run(const http::Request& request, const Settings& settings = {}) {
  int made = 0;
  return accept(
      request, now,
      [&] {
        std::string id(new_id);
        id.back() = static_cast<char>('1' + made++);
        return id;
      },
      settings);
}

CollectorPayload recorded(const Accepted& accepted) {
  EXPECT_EQ(accepted.raw.size(), 1u);
  if (accepted.raw.size() != 1) return {};
  const auto payload = decode_collector_payload(accepted.raw[0].value);
  EXPECT_TRUE(payload);
  return payload.value_or(CollectorPayload());
}

std::vector<std::string> values(const http::Response& response, std::string_view name) {
  std::vector<std::string> found;
  for (const auto& header : response.headers) {
    if (header.name == name) found.push_back(header.value);
  }
  return found;
}

using Values = std::vector<std::string>;

std::string_view body(const http::Response& response) {
  return response.static_body.empty() ? std::string_view(response.body) : response.static_body;
}

constexpr std::string_view not_found = "404 not found";

TEST(Collect, AnswersWithoutRecordingWhatIsNoEvent) {
  struct Row {
    std::string_view method, target;
    int status;
    std::string_view body;
  };
  const Row rows[] = {
      {"GET", "/health", 200, "OK"},                              // R01, R02
      {"GET", "/health/", 200, "OK"},                             // R32
      {"OPTIONS", "/i", 200, ""},                                 // R03
      {"OPTIONS", "/health", 200, ""},                            // R04
      {"OPTIONS", "/p3/p4", 200, ""},                             // R05
      {"GET", "/r/abc", 404, "redirects disabled"},               // R20
      {"POST", "/r/abc", 404, "redirects disabled"},              // R20
      {"OPTIONS", "/r/abc", 404, "redirects disabled"},           // R21
      {"GET", "/", 404, not_found},                               // R23
      {"GET", "/crossdomain.xml", 404, not_found},                // R27
      {"GET", "/robots.txt", 200, "User-agent: *\nDisallow: /"},  // R30
      {"GET", "/something", 404, not_found},                      // R31
      {"PUT", "/a/b", 404, not_found},                            // R33
      {"POST", "/i", 404, not_found},                             // R33
      {"HEAD", "/health", 404, not_found},                        // R33
      {"GET", "/sink-health", 404, not_found},
      {"GET", "/a/b/", 404, not_found},
      {"GET", "/a/", 404, not_found},
      {"GET", "/i/", 404, not_found},
      {"GET", "//", 404, not_found},
      {"POST", "/a", 404, not_found},
      {"GET", "*", 404, not_found},
      {"GET", "", 404, not_found},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.method) + " " + std::string(row.target));
    const Accepted accepted = run(make(row.method, row.target));
    EXPECT_EQ(accepted.response.status, row.status);
    EXPECT_EQ(body(accepted.response), row.body);
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

TEST(Collect, PreflightHasExactlyFourHeaders) {  // R06
  const Accepted accepted = run(make("OPTIONS", "/x"));
  EXPECT_EQ(accepted.response.headers.size(), 4u);
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
  const std::string cookie_n = "sp=" + std::string(id_n);
  const std::string nuid_a = "/i?nuid=" + std::string(id_a);
  const http::Header anonymous{"SP-Anonymous", "*"};
  struct Row {
    std::string target;
    std::vector<http::Header> headers;
    std::string_view recorded;
    bool has_cookie;
  };
  const std::string unspaced = "a=1;" + cookie_n;
  const std::string foreign_first = "SP=x; a; b=2; " + cookie_n + "; sp=later";
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

TEST(Collect, CookiesCanBeDisabled) {  // N12
  Settings settings;
  settings.cookie.reset();
  const std::string cookie = "sp=" + std::string(id_n);
  const Accepted accepted = run(make("GET", "/i", {{"Cookie", cookie}}), settings);
  EXPECT_TRUE(values(accepted.response, "Set-Cookie").empty());
  EXPECT_EQ(recorded(accepted).network_userid, new_id);
}

TEST(Collect, DoNotTrackIsAnsweredAndForgotten) {  // N13, N14, X17
  Settings settings;
  settings.do_not_track = DoNotTrack{"foo", "bar"};
  struct Row {
    std::string_view cookie;
    bool tracked;
  };
  for (const Row& row : {Row{"foo=foo", true}, Row{"bar=bar", true}, Row{"a=1; foo=bar", false}}) {
    for (const bool anonymous : {false, true}) {
      std::vector<http::Header> headers{{"Cookie", row.cookie}};
      if (anonymous) headers.push_back({"SP-Anonymous", "*"});
      const Accepted accepted = run(make("POST", "/a/b", headers), settings);
      EXPECT_EQ(accepted.response.status, 200);
      EXPECT_EQ(body(accepted.response), "ok");
      EXPECT_EQ(accepted.raw.size(), row.tracked ? 1u : 0u) << row.cookie;
      if (!row.tracked) {
        EXPECT_TRUE(values(accepted.response, "Set-Cookie").empty());
      }
    }
  }
  settings.do_not_track->value.clear();
  EXPECT_TRUE(run(make("GET", "/i", {{"Cookie", "foo=anything"}}), settings).raw.empty());
}

TEST(Collect, KeysByTheNetworkUserIdUnlessItIsNobodys) {
  const std::string cookie = "sp=" + std::string(id_n);
  EXPECT_EQ(run(make("GET", "/i", {{"Cookie", cookie}})).raw.at(0).key, id_n);
  EXPECT_EQ(run(make("GET", "/i")).raw.at(0).key, new_id);
  const Accepted anonymous = run(make("GET", "/i", {{"SP-Anonymous", "*"}}));
  EXPECT_EQ(anonymous.raw.at(0).key, new_id);
  EXPECT_EQ(recorded(anonymous).network_userid, nil_uuid);
}

TEST(Collect, PathsCanHaveOtherNames) {  // X11, X12
  Settings settings;
  settings.paths = {{"/com.acme/track", "/com.snowplowanalytics.snowplow/tp2"},
                    {"/com.acme/redirect", "/r/tp2"}};
  EXPECT_EQ(recorded(run(make("POST", "/com.acme/track"), settings)).path,
            "/com.snowplowanalytics.snowplow/tp2");
  EXPECT_EQ(run(make("POST", "/com.acme/redirect"), settings).response.status, 404);
  EXPECT_EQ(recorded(run(make("POST", "/com.acme/other"), settings)).path, "/com.acme/other");
  EXPECT_EQ(recorded(run(make("POST", "/com.acme/track"))).path, "/com.acme/track");
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
  http::Response response;
  response.status = 413;
  add_cors(request, response);
  EXPECT_EQ(values(response, "Access-Control-Allow-Origin"), Values{"https://shop.example"});
  EXPECT_EQ(values(response, "Access-Control-Allow-Credentials"), Values{"true"});

  const http::Response busy = overloaded(request);
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(values(busy, "Retry-After"), Values{"5"});
  EXPECT_EQ(values(busy, "Access-Control-Allow-Origin"), Values{"https://shop.example"});
}

}  // namespace
}  // namespace lvp::collect
