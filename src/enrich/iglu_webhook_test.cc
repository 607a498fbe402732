#include "enrich/iglu_webhook.h"

#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view form_type = "application/x-www-form-urlencoded";
constexpr std::string_view schema = "iglu:com.acme/campaign/jsonschema/1-0-0";
constexpr std::string_view any_expected =
    "expected one of application/json, application/json; charset=utf-8, "
    "application/x-www-form-urlencoded";

struct Ask {
  std::optional<std::string> query{};
  std::optional<std::string> body{};
  std::optional<std::string_view> type{};
};

CollectorPayload payload_of(const Ask& ask) {
  CollectorPayload payload;
  payload.collector = "c";
  payload.path = "/com.snowplowanalytics.iglu/v1";
  payload.querystring = ask.query;
  payload.body = ask.body;
  payload.content_type = ask.type;
  return payload;
}

class IgluWebhook : public Enrich {
 protected:
  std::expected<RawEvents, Texts> read(const Ask& ask) {
    request_ = *open_request(encode(payload_of(ask)));
    return read_events(request_, resolver_, body_, from_ms(0));
  }

  // "name=value&…" of each event, the envelope and what never changes left out.
  Texts events(const Ask& ask) {
    const auto raw = read(ask);
    EXPECT_TRUE(raw) << (raw ? "" : raw.error().at(0));
    Texts texts;
    if (!raw) return texts;
    for (const Parameters& parameters : raw->events) {
      std::string& text = texts.emplace_back();
      for (const auto& [name, value] : parameters) {
        if (name == "e" || name == "tv") continue;
        std::string_view shown = value.value_or("null");
        std::string inner;
        if (name == "ue_pr") {
          inner = *json::raw_member(shown, "data");
          EXPECT_EQ(shown, self_describing(event_schema, inner));
          const bool is_ours = json::raw_member(inner, "schema") == fmt::format("\"{}\"", schema);
          shown = is_ours ? *json::raw_member(inner, "data") : std::string_view(inner);
        }
        text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, shown);
      }
    }
    return texts;
  }

  TrackerRequest request_;
  json::Parser body_;
};

TEST_F(IgluWebhook, ReadsEvents) {
  const std::string with_schema = fmt::format("schema={}", schema);
  const std::string event = self_describing("iglu:com.acme/other/jsonschema/1-0-1", "[1.50]");
  const struct {
    std::string_view row;  // of the original's cases
    Ask ask;
    Texts events;
  } rows[] = {
      {"83",
       {.query = with_schema + "&user=6&source=&name=a+b"},
       {R"(p=app&ue_pr={"user":"6","source":null,"name":"a b"})"}},
      {"84",
       {.query = with_schema + "&p=mob&aid=tv&user=6"},
       {R"(p=mob&ue_pr={"user":"6"}&aid=tv)"}},
      {"58", {.query = with_schema + "&foo"}, {R"(p=app&ue_pr={"foo":null})"}},
      {"schema alone", {.query = with_schema}, {"p=app&ue_pr={}"}},
      {"a name twice",
       {.query = with_schema + "&a=1&b=2&a=3"},
       {R"(p=app&ue_pr={"a":"3","b":"2"})"}},
      {"passed on",
       {.query = with_schema + "&nuid=n&cv=c&eid=e&ttm=1&url=u"},
       {R"(p=app&ue_pr={"eid":"e","ttm":"1","url":"u"}&nuid=n&cv=c&eid=e&ttm=1&url=u)"}},
      {"object",
       {.query = with_schema + "&aid=tv&lost=1", .body = R"({ "a": 1.50 })", .type = json_type},
       {R"(p=app&ue_pr={"a":1.50}&aid=tv)"}},
      {"88",
       {.query = with_schema,
        .body = R"([{"a":1},{"b":2}])",
        .type = "application/json; charset=utf-8"},
       {R"(p=app&ue_pr={"a":1})", R"(p=app&ue_pr={"b":2})"}},
      {"90",
       {.query = with_schema, .body = "some_param=foo&hello=world", .type = form_type},
       {R"(p=srv&ue_pr={"some_param":"foo","hello":"world"})"}},
      {"90 with a platform",
       {.query = with_schema + "&p=tv", .body = "a=", .type = form_type},
       {R"(p=tv&ue_pr={"a":""})"}},
      {"91", {.body = event, .type = json_type}, {"p=app&ue_pr=" + event}},
      {"91, other members",
       {.query = "aid=a",
        .body = R"({"x":0, "data": [1.50], "schema": "iglu:com.acme/other/jsonschema/1-0-1"})",
        .type = json_type},
       {"p=app&ue_pr=" + event + "&aid=a"}},
  };
  for (const auto& row : rows) EXPECT_EQ(events(row.ask), row.events) << row.row;
}

TEST_F(IgluWebhook, Refuses) {
  const std::string with_schema = fmt::format("schema={}", schema);
  const struct {
    std::string_view row;
    Ask ask;
    Texts messages;
  } rows[] = {
      {"85",
       {.query = "user=6"},
       {bad_row::input_data("schema", std::nullopt, "empty `schema` field"),
        bad_row::input_data("body", std::nullopt, "empty body")}},
      {"85, nothing",
       {},
       {bad_row::input_data("schema", std::nullopt, "empty `schema` field"),
        bad_row::input_data("body", std::nullopt, "empty body")}},
      {"86",
       {.query = "schema=iglooooooo://blah"},
       {bad_row::input_data("schema", "iglooooooo://blah", "INVALID_IGLUURI")}},
      {"86, version",
       {.query = "schema=iglu:a/b/jsonschema/1-0"},
       {bad_row::input_data("schema", "iglu:a/b/jsonschema/1-0", "INVALID_SCHEMAVER")}},
      {"87",
       {.query = with_schema, .body = "{}", .type = json_type},
       {bad_row::input_data("body", "{}", "has no key-value pairs")}},
      {"87, scalar",
       {.query = with_schema, .body = "1", .type = json_type},
       {bad_row::input_data("body", "1", "has no key-value pairs")}},
      {"89",
       {.query = with_schema, .body = "[]", .type = json_type},
       {bad_row::input_data("body", "[]", "empty array of events")}},
      {"no type",
       {.query = with_schema, .body = "{}"},
       {bad_row::input_data("contentType", std::nullopt, any_expected)}},
      {"other type",
       {.query = with_schema, .body = "{}", .type = "text/plain"},
       {bad_row::input_data("contentType", "text/plain", any_expected)}},
      {"capital charset",
       {.query = with_schema, .body = "{}", .type = "application/json; charset=UTF-8"},
       {bad_row::input_data("contentType", "application/json; charset=UTF-8", any_expected)}},
      {"91, other type",
       {.body = "{}", .type = form_type},
       {bad_row::input_data("contentType", form_type,
                            "expected one of application/json, application/json; "
                            "charset=utf-8")}},
      {"body is no event",
       {.body = R"({"schema": 1})", .type = json_type},
       {bad_row::not_iglu(R"({"schema":1})", "INVALID_DATA_PAYLOAD")}},
  };
  for (const auto& row : rows) {
    const auto events = read(row.ask);
    ASSERT_FALSE(events) << row.row;
    EXPECT_EQ(events.error(), row.messages) << row.row;
  }
  for (const auto& query : {std::optional(with_schema), std::optional<std::string>{}}) {
    const auto events = read({.query = query, .body = "[", .type = json_type});
    ASSERT_FALSE(events);
    EXPECT_TRUE(
        events.error().at(0).starts_with(R"({"field":"body","value":"[","error":"invalid json: )"));
  }
}

TEST_F(IgluWebhook, BoundsTheEventsOfABody) {
  std::string body = "[";
  for (std::size_t i = 0; i < events_max; ++i) body += "0,";
  const std::string query = fmt::format("schema={}", schema);
  EXPECT_FALSE(read({.query = query, .body = body + "0]", .type = json_type}));
  body.back() = ']';
  EXPECT_EQ(read({.query = query, .body = body, .type = json_type})->events.size(), events_max);
}

TEST_F(IgluWebhook, EventsAreEnrichedAndRefusalsAreAdapterFailures) {
  const EnrichedView event = good(payload_of(
      {.query = "schema=iglu:com.snowplowanalytics.snowplow/uri_redirect/jsonschema/1-0-0&uri="
                "http://a/&aid=tv"}));
  EXPECT_EQ(event[Column::event], "unstruct");
  EXPECT_EQ(event[Column::event_name], "uri_redirect");
  EXPECT_EQ(event[Column::v_tracker], "com.snowplowanalytics.iglu-v1");
  EXPECT_EQ(event[Column::platform], "app");
  EXPECT_EQ(event[Column::app_id], "tv");
  const Refused refused = bad(payload_of({}));
  EXPECT_EQ(refused.type, "adapter_failures");
  EXPECT_EQ(refused.messages.size(), 2u);
}

}  // namespace
}  // namespace lvp::enrich
