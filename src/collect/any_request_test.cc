// Whatever arrives, the promises of the room hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/text.h"
#include "collect/test_requests.h"

namespace lvp::collect {
namespace {

using Pieces = std::vector<std::string>;

// Makes text of random pieces, so that it is often nearly right.
class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  std::string text(const Pieces& pieces, std::size_t count_max) {
    std::string made;
    for (std::size_t left = below(count_max + 1); left > 0; --left) {
      made += below(8) == 0 ? std::string(1, static_cast<char>(below(256)))
                            : pieces[below(pieces.size())];
    }
    return made;
  }

  const std::string& one_of(const Pieces& pieces) { return pieces[below(pieces.size())]; }

 private:
  std::mt19937 random_;
};

struct Made {
  std::string method, target, body;
  std::vector<std::pair<std::string, std::string>> headers;

  http::Request request() const {
    http::Request request{method, target, {}, body, "192.0.2.2"};
    for (const auto& [name, value] : headers) request.headers.push_back({name, value});
    return request;
  }
};

Made any_request(Maker& maker) {
  static const Pieces methods{"GET", "POST", "HEAD", "OPTIONS", "PUT"};
  static const Pieces paths{"/",      "/i",  "/ice.png", "/a", "/r/", "/com.acme/track",
                            "health", "%2F", "http://h", "\\", "//"};
  static const Pieces endpoints{"/i", "/com.acme/track", "/r/tp2", "/a/b"};
  static const Pieces queries{
      "?",   "&",   ";", "u=",     "https://a.example/", "nuid=", "%41", "n3pc",
      "[T]", "{x}", "=", "%0D%0A", std::string(id_n)};
  static const Pieces names{"Origin",       "Cookie",           "SP-Anonymous", "X-Forwarded-For",
                            "Content-Type", "Content-Encoding", "Host",         "User-Agent",
                            "Referer",      "X-Proto"};
  static const Pieces values{"https://a.example",
                             " ",
                             "sp=",
                             std::string(id_n),
                             ";",
                             "gzip",
                             ",",
                             "text/plain; charset=",
                             "utf-16",
                             "latin1",
                             "192.0.2.3",
                             "https",
                             "dnt=1",
                             "\"",
                             "a=b"};
  static const Pieces bodies{"{",
                             "}",
                             R"({"schema":"iglu:a/b/jsonschema/1-0-0","data":[)",
                             "{},",
                             "{}",
                             "]}",
                             "\xef\xbb\xbf",
                             "\xc3\xa9",
                             std::string(300, 'x')};
  Made made;
  made.method = maker.one_of(methods);
  made.target = maker.below(4) == 0 ? maker.text(paths, 3) : maker.one_of(endpoints);
  made.target += maker.text(queries, 6);
  for (std::size_t left = maker.below(7); left > 0; --left)
    made.headers.emplace_back(maker.one_of(names), maker.text(values, 5));
  made.body = maker.text(bodies, 6);
  return made;
}

Settings everything() {
  Settings settings;
  settings.cookie->client_name = "spc";
  settings.cookie->domains = {"example"};
  settings.do_not_track = DoNotTrack{.name = "dnt", .value = nullptr};
  settings.cross_domain.emplace();
  settings.redirects = Redirects{.hosts = {"*"}, .macro = "[T]"};
  settings.bounce.emplace().forwarded_protocol_header = "X-Proto";
  settings.paths = {{"/com.acme/track", "/com.snowplowanalytics.snowplow/tp2"}};
  settings.anonymous_clears_cookie = true;
  settings.payload_bytes_limit = 1'000;
  return settings;
}

bool is_header_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) { return c >= ' ' && c != 0x7f; });
}

void expect_sound(const Accepted& accepted, const Settings& settings) {
  EXPECT_GE(accepted.response.status, 200);
  EXPECT_LT(accepted.response.status, 500);
  EXPECT_EQ(values(accepted.response, "Access-Control-Allow-Origin").size(), 1u);
  for (const auto& [name, value] : accepted.response.headers.list())
    EXPECT_TRUE(is_header_value(value));
  const bool event = accepted.route == Route::post || accepted.route == Route::pixel ||
                     accepted.route == Route::redirect;
  EXPECT_TRUE(event || (accepted.raw.empty() && accepted.bad.empty()));
  for (const std::string& row : accepted.bad) EXPECT_TRUE(is_utf8(row));
  for (const Record& record : accepted.raw) {
    EXPECT_TRUE(parse_uuid(record.key));
    EXPECT_LT(record.value.size(), settings.payload_bytes_limit);
    const auto payload = decode_collector_payload(record.value);
    ASSERT_TRUE(payload);
    EXPECT_TRUE(parse_uuid(payload->network_userid.value_or("")));
    for (const auto& text : {payload->path, payload->querystring, payload->body,
                             payload->user_agent, payload->referer_uri, payload->content_type,
                             payload->hostname, std::optional(payload->ip_address)})
      EXPECT_TRUE(is_utf8(text.value_or("")));
    for (const std::string& header : payload->headers) EXPECT_TRUE(is_utf8(header));
  }
}

TEST(AnyRequest, GetsASoundAnswerAndASoundRecord) {
  const Settings settings = everything();
  ASSERT_TRUE(check(settings));
  std::size_t events = 0;
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    Maker maker(seed);
    const Made made = any_request(maker);
    const Accepted accepted = run(made.request(), settings);
    events += accepted.raw.size();
    expect_sound(accepted, settings);
    if (testing::Test::HasFailure())
      FAIL() << "seed " << seed << ": " << made.method << " " << made.target;
  }
  EXPECT_GT(events, 1'000u);  // it was about events
}

}  // namespace
}  // namespace lvp::collect
