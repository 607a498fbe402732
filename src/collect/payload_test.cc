#include "collect/payload.h"

#include <gtest/gtest.h>

#include "base/uuid.h"
#include "collect/content_type.h"
#include "wire/base64.h"

namespace lvp::collect {
namespace {

constexpr std::string_view id_n = "11111111-2222-4333-8444-555555555555";
constexpr Timestamp now = from_ms(1735689600000);
using Lines = std::vector<std::string>;

// Through the bytes, so that what is compared is what others read.
std::string record_bytes(const http::Request& request, std::string_view path) {
  const Incoming incoming(request);
  std::optional<std::string> content_type;
  std::optional<Body> body;
  if (incoming.is_post) {
    content_type = normalised_content_type(incoming.content_type);
    body = *read_body(request, content_type ? charset_of(*content_type) : "", 1'000'000);
  }
  return encode(record(incoming, {.now = now,
                                  .collector = "ssc-3.4.0-kafkasink",
                                  .path = path,
                                  .network_userid = incoming.is_anonymous ? nil_uuid : id_n,
                                  .body = body ? &*body : nullptr,
                                  .content_type = content_type})
                    .payload);
}

CollectorPayload make(const http::Request& request, std::string_view path) {
  return decode_collector_payload(record_bytes(request, path)).value_or(CollectorPayload());
}

TEST(Payload, IsTheGoldenGet) {  // P20
  const http::Request request{
      "GET",
      "/i?e=pv&p=web&tv=no-js-0.1.0",
      {{"Host", "c.example.com"}, {"User-Agent", "curl/8.5.0"}, {"Accept", "*/*"}},
      "",
      "203.0.113.7"};
  CollectorPayload expected;
  expected.ip_address = "203.0.113.7";
  expected.timestamp_ms = 1735689600000;
  expected.collector = "ssc-3.4.0-kafkasink";
  expected.user_agent = "curl/8.5.0";
  expected.path = "/i";
  expected.querystring = "e=pv&p=web&tv=no-js-0.1.0";
  expected.headers = {"Host: c.example.com", "User-Agent: curl/8.5.0", "Accept: */*"};
  expected.network_userid = id_n;
  EXPECT_EQ(encode(expected).size(), 313u);
  expected.hostname = "c.example.com";  // P17; the vector has none
  EXPECT_EQ(make(request, "/i"), expected);
}

// Where the parts of a head lie, and what is known of it, says nothing about what is recorded.
TEST(Payload, IsTheSameOfHeadersThatLieInOneText) {
  const std::string text =
      "Host: c.example.com\r\nAccept:*/*\r\nX-A:  b\r\nX-Empty:\r\nX-Blank: \r\nCookie: a=1; "
      "b=2\r\n";
  const std::vector<std::pair<std::string_view, std::string_view>> apart = {
      {"Host", "c.example.com"}, {"Accept", "*/*"}, {"X-A", "b"},
      {"X-Empty", ""},           {"X-Blank", ""},   {"Cookie", "a=1; b=2"}};
  http::Request request{"GET", "/i?e=pv", {}, "", "203.0.113.7"};
  http::Request in_one = request;
  in_one.is_plain = true;
  std::size_t at = 0;
  for (const auto& [name, value] : apart) {
    request.headers.push_back({name, value});
    const std::size_t name_at = text.find(name, at);
    const std::size_t value_at = text.find(value, name_at + name.size() + 1);
    at = text.find("\r\n", value_at);
    in_one.headers.push_back({std::string_view(text).substr(name_at, name.size()),
                              std::string_view(text).substr(value_at, value.size())});
  }
  EXPECT_EQ(make(in_one, "/i").headers,
            (std::vector<std::string>{"Host: c.example.com", "Accept: */*", "X-A: b",
                                      "X-Empty: ", "X-Blank: ", "Cookie: a=1;b=2"}));
  EXPECT_EQ(make(in_one, "/i"), make(request, "/i"));
}

TEST(Payload, IsTheGoldenPost) {  // P20
  const std::string_view body =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{"e":"pv","p":"web","tv":"js-4.6.0","stm":"1735689600000"}]})";
  const http::Request request{"POST",
                              "/com.snowplowanalytics.snowplow/tp2?",
                              {{"Host", "c.example.com"},
                               {"Content-Type", "application/json; charset=UTF-8"},
                               {"Content-Length", "146"},
                               {"User-Agent", "curl/8.5.0"},
                               {"Accept", "*/*"}},
                              body,
                              "203.0.113.7"};
  CollectorPayload payload = make(request, "/com.snowplowanalytics.snowplow/tp2");
  EXPECT_EQ(payload.hostname, "c.example.com");  // P17; the vector has none
  payload.hostname.reset();
  EXPECT_EQ(encode(payload).size(), 619u);
  EXPECT_EQ(
      base64_encode(encode(payload)),
      "CwBkAAAACzIwMy4wLjExMy43CgDIAAABlB8pfAALANIAAAAFVVRGLTgLANwAAAATc3NjLTMuNC4wLWthZmthc2lua"
      "wsBLAAAAApjdXJsLzguNS4wCwFAAAAAIy9jb20uc25vd3Bsb3dhbmFseXRpY3Muc25vd3Bsb3cvdHAyCwFKAAAAAA"
      "sBVAAAAJJ7InNjaGVtYSI6ImlnbHU6Y29tLnNub3dwbG93YW5hbHl0aWNzLnNub3dwbG93L3BheWxvYWRfZGF0YS9"
      "qc29uc2NoZW1hLzEtMC00IiwiZGF0YSI6W3siZSI6InB2IiwicCI6IndlYiIsInR2IjoianMtNC42LjAiLCJzdG0i"
      "OiIxNzM1Njg5NjAwMDAwIn1dfQ8BXgsAAAAGAAAAE0hvc3Q6IGMuZXhhbXBsZS5jb20AAAAtQ29udGVudC1UeXBlO"
      "iBhcHBsaWNhdGlvbi9qc29uOyBjaGFyc2V0PVVURi04AAAAE0NvbnRlbnQtTGVuZ3RoOiAxNDYAAAAWVXNlci1BZ2"
      "VudDogY3VybC84LjUuMAAAAAtBY2NlcHQ6ICovKgAAAB9hcHBsaWNhdGlvbi9qc29uOyBjaGFyc2V0PXV0Zi04CwF"
      "oAAAAH2FwcGxpY2F0aW9uL2pzb247IGNoYXJzZXQ9dXRmLTgLAZoAAAAkMTExMTExMTEtMjIyMi00MzMzLTg0NDQt"
      "NTU1NTU1NTU1NTU1C3ppAAAAQWlnbHU6Y29tLnNub3dwbG93YW5hbHl0aWNzLnNub3dwbG93L0NvbGxlY3RvclBhe"
      "WxvYWQvdGhyaWZ0LzEtMC0wAA==");
}

TEST(Payload, HoldsAllThatTheRequestTells) {  // P01, P11, R10
  const std::string cookie = "cookie=value; sp=" + std::string(id_n);
  const http::Request request{"POST",
                              "http://example.com/p?a=b",
                              {{"User-Agent", "testUserAgent"},
                               {"Referer", "example.com"},
                               {"Content-Type", "image/gif"},
                               {"X-Forwarded-For", "192.0.2.3"},
                               {"Access-Control-Allow-Credentials", "true"},
                               {"Cookie", cookie}},
                              "b",
                              "192.0.2.2"};
  const CollectorPayload payload = make(request, "p");
  EXPECT_EQ(payload.schema, CollectorPayload::schema_uri);
  EXPECT_EQ(payload.ip_address, "192.0.2.3");
  EXPECT_EQ(payload.timestamp_ms, 1735689600000);
  EXPECT_EQ(payload.encoding, "UTF-8");
  EXPECT_EQ(payload.collector, "ssc-3.4.0-kafkasink");
  EXPECT_EQ(payload.querystring, "a=b");
  EXPECT_EQ(payload.body, "b");
  EXPECT_EQ(payload.path, "p");
  EXPECT_EQ(payload.user_agent, "testUserAgent");
  EXPECT_EQ(payload.referer_uri, "example.com");
  EXPECT_EQ(payload.hostname, "example.com");
  EXPECT_EQ(payload.network_userid, id_n);
  EXPECT_EQ(payload.content_type, "image/gif");
  EXPECT_EQ(payload.headers,
            (Lines{"User-Agent: testUserAgent", "Referer: example.com", "Content-Type: image/gif",
                   "X-Forwarded-For: 192.0.2.3", "Access-Control-Allow-Credentials: true",
                   "Cookie: cookie=value;sp=" + std::string(id_n), "image/gif"}));
}

TEST(Payload, LeavesOutWhatTheRequestLacks) {  // P10, P12, P19
  const CollectorPayload payload = make({"GET", "/i", {}, "ignored", "192.0.2.2"}, "/i");
  EXPECT_FALSE(payload.user_agent);
  EXPECT_FALSE(payload.referer_uri);
  EXPECT_FALSE(payload.querystring);
  EXPECT_FALSE(payload.body);
  EXPECT_FALSE(payload.content_type);
  EXPECT_FALSE(payload.hostname);
  EXPECT_EQ(payload.headers, Lines{});
  EXPECT_EQ(payload.path, "/i");
  EXPECT_EQ(make({"POST", "/a/b", {}, "", ""}, "/a/b").body, "");
}

TEST(Payload, LeavesOutWhoSentAnAnonymousRequest) {  // P04, P07, P08, P09
  const http::Request request{"POST",
                              "/a/b",
                              {{"User-Agent", "ua"},
                               {"Referer", "example.com"},
                               {"Content-Type", "application/json"},
                               {"X-Forwarded-For", "192.0.2.3"},
                               {"X-Real-Ip", "192.0.2.3"},
                               {"Cookie", "cookie=value"},
                               {"Forwarded", "for=192.0.2.3"},
                               {"True-Client-IP", "192.0.2.3"},
                               {"cf-connecting-ip", "192.0.2.3"},
                               {"CloudFront-Viewer-Address", "192.0.2.3:1"},
                               {"X-Client-IP", "192.0.2.3"},
                               {"SP-Anonymous", "*"}},
                              "b",
                              "192.0.2.2"};
  const CollectorPayload hidden = make(request, "/a/b");
  EXPECT_EQ(hidden.ip_address, "unknown");
  EXPECT_EQ(hidden.network_userid, nil_uuid);
  EXPECT_EQ(hidden.headers,
            (Lines{"User-Agent: ua", "Referer: example.com", "Content-Type: application/json",
                   "SP-Anonymous: *", "application/json"}));
  http::Request named = request;
  named.headers.pop_back();
  const CollectorPayload open = make(named, "/a/b");
  EXPECT_EQ(open.headers.size(), 12u);
  EXPECT_EQ(open.headers[3], "X-Forwarded-For: 192.0.2.3");  // P05
}

TEST(Payload, RecordsHeadersAsReceivedButForCookies) {  // P05, P06, N26
  const CollectorPayload payload = make({"GET",
                                         "/i",
                                         {{"x-forwarded-FOR", " 123.123.123.123\t"},
                                          {"cookie", "name=value"},
                                          {"COOKIE", R"(a="x")"},
                                          {"Cookie", "a=1;sp=N"},
                                          {"X-Name", "caf\xe9"},
                                          {"X-Name", ""}},
                                         "",
                                         ""},
                                        "/i");
  EXPECT_EQ(payload.headers, (Lines{"x-forwarded-FOR: 123.123.123.123", "Cookie: name=value",
                                    "Cookie: a=1;sp=N", "X-Name: caf\xc3\xa9", "X-Name: "}));
}

TEST(Payload, ContentTypeHasOneSpelling) {  // P18, R16, R17
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"application/json", "application/json"},
      {"application/json;charset=UTF-8", "application/json; charset=utf-8"},
      {"text/Plain", "text/plain"},
      {"text/plain; charset=a; charset=b", "text/plain; charset=b"},
      {"application/json; charset=UTF-8", "application/json; charset=utf-8"},
      {"Application/JSON ;  charset=\"UTF-8\" ", "application/json; charset=utf-8"},
      {"application/x-www-form-urlencoded", "application/x-www-form-urlencoded"},
      {"multipart/form-data; boundary=AbC", "multipart/form-data; boundary=\"abc\""},
      {"multipart/form-data; charset=utf-8; boundary=AbC",
       "multipart/form-data; boundary=\"abc\"; charset=utf-8"},
      {R"(a/b; c="x\"y;z")", R"(a/b; c="x\"y;z")"},
  };
  for (const auto& [value, expected] : rows)
    EXPECT_EQ(normalised_content_type(value), expected) << value;
  for (const std::string_view value : {"text/plain;", "json", "", "/json", "text/", "a/b; c",
                                       "a/b; c=", "a/b c", "a/b; c=\"x", "a/b; c=\"x\\"}) {
    EXPECT_FALSE(normalised_content_type(value)) << value;
  }
  const std::pair<std::string_view, std::string_view> charsets[] = {
      {"application/json; charset=utf-8", "utf-8"},
      {"application/json", ""},
      {R"(a/b; c="; charset=x")", ""},
      {R"(a/b; c="; charset=x"; charset=y)", "y"},
  };
  for (const auto& [type, charset] : charsets) EXPECT_EQ(charset_of(type), charset) << type;

  const CollectorPayload payload =
      make({"POST", "/a/b", {{"Content-Type", "text/plain;"}}, "", ""}, "/a/b");
  EXPECT_FALSE(payload.content_type);
  EXPECT_EQ(payload.headers, Lines{"Content-Type: text/plain;"});
}

TEST(Payload, QueryIsRecordedUndecodedAndStrict) {
  struct Row {
    std::string_view target, query;
  };
  const Row rows[] = {
      {"/abc/def?a=12&b=13#frg", "a=12&b=13"},                          // P13
      {"/a/b?x=%7B%22a%22%3A1%7D&u=a?b", "x=%7B%22a%22%3A1%7D&u=a?b"},  // P14
      {"/i?a=%b", "a=%25b"},                                            // R39
      {"/i?a=b|c", "a=b%7Cc"},                                          // R40
      {"/i?a=%", "a=%25"},
      {"/i?a=%zz%4", "a=%25zz%254"},
      {"/i?a={x} \"y\"", "a=%7Bx%7D%20%22y%22"},
      {"/i?a=\xc3\xa9\xe9", "a=%C3%A9%E9"},
      {"/i?", ""},
  };
  for (const Row& row : rows)
    EXPECT_EQ(make({"GET", row.target, {}, "", ""}, "/i").querystring, row.query) << row.target;
}

TEST(Payload, HostNameHasNoPort) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"c.example.com:8080", "c.example.com"},
      {"c.example.com", "c.example.com"},
      {"[::1]:9090", "[::1]"}};
  for (const auto& [host, expected] : rows)
    EXPECT_EQ(make({"GET", "/i", {{"Host", host}}, "", ""}, "/i").hostname, expected);
}

TEST(Payload, LeavesOutTheCodingOfABodyThatWasDecompressed) {
  // printf hello | gzip -n
  const std::string_view hello(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05"
      "\x00\x00\x00",
      25);
  const CollectorPayload packed =
      make({"POST", "/a/b", {{"Content-Encoding", "gzip"}, {"Content-Length", "25"}}, hello, ""},
           "/a/b");
  EXPECT_EQ(packed.body, "hello");
  EXPECT_EQ(packed.headers, Lines{"Content-Length: 25"});
  const CollectorPayload plain =
      make({"POST", "/a/b", {{"Content-Encoding", "identity"}}, "hello", ""}, "/a/b");
  EXPECT_EQ(plain.headers, Lines{"Content-Encoding: identity"});
}

}  // namespace
}  // namespace lvp::collect
