#include "enrich/tracker_protocol.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "wire/base64.h"
#include "wire/json_text.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view json_type = "application/json; charset=UTF-8";
constexpr std::string_view type_expectation =
    "expected one of application/json, application/json; charset=utf-8, application/json; "
    "charset=UTF-8";

std::string payload_data(std::string_view items, std::string_view version = "1-0-4") {
  return fmt::format(
      R"({{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/{}","data":{}}})",
      version, items);
}

struct Ask {
  std::string path = "/com.snowplowanalytics.snowplow/tp2";
  std::optional<std::string> query{};
  std::optional<std::string> body{};
  std::optional<std::string> type{};
};

class TrackerProtocol : public testing::Test {
 protected:
  TrackerProtocol() : resolver_(*iglu::Registry::embedded(), {}) {}

  // Reads the request; its memory lives until the next call.
  std::expected<RawEvents, std::vector<std::string>> read(const Ask& ask) {
    CollectorPayload payload;
    payload.path = ask.path;
    payload.querystring = ask.query;
    payload.body = ask.body;
    payload.content_type = ask.type;
    auto opened = open_request(encode(payload));
    EXPECT_TRUE(opened);
    request_ = std::move(*opened);
    return read_events(request_, resolver_, body_, from_ms(0));
  }

  std::vector<std::string> refused(const Ask& ask) {
    auto events = read(ask);
    EXPECT_FALSE(events);
    return events ? std::vector<std::string>{} : events.error();
  }

  // The one event's parameter that counts.
  static std::string value(const Parameters& parameters, std::string_view name) {
    std::optional<std::string_view> value;
    for (const Parameter& parameter : parameters) {
      if (parameter.name == name) value = parameter.value;
    }
    return std::string(value.value_or("(none)"));
  }

  iglu::Resolver resolver_;
  json::Parser body_;
  TrackerRequest request_;
};

TEST_F(TrackerProtocol, PixelIsOneEvent) {
  for (const std::string path :
       {"/i", "/ice.png", "/i?foo=1", "/com.snowplowanalytics.snowplow/tp1"}) {
    const auto raw = read({.path = path, .query = "e=pv&page=Celestial%2520Tarot&uid&p=web"});
    ASSERT_TRUE(raw) << path;
    EXPECT_EQ(
        raw->events,
        std::vector<Parameters>(
            {{{"e", "pv"}, {"page", "Celestial%20Tarot"}, {"uid", std::nullopt}, {"p", "web"}}}));
    EXPECT_FALSE(speaks_tracker_protocol(request_));
  }
  EXPECT_EQ(refused({.path = "/i"}),
            std::vector{bad_row::input_data("querystring", std::nullopt,
                                            "empty querystring: not a valid URI redirect")});
}

TEST_F(TrackerProtocol, FollowsTheDecisionTable) {
  const std::string body = payload_data(R"([{"e":"pv","p":"web","tv":"1"}])");
  using bad_row::input_data;
  const struct {
    Ask ask;
    std::vector<std::string> messages;  // none: accepted
  } rows[] = {
      {{.query = "aid=tp2&e=se"}, {}},
      {{.body = body, .type = "application/json"}, {}},
      {{.body = body, .type = "application/json; charset=utf-8"}, {}},
      {{.body = body, .type = "application/json; charset=UTF-8"}, {}},
      {{.type = "text/plain"},
       {input_data("body", std::nullopt, "empty body: not a valid tracker protocol event"),
        input_data("querystring", std::nullopt,
                   "empty querystring: not a valid tracker protocol event")}},
      {{.body = body, .type = "text/plain"},
       {input_data("contentType", "text/plain", type_expectation)}},
      {{.body = body, .type = "application/json;charset=utf-8"},
       {input_data("contentType", "application/json;charset=utf-8", type_expectation)}},
      {{.query = "a=b", .type = "text/plain"},
       {input_data("contentType", "text/plain", type_expectation)}},
      {{.body = body}, {input_data("contentType", std::nullopt, type_expectation)}},
      {{.query = "a=b", .type = "application/json"},
       {input_data("body", std::nullopt, "empty body: not a valid track protocol event")}},
  };
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    const auto raw = read(rows[i].ask);
    EXPECT_EQ(raw ? std::vector<std::string>{} : raw.error(), rows[i].messages) << i;
    EXPECT_TRUE(speaks_tracker_protocol(request_));
  }
}

TEST_F(TrackerProtocol, QueryBeatsEveryItemOfTheBody) {
  const auto raw =
      read({.query = "tv=0&nuid=123&aid",
            .body = payload_data(R"([{"e":"pv","p":"web","tv":"1","aid":"x"},)"
                                 R"({"e":"pp","p":"mob","tv":"2"},{"e":"se","p":"tv","tv":"3"}])"),
            .type = std::string(json_type)});
  ASSERT_TRUE(raw);
  ASSERT_EQ(raw->events.size(), 3u);
  const std::string_view events[] = {"pv", "pp", "se"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(value(raw->events[i], "e"), events[i]);
    EXPECT_EQ(value(raw->events[i], "tv"), "0");
    EXPECT_EQ(value(raw->events[i], "nuid"), "123");
    EXPECT_EQ(value(raw->events[i], "aid"), "(none)");
  }
}

TEST_F(TrackerProtocol, RefusesBodies) {
  const auto body = [](std::string text) {
    return Ask{.body = std::move(text), .type = std::string(json_type)};
  };
  const auto begins = [](const std::vector<std::string>& messages, std::string_view text) {
    return messages.size() == 1 && messages[0].starts_with(text);
  };
  EXPECT_TRUE(
      begins(refused(body("body")), R"({"field":"body","value":"body","error":"invalid json: )"));
  EXPECT_EQ(refused(body("")),
            std::vector{bad_row::not_json("body", "", "invalid json: exhausted input")});
  const std::string nested = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  EXPECT_TRUE(
      refused(body(nested)).at(0) ==
      bad_row::not_json("body", nested, "invalid json: maximum allowed JSON depth exceeded"));
  EXPECT_EQ(refused(body(R"({"not": "self-desc"})")),
            std::vector{bad_row::not_iglu(R"({"not":"self-desc"})", "INVALID_DATA_PAYLOAD")});
  EXPECT_EQ(refused(body(R"({"schema":"iglooooooo://blah","data":1})")),
            std::vector{bad_row::not_iglu(R"({"schema":"iglooooooo://blah","data":1})",
                                          "INVALID_IGLUURI")});
  EXPECT_EQ(refused(body(payload_data("[]", "1-0-9"))),
            std::vector{iglu::resolution_error(
                "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-9",
                {{"lvp embedded", {{}}, 1, from_ms(0)}})});
  EXPECT_EQ(
      refused(body(R"({"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0",)"
                   R"("data":{"id":"b7272b85-472b-493a-91f1-734e138ef09a"}})")),
      std::vector{bad_row::criterion_mismatch(
          "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0",
          "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-*")});
  // A body is checked against the schema it names before that schema has to be payload_data.
  const auto geolocation = refused(
      body(R"({"schema":"iglu:com.snowplowanalytics.snowplow/geolocation_context/jsonschema/1-1-0")"
           R"(,"data":{"longitude":1}})"));
  ASSERT_EQ(geolocation.size(), 1u);
  EXPECT_NE(geolocation[0].find("$.latitude: is missing but it is required"), std::string::npos)
      << geolocation[0];
}

TEST_F(TrackerProtocol, OneBadItemRefusesTheBatch) {
  const std::string uri = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4";
  const auto reports = [&](std::string_view items) {
    const auto messages = refused({.body = payload_data(items), .type = std::string(json_type)});
    EXPECT_EQ(messages.size(), 1u);
    json::Parser parser;
    std::vector<std::string> texts;
    if (const auto root = parser.parse(messages.at(0))) {
      EXPECT_EQ((*root)["schemaKey"].string(), uri);
      for (const json::Value report : (*root)["error"]["dataReports"].elements())
        texts.emplace_back(report["message"].string().value_or(""));
    }
    std::ranges::sort(texts);
    return texts;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(reports("{}"), Texts{"$: object found, array expected"});
  EXPECT_EQ(reports(R"([{"tv":"ios-0.1.0"}])"), Texts({"$[0].e: is missing but it is required",
                                                       "$[0].p: is missing but it is required"}));
  EXPECT_EQ(
      reports(R"([{"tv":"1","p":"web","e":"pv"},{"new":"foo"}])"),
      Texts({"$[1].e: is missing but it is required",
             "$[1].new: is not defined in the schema and the schema does not allow additional "
             "properties",
             "$[1].p: is missing but it is required", "$[1].tv: is missing but it is required"}));
  EXPECT_EQ(reports(R"([{"tv":"1","p":"web","e":"pv","vid":1}])"),
            Texts{"$[0].vid: integer found, string expected"});
}

TEST_F(TrackerProtocol, LimitsWhatOneRequestMayMultiply) {
  std::string items = "[";
  for (std::size_t i = 0; i <= events_max; ++i)
    items += i == 0 ? R"({"e":"pv","p":"web","tv":"1"})" : R"(,{"e":"pv","p":"web","tv":"1"})";
  EXPECT_EQ(
      refused({.body = payload_data(items + "]"), .type = std::string(json_type)}),
      std::vector{bad_row::input_data("body", std::nullopt, "at most 10000 events in a body")});
  std::string query;
  for (std::size_t i = 0; i <= shared_parameters_max; ++i) query += fmt::format("a{}=1&", i);
  EXPECT_EQ(refused({.query = query,
                     .body = payload_data(R"([{"e":"pv","p":"web","tv":"1"}])"),
                     .type = std::string(json_type)}),
            std::vector{bad_row::input_data("querystring", std::nullopt,
                                            "at most 128 parameters beside a body")});
}

TEST_F(TrackerProtocol, UnknownVendorsAreRefused) {
  for (const std::string path :
       {"/com.acme/v1", "/blah/i", "/com.snowplowanalytics.snowplow/tp3"}) {
    EXPECT_EQ(refused({.path = path, .query = "e=pv"}),
              std::vector{bad_row::input_data("vendor/version", path.substr(1),
                                              "vendor/version combination is not supported")});
    EXPECT_FALSE(speaks_tracker_protocol(request_));
  }
}

constexpr std::string_view redirect_entity =
    R"({"schema":"iglu:com.snowplowanalytics.snowplow/uri_redirect/jsonschema/1-0-0",)"
    R"("data":{"uri":"https://x"}})";

TEST_F(TrackerProtocol, RedirectWithoutEventIsAnEvent) {
  const auto raw = read({.path = "/r/tp2", .query = "u=https%3A%2F%2Fx&aid=tv"});
  ASSERT_TRUE(raw);
  ASSERT_EQ(raw->events.size(), 1u);
  const Parameters& event = raw->events[0];
  EXPECT_EQ(value(event, "e"), "ue");
  EXPECT_EQ(value(event, "ue_pr"),
            fmt::format(R"({{"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/)"
                        R"(jsonschema/1-0-0","data":{}}})",
                        redirect_entity));
  EXPECT_EQ(value(event, "p"), "web");
  EXPECT_EQ(value(event, "tv"), "r-tp2");
  EXPECT_EQ(value(event, "aid"), "tv");
  EXPECT_EQ(value(event, "u"), "(none)");
}

TEST_F(TrackerProtocol, RedirectWithEventIsItsFirstEntity) {
  const std::string old_envelope =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[)";
  const std::string new_envelope =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1","data":[)";
  const std::string entity = R"({"schema":"iglu:com.acme/a/jsonschema/1-0-0","data":{"v":1.50}})";

  const auto alone = read({.path = "/r/tp2", .query = "u=https://x&e=se&p=mob&co="});
  ASSERT_TRUE(alone);
  EXPECT_EQ(value(alone->events.at(0), "co"),
            fmt::format("{}{}]}}", new_envelope, redirect_entity));
  EXPECT_EQ(value(alone->events[0], "e"), "se");
  EXPECT_EQ(value(alone->events[0], "p"), "mob");

  std::string base64 = base64_encode(old_envelope + entity + "]}");
  for (char& c : base64) c = c == '+' ? '-' : c == '/' ? '_' : c;
  const auto encoded = read({.path = "/r/tp2", .query = "u=https://x&e=se&cx=" + base64});
  ASSERT_TRUE(encoded);
  EXPECT_EQ(base64_decode(value(encoded->events.at(0), "cx")),
            fmt::format("{}{},{}]}}", old_envelope, redirect_entity, entity));
  EXPECT_EQ(value(encoded->events[0], "co"), "(none)");
}

TEST_F(TrackerProtocol, RedirectRefusals) {
  const std::string missing = "missing `u` parameter: not a valid URI redirect";
  const struct {
    std::optional<std::string> query;
    std::string message;  // its beginning
  } rows[] = {
      {std::nullopt, bad_row::input_data("querystring", std::nullopt,
                                         "empty querystring: not a valid URI redirect")},
      {"u&cx=dGVzdA", bad_row::input_data("querystring", "u=null&cx=dGVzdA", missing)},
      {"e=pv", bad_row::input_data("querystring", "e=pv", missing)},
      {"u=https://x&e=se&co=%7B[-", R"({"field":"co|cx","value":"{[-","error":"invalid json: )"},
      {"u=https://x&e=se&cx=%C2%A2%C2%A2",
       bad_row::not_json("co|cx", "", "invalid json: exhausted input")},
  };
  for (const auto& row : rows) {
    const auto messages = refused({.path = "/r/tp2", .query = row.query});
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_TRUE(messages[0].starts_with(row.message)) << messages[0];
    EXPECT_TRUE(speaks_tracker_protocol(request_));
  }
}

}  // namespace
}  // namespace lvp::enrich
