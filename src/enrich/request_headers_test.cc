#include "enrich/request_headers.h"

#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view cookie_config =
    "com.snowplowanalytics.snowplow/cookie_extractor_config/1-0-0";
constexpr std::string_view header_config =
    "com.snowplowanalytics.snowplow.enrichments/http_header_extractor_config/1-0-0";

Texts data_of(const std::vector<Entity>& entities) {
  Texts out;
  for (const Entity& entity : entities) out.push_back(entity.data);
  return out;
}

TEST(CookieExtractor, TakesChosenCookies) {
  const CookieExtractor extractor =
      *CookieExtractor::load(configuration(cookie_config, R"({"cookies":["ck1","","ck3","sp"]})"));
  const auto cookies = [&](const Texts& headers) { return data_of(extractor.entities(headers)); };
  EXPECT_EQ(cookies({"Cookie: ck1; =cv2; ck3="}),  // row 153
            (Texts{R"({"name":"ck1","value":null})", R"({"name":"","value":"cv2"})",
                   R"({"name":"ck3","value":""})"}));
  EXPECT_EQ(cookies({"Host: a", "cookie:other=1;  sp = a=b ;CK1=x", "Cookie: sp=\"q\";;"}),
            (Texts{R"({"name":"sp","value":"a=b"})", R"({"name":"sp","value":"q"})"}));
  EXPECT_EQ(cookies({"Set-Cookie: sp=1", "sp=1", "application/json"}), Texts{});
}

TEST(HeaderExtractor, TakesHeadersByName) {
  const HeaderExtractor extractor = *HeaderExtractor::load(
      configuration(header_config, R"({"headersPattern":"X-(Forwarded-For|Viewer)|Host"})"));
  EXPECT_EQ(
      data_of(extractor.entities(Texts{"X-Viewer-Id: 1", "X-Viewer:  me: you ", "Host: a:80",
                                       "x-viewer: no", "application/json"})),
      (Texts{R"({"name":"X-Viewer","value":"me: you"})", R"({"name":"Host","value":"a:80"})"}));
}

TEST(HeaderExtractor, RefusesWhatIsNoExpression) {
  EXPECT_TRUE(HeaderExtractor::load(configuration(header_config, R"({"headersPattern":"("})"))
                  .error()
                  .what.starts_with("file.json: parameters.headersPattern: regular expression: "));
}

TEST_F(Enrich, AddsCookiesAndHeaders) {
  const NamedText files[] = {
      {"c.json", configuration_text(cookie_config, R"({"cookies":["a","b"]})")},
      {"h.json", configuration_text(header_config, R"({"headersPattern":"Host"})")}};
  enrichments_ = std::make_shared<const Enrichments>(*Enrichments::load(files, {}));
  CollectorPayload payload = pixel({{"e", "pv"}});
  payload.headers = {"Host: h", "Cookie: a=1; b=2"};
  const auto entity = [](std::string_view kind, std::string_view data) {
    return self_describing(fmt::format("iglu:org.ietf/{}/jsonschema/1-0-0", kind), data);
  };
  // What the later enrichment made comes first.
  EXPECT_EQ(
      good(payload)[Column::derived_contexts],
      entities(fmt::format("{},{},{}", entity("http_header", R"({"name":"Host","value":"h"})"),
                           entity("http_cookie", R"({"name":"a","value":"1"})"),
                           entity("http_cookie", R"({"name":"b","value":"2"})"))));
}

}  // namespace
}  // namespace lvp::enrich
