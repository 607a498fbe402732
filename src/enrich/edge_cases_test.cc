// The reference's edge cases, each by the number of its row. Others have their rows, too:
//
//   58, 83 to 91        iglu_webhook_test.cc         118 to 126          anon_ip_test.cc
//   140 to 148 but 142  javascript_test.cc
//   60, 61              container_test.cc            132, 139, 141, 142  incomplete_test.cc
//   110                 event_fingerprint_test.cc    152                 bots_test.cc
//   111 to 114          cross_navigation_test.cc     153                 request_headers_test.cc
//   115                 campaigns_test.cc
//   116, 117            referers_test.cc
//
// Those that are left out are named in docs/compatibility-enrich.md.
#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

class EdgeCases : public Enrich {
 protected:
  // Like post(), with this body.
  static CollectorPayload post_body(std::optional<std::string> body,
                                    std::optional<std::string> query = std::nullopt,
                                    std::optional<std::string> type = "application/json") {
    CollectorPayload payload = pixel({});
    payload.path = "/com.snowplowanalytics.snowplow/tp2";
    payload.querystring = std::move(query);
    payload.body = std::move(body);
    payload.content_type = std::move(type);
    return payload;
  }

  static std::string payload_data(std::string_view data) {
    return self_describing("iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4",
                           data);
  }

  static CollectorPayload redirect(std::string query) {
    CollectorPayload payload = pixel({});
    payload.path = "/r/tp2";
    payload.querystring = std::move(query);
    return payload;
  }
};

struct ColumnRow {
  int row;
  Fields fields;
  Column column;
  std::string_view text;
};

TEST_F(EdgeCases, ColumnsOfGoodEvents) {
  const ColumnRow rows[] = {
      {1, {{"aid", ""}}, Column::app_id, ""},
      {2, {{"aid", "\t"}}, Column::app_id, "    "},
      {3, {{"aid", "\b"}}, Column::app_id, ""},
      {3, {{"aid", "\x02"}}, Column::app_id, ""},
      {4, {{"aid", "Hello\n"}}, Column::app_id, "Hello"},
      {5,
       {{"aid", "Hi\t\x02\xef\xbf\xbd \bJo\t\x02"}},
       Column::app_id,
       "Hi    \xef\xbf\xbd Jo    "},
      {12, {{"e", "pp"}}, Column::event, "page_ping"},
      {12, {{"e", "ev"}}, Column::event, "struct"},
      {14, {{"p", "headset"}}, Column::platform, "headset"},
      {16,
       {{"eid", "A729D278-110A-4AC6-845B-D1F12CE45AC7"}},
       Column::event_id,
       "a729d278-110a-4ac6-845b-d1f12ce45ac7"},
      {18, {{"vid", "42"}}, Column::domain_sessionidx, "42"},
      {18, {{"vid", "-42"}}, Column::domain_sessionidx, "-42"},
      {18, {{"vid", "null"}}, Column::domain_sessionidx, ""},
      {20, {{"se_va", "42.5"}}, Column::se_value, "42.5"},
      {20, {{"se_va", "137777104559"}}, Column::se_value, "137777104559"},
      {20, {{"se_va", "1E7"}}, Column::se_value, "10000000"},
      {20, {{"se_va", "1.2E9"}}, Column::se_value, "1200000000"},
      {21, {{"se_va", "0.000001"}}, Column::se_value, "0.000001"},
      {21, {{"se_va", "0.0000001"}}, Column::se_value, "1E-7"},
      {23, {{"f_pdf", "1"}}, Column::br_features_pdf, "1"},
      {24, {{"res", "1200x800"}}, Column::dvce_screenwidth, "1200"},
      {24, {{"res", "1200x800"}}, Column::dvce_screenheight, "800"},
      {24, {{"vp", "76x128"}}, Column::br_viewwidth, "76"},
      {24, {{"vp", "76x128"}}, Column::br_viewheight, "128"},
      {27, {{"dtm", "1"}}, Column::dvce_created_tstamp, "1970-01-01 00:00:00.001"},
      {31, {{"ip", "127.0.0.1, 127.0.0.2"}}, Column::user_ipaddress, "127.0.0.1"},
      {31, {{"ip", "127.0.0.1,127.0.0.2"}}, Column::user_ipaddress, "127.0.0.1"},
      {32, {{"ip", "1.0.0.1!1.0.0.2"}}, Column::user_ipaddress, "1.0.0.1!1.0.0.2"},
      {33, {{"dtm", "1735693323000"}}, Column::dvce_created_tstamp, "2025-01-01 01:02:03.000"},
      {33, {{"ttm", "1735693323000"}}, Column::true_tstamp, "2025-01-01 01:02:03.000"},
      {33, {{"stm", "1735693323000"}}, Column::dvce_sent_tstamp, "2025-01-01 01:02:03.000"},
      {34, {{"tnuid", "mytnuid"}}, Column::network_userid, "mytnuid"},
      {35, {{"ua", "%1$s/%2$s"}}, Column::useragent, "%1$s/%2$s"},
      {92,
       {{"url", "http://www.example.com/sp a ce"}},
       Column::page_url,
       "http://www.example.com/sp%20a%20ce"},
      {93, {{"url", "http://www.ex_ample.com"}}, Column::page_urlhost, ""},
      {94,
       {{"url", "www.example.com/a%23b/?c=d%24e"}},
       Column::page_url,
       "www.example.com/a%23b/?c=d%24e"},
      {95, {{"url", "http://www.example.com/a|"}}, Column::page_url, "http://www.example.com/a%7C"},
      {96,
       {{"url", "http://www.example.com/a${a b}"}},
       Column::page_url,
       "http://www.example.com/a%24%7Ba%20b%7D"},
      {97,
       {{"url", "http://www.example.com/a%a%"}},
       Column::page_url,
       "http://www.example.com/a%25a%25"},
      {98, {{"url", "https://www.lancs.ac.uk#footer"}}, Column::page_urlport, "443"},
      {98, {{"url", "https://www.lancs.ac.uk#footer"}}, Column::page_urlpath, ""},
      {98, {{"url", "https://www.lancs.ac.uk#footer"}}, Column::page_urlfragment, "footer"},
      {99, {{"url", "http://www.nbnz.co.nz:440/login.asp"}}, Column::page_urlport, "440"},
      {100, {{"url", "http://a.com/b%0Ac%09d"}}, Column::page_urlpath, "/b%0Ac%09d"},
      {102, {{"url", "myurl"}}, Column::page_url, "myurl"},
      {106, {{"ttm", "946684800000"}}, Column::derived_tstamp, "2000-01-01 00:00:00.000"},
      {108, {{"e", "se"}}, Column::event_vendor, "com.google.analytics"},
      {108, {{"e", "se"}}, Column::event_name, "event"},
      {111, {{"url", "http://a.com/?_sp=abc.1426245561368"}}, Column::refr_domain_userid, "abc"},
      {111,
       {{"url", "http://a.com/?_sp=abc.1426245561368"}},
       Column::refr_dvce_tstamp,
       "2015-03-13 11:19:21.368"},
      {114, {{"url", "http://a.com/?_sp="}}, Column::refr_domain_userid, ""},
      {114, {{"url", "http://a.com/?_sp"}}, Column::refr_domain_userid, ""},
      {114, {{"url", "http://a.com/?_sp=a.1.s.u.i.web.r.8"}}, Column::refr_domain_userid, ""},
  };
  for (const ColumnRow& row : rows) {
    SCOPED_TRACE(fmt::format("row {}", row.row));
    Fields fields{{"e", "pv"}};
    fields.insert(fields.end(), row.fields.begin(), row.fields.end());
    EXPECT_EQ(good(pixel(fields))[row.column], row.text);
  }
}

TEST_F(EdgeCases, Rows6To9Base64) {
  EXPECT_EQ(base64_decode("am9obitzbWl0aA"), "john+smith");
  EXPECT_EQ(base64_decode("eyJhZ2UiOjIzLCJuYW1lIjoiSm9obiJ9"), R"({"age":23,"name":"John"})");
  EXPECT_EQ(base64_decode("\xc3\xa4\xc3\xb6\xc3\xbc - &"), "");
  EXPECT_EQ(base64_decode(""), "");
}

TEST_F(EdgeCases, Rows10And11TextsThatAreNoJson) {
  const auto error = [&](std::string text) {
    const Refused refused = bad(pixel({{"e", "ue"}, {"ue_pr", std::move(text)}}));
    return std::string(
        (*refused.data["failure"]["messages"].elements().begin())["error"].string().value_or(""));
  };
  EXPECT_TRUE(error("{test:").starts_with("invalid json: "));
  for (const std::string_view open : {"[", R"({"a":)"}) {
    std::string deep;
    for (int i = 0; i < 20'000; ++i) deep += open;
    EXPECT_TRUE(error(deep).starts_with("invalid json: "));
  }
}

TEST_F(EdgeCases, ColumnsThatCannotBeMade) {
  constexpr std::string_view no_integer = "Cannot be converted to java.lang.Integer";
  constexpr std::string_view no_byte = "Cannot be converted to Boolean-like java.lang.Byte";
  constexpr std::string_view no_size = R"(Does not conform to regex (\\d+)x(\\d+))";
  const struct {
    int row;
    std::string name, value;
    std::string_view message;  // as JSON
  } rows[] = {
      {13, "e", "evnt", "Not a valid event type"},
      {13, "e", "", "Not a valid event type"},
      {15, "p", "ma", "Not a valid platform"},
      {15, "p", "", "Not a valid platform"},
      {17, "sid", "{F732D278-120A-4AC6-845B-D1F12CE45AC7}", "Not a valid UUID"},
      {17, "sid", "me", "Not a valid UUID"},
      {19, "vid", "", no_integer},
      {19, "vid", "1999.", no_integer},
      {19, "vid", "1999.00", no_integer},
      {19, "vid", "0x54", no_integer},
      {19, "vid", "NaN", no_integer},
      {19, "vid", "6.72E5", no_integer},
      {22, "tr_tt", "not number", "Cannot be converted to java.math.BigDecimal"},
      {23, "f_pdf", "2", no_byte},
      {23, "f_pdf", "-1", no_byte},
      {23, "f_pdf", "0.0", no_byte},
      {23, "f_pdf", "a", no_byte},
      {23, "f_pdf", "", no_byte},
      {25, "res", "76xEE", no_size},
      {25, "res", "1200x-17", no_size},
      {25, "res", "\xd9\xa4\xd9\xa5\xd9\xa6\xd9\xa7x680", no_size},
      {25, "res", "", no_size},
      {26, "res", "760x3389336768", "Could not be converted to java.lang.Integer s"},
      {28, "dtm", "v", "Not in the expected format: ms since epoch"},
      {29, "dtm", "1111111111111111",
       "Formatting as 37179-09-17 07:18:31.111 is not Redshift-compatible"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(fmt::format("row {}: {}", row.row, row.value));
    const Refused refused = bad(pixel({{"e", "pv"}, {row.name, row.value}}));
    ASSERT_EQ(refused.messages.size(), 1u);
    EXPECT_EQ(refused.type, "schema_violations");
    EXPECT_TRUE(refused.messages[0].starts_with(fmt::format(
        R"({{"schemaKey":"{}","error":{{"error":"ValidationError","dataReports":[{{"message":"{})",
        atomic_schema, row.message)))
        << refused.messages[0];
    EXPECT_NE(refused.messages[0].find(fmt::format(
                  R"("path":"{}","keyword":"atomic_field_parse_error","targets":[])", row.name)),
              std::string::npos);
  }
}

TEST_F(EdgeCases, Row30CollectorTimesWithoutText) {
  const struct {
    std::int64_t ms;
    std::string_view text;
  } rows[] = {{-63'113'904'000'000, "-0030-01-01 00:00:00.000"},
              {315'569'520'000'000, "11970-01-01 00:00:00.000"}};
  for (const auto& row : rows) {
    CollectorPayload payload = pixel({{"e", "pv"}});
    payload.timestamp_ms = row.ms;
    const Refused refused = bad(payload);
    ASSERT_EQ(refused.messages.size(), 1u);
    EXPECT_NE(refused.messages[0].find(fmt::format(
                  R"("message":"Formatted as {} is not Redshift-compatible")", row.text)),
              std::string::npos)
        << refused.messages[0];
    const json::Value event = refused.data["payload"]["enriched"];
    EXPECT_EQ(event["collector_tstamp"].type(), json::Type::null);
    EXPECT_EQ(event["derived_tstamp"].type(), json::Type::null);  // row 107
  }
}

TEST_F(EdgeCases, Rows35To38WholeLines) {
  CollectorPayload payload = pixel({{"e", "pv"}, {"ua", "parameter"}});
  payload.user_agent = "header";
  EXPECT_EQ(good(payload)[Column::useragent], "parameter");
  payload.querystring = "e=pv";
  payload.user_agent = "Mozilla %1$s/%2$s";
  Settings settings;
  settings.processor = {"Enrich", "1.2.3"};
  EXPECT_EQ(good(payload, settings)[Column::useragent], "Mozilla %1$s/%2$s");
  EXPECT_EQ(good(payload, settings)[Column::v_etl], "Enrich-1.2.3");
  EXPECT_EQ(EnrichedEvent{}.tsv(), std::string(130, '\t'));
  good(pixel({{"e", "pv"}, {"co", entities(web_page)}}));
  EXPECT_EQ(split(last_.good.at(0).tsv, '\t').at(52), entities(web_page));
}

TEST_F(EdgeCases, Rows40To51TheClientsAddress) {
  constexpr std::string_view fallback = "255.255.255.255";
  constexpr std::string_view v6 = "2001:0db8:85a3:0000:0000:8a2e:0370:7334";
  const struct {
    int row;
    Texts headers;
    std::string_view address;
  } rows[] = {
      {40, {}, fallback},
      {41, {"X-Forwarded-For: localhost"}, fallback},
      {42, {"x-FoRwaRdeD-FOr: 129.78.138.66, 129.78.64.103"}, "129.78.138.66"},
      {43, {"X-Forwarded-For: 129.78.138.66abcdefg"}, "129.78.138.66"},
      {44, {fmt::format("X-Forwarded-For: {}", v6)}, v6},
      {45, {fmt::format("X-Forwarded-For: {}abcdefg", v6)}, "2001:0db8:85a3:0000:0000:8a2e:0370:"},
      {46, {fmt::format("X-Forwarded-For: \"[{}]\"", v6)}, v6},
      {47, {"X-Forwarded-For: " + std::string(30, ':')}, ":::::::::::::::"},
      {48, {"Forwarded: for=129.78.138.66, 129.78.64.103"}, "129.78.138.66"},
      {49, {"Forwarded: for=2.2.2.2", "X-Forwarded-For: 1.1.1.1"}, "1.1.1.1"},
      {50, {"X-Forwarded-For: 1.1.1.1:8080"}, "1.1.1.1"},
      {50, {"X-Forwarded-For: [1fff:0:a88:85a3::ac1f]:8001"}, "1fff:0:a88:85a3::ac1f"},
      {51, {"X-Forwarded-For: " + std::string(1'000'000, 'a')}, fallback},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(fmt::format("row {}", row.row));
    CollectorPayload payload = pixel({{"e", "pv"}});
    payload.ip_address = fallback;
    payload.headers = row.headers;
    EXPECT_EQ(good(payload)[Column::user_ipaddress], row.address);
  }
}

TEST_F(EdgeCases, Rows52To55PathsAndQueries) {
  for (const std::string_view path : {"/i", "/ice.png", "/i?foo=1"}) {
    CollectorPayload payload = pixel({{"e", "pv"}});
    payload.path = path;
    EXPECT_EQ(good(payload)[Column::event], "page_view") << path;
  }
  CollectorPayload payload = pixel({{"e", "pv"}});
  payload.path = "/blah/i";
  EXPECT_EQ(bad(payload).messages,
            Texts{bad_row::input_data("vendor/version", "blah/i",
                                      "vendor/version combination is not supported")});
  payload.path = "i";
  EXPECT_EQ(bad(payload).type, "collector_payload_format_violation");
  payload.path = "/i";
  payload.querystring = "e=pv&page=Celestial%2520Tarot";
  EXPECT_EQ(good(payload)[Column::page_title], "Celestial%20Tarot");
  payload.querystring = "?e=pv&tid=1";
  const Refused refused = bad(payload);
  EXPECT_EQ(refused.type, "enrichment_failures");
  EXPECT_EQ(json::print(refused.data["payload"]["raw"]["parameters"]),
            R"([{"name":"?e","value":"pv"},{"name":"tid","value":"1"}])");
}

TEST_F(EdgeCases, Rows56To59Records) {
  CollectorPayload foreign = pixel({{"e", "pv"}});
  foreign.schema = "wrong-schema";
  const struct {
    int row;
    std::string record;
    std::string_view error;
  } rows[] = {{56, "\x01", "error deserializing raw event: Reached end of bytes"},
              {57, encode(foreign),
               "verifying record as iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/"
               "1-0-* failed: found wrong-schema"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(fmt::format("row {}", row.row));
    last_ = run_bytes(row.record);
    const Refused refused = read_bad();
    EXPECT_EQ(refused.type, "collector_payload_format_violation");
    EXPECT_TRUE(
        refused.data["failure"]["message"]["error"].string().value_or("").starts_with(row.error));
  }
  const Fields right{{"e", "pv"}, {"p", "web"}, {"tv", "1"}};
  Fields wrong = right;
  wrong.emplace_back("co", entities(R"({"schema":"iglu:com.acme/x/jsonschema/1-0-9","data":{}})"));
  const Outcome mixed = run(post({wrong, right, wrong, wrong}));
  EXPECT_EQ(mixed.good.size(), 1u);  // row 59
  EXPECT_EQ(mixed.bad.size(), 3u);
}

TEST_F(EdgeCases, Rows63To70RequestsOfTrackers) {
  const std::string types =
      "expected one of application/json, application/json; charset=utf-8, application/json; "
      "charset=UTF-8";
  const std::string no_body = "empty body: not a valid tracker protocol event";
  const std::string no_query = "empty querystring: not a valid tracker protocol event";
  CollectorPayload bare_pixel = pixel({});
  bare_pixel.querystring = std::nullopt;
  const struct {
    int row;
    CollectorPayload payload;
    Texts messages;
  } rows[] = {
      {63,
       bare_pixel,
       {bad_row::input_data("querystring", std::nullopt,
                            "empty querystring: not a valid URI redirect")}},
      {67,
       post_body("{}", std::nullopt, "text/plain"),
       {bad_row::input_data("contentType", "text/plain", types)}},
      {68,
       post_body(std::nullopt),
       {bad_row::input_data("body", std::nullopt, no_body),
        bad_row::input_data("querystring", std::nullopt, no_query)}},
      {69,
       post_body("{}", std::nullopt, std::nullopt),
       {bad_row::input_data("contentType", std::nullopt, types)}},
      {70,
       post_body(std::nullopt, "a=b"),
       {bad_row::input_data("body", std::nullopt, "empty body: not a valid track protocol event")}},
      {72,
       post_body(R"({"not":"self-desc"})"),
       {bad_row::not_iglu(R"({"not":"self-desc"})", "INVALID_DATA_PAYLOAD")}},
      {80,
       redirect("u&cx=e30"),
       {bad_row::input_data("querystring", "u=null&cx=e30",
                            "missing `u` parameter: not a valid URI redirect")}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(fmt::format("row {}", row.row));
    EXPECT_EQ(bad(row.payload).messages, row.messages);
  }
  EXPECT_EQ(good(post_body(std::nullopt, "aid=tp2&e=se", std::nullopt))[Column::app_id], "tp2");
  const Outcome three =
      run(post_body(payload_data(R"([{"tv":"1","p":"web","e":"pv"},{"tv":"2","p":"web","e":"pv"},)"
                                 R"({"tv":"3","p":"web","e":"pv"}])"),
                    "tv=0&nuid=123", "application/json; charset=UTF-8"));  // rows 65 and 66
  ASSERT_EQ(three.good.size(), 3u);
  for (const Good& event : three.good) {
    EXPECT_EQ((*EnrichedView::parse(event.tsv))[Column::v_tracker], "0");
    EXPECT_EQ((*EnrichedView::parse(event.tsv))[Column::network_userid], "123");
  }
}

TEST_F(EdgeCases, Rows71To76BodiesThatAreRefusedWhole) {
  const std::string_view geolocation =
      "iglu:com.snowplowanalytics.snowplow/geolocation_context/jsonschema/1-0-0";
  const std::string valid = R"({"tv":"1","p":"web","e":"pv"})";
  const struct {
    int row;
    std::string body;
    Texts parts;  // of the one message
  } rows[] = {
      {71, "body", {R"({"field":"body","value":"body","error":"invalid json: )"}},
      {73,
       self_describing(geolocation, R"({"longitude":1})"),
       {std::string(geolocation), "$.latitude: is missing but it is required"}},
      {74,
       payload_data("{}"),
       {"$: object found, array expected", R"("targets":["object","array"])"}},
      {75,
       payload_data(R"([{"tv":"ios-0.1.0"}])"),
       {"$[0].p: is missing but it is required", "$[0].e: is missing but it is required"}},
      {76,
       payload_data("[" + valid + R"(,{"new":"foo"}])"),
       {"$[1].tv: is missing", "$[1].p: is missing", "$[1].e: is missing",
        "$[1].new: is not defined in the schema"}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(fmt::format("row {}", row.row));
    const Refused refused = bad(post_body(row.body));
    EXPECT_EQ(refused.type, "tracker_protocol_violations");
    ASSERT_EQ(refused.messages.size(), 1u);
    for (const std::string& part : row.parts)
      EXPECT_NE(refused.messages[0].find(part), std::string::npos) << refused.messages[0];
  }
}

TEST_F(EdgeCases, Rows77To82Redirects) {
  const std::string target =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/uri_redirect/jsonschema/1-0-0","data":)"
      R"({"uri":"https://x"}})";
  const EnrichedView click = good(redirect("u=https://x"));
  EXPECT_EQ(click[Column::event], "unstruct");
  EXPECT_EQ(click[Column::unstruct_event], self_describing(event_schema, target));
  EXPECT_EQ(click[Column::platform], "web");
  EXPECT_EQ(click[Column::v_tracker], "r-tp2");
  EXPECT_EQ(good(redirect("u=https://x&e=se"))[Column::contexts], entities(target));
  EXPECT_EQ(
      good(redirect("u=https://x&e=se&cx=" + url_base64(entities(web_page))))[Column::contexts],
      entities(fmt::format("{},{}", target, web_page)));
  EXPECT_TRUE(bad(redirect("u=https://x&e=se&co=" + percent_encoded("{[-")))
                  .messages.at(0)
                  .starts_with(R"({"field":"co|cx","value":"{[-","error":"invalid json: )"));
  EXPECT_EQ(
      bad(redirect("u=https://x&e=se&cx=" + percent_encoded("\xc2\xa2\xc2\xa2\xc2\xa2"))).messages,
      Texts{bad_row::not_json("co|cx", "", "invalid json: exhausted input")});
}

TEST_F(EdgeCases, Row101WhereThePageUrlComesFrom) {
  CollectorPayload payload = pixel({{"e", "pv"}, {"url", "http://tracker.com"}});
  payload.referer_uri = "http://header.com";
  EXPECT_EQ(good(payload)[Column::page_url], "http://tracker.com");
  payload.querystring = "e=pv";
  EXPECT_EQ(good(payload)[Column::page_url], "http://header.com");
  payload.referer_uri = std::nullopt;
  const EnrichedView neither = good(payload);
  EXPECT_EQ(neither[Column::page_url], "");
  EXPECT_EQ(neither[Column::page_urlport], "");
}

TEST_F(EdgeCases, Rows103To105DerivedTime) {
  const struct {
    int row;
    std::string_view created, sent, collector, derived;
  } rows[] = {
      {103, "2014-04-29 09:00:54.000", "2014-04-29 09:00:54.001", "2014-04-29 09:00:54.000",
       "2014-04-29 09:00:53.999"},
      {104, "2014-04-29 09:00:54.001", "2014-04-29 09:00:54.000", "2014-04-29 09:00:54.000",
       "2014-04-29 09:00:54.000"},
      {105, "2024-06-30 09:00:00.000", "2024-08-09 09:00:00.000", "2024-08-09 09:00:00.000",
       "2024-06-30 09:00:00.000"},
  };
  for (const auto& row : rows) {
    const auto ms = [](std::string_view text) {
      return std::to_string(to_ms(*parse_timestamp(text)));
    };
    CollectorPayload payload =
        pixel({{"e", "pv"}, {"dtm", ms(row.created)}, {"stm", ms(row.sent)}});
    payload.timestamp_ms = to_ms(*parse_timestamp(row.collector));
    EXPECT_EQ(good(payload)[Column::derived_tstamp], row.derived) << "row " << row.row;
  }
}

TEST_F(EdgeCases, Rows127To134SelfDescribingParts) {
  const std::string unknown = R"({"schema":"iglu:com.acme/x/jsonschema/1-0-9","data":{}})";
  const std::string foo = "iglu:com.snowplowanalytics.snowplow/foo/jsonschema/1-0-0";
  const std::string long_vendor = fmt::format(
      R"({{"schema":"iglu:{}/x/jsonschema/1-0-0","data":{{}}}})", std::string(129, 'v'));
  const struct {
    int row;
    Fields fields;
    Texts parts;  // one of each message
  } rows[] = {
      {127, {{"ue_pr", "foo"}}, {R"({"field":"unstruct","value":"foo","error":"invalid json: )"}},
      {128, {{"ue_pr", R"({"foo":"bar"})"}}, {R"({"json":{"foo":"bar"},"error":)"}},
      {129, {{"ue_pr", self_describing(foo, "{}")}}, {R"("schemaCriterion":)"}},
      {130, {{"ue_pr", self_describing(event_schema, R"({"a":1})")}}, {std::string(event_schema)}},
      {131, {{"ue_pr", self_describing(event_schema, unknown)}}, {"ResolutionError"}},
      {132,
       {{"co", entities(fmt::format("{},{},{}", unknown, web_page, unknown))}},
       {"ResolutionError", "ResolutionError"}},
      {134, {{"co", entities(long_vendor)}}, {R"("error":"INVALID_IGLUURI")"}},
      {136,
       {{"tr_tt", "x"}, {"ue_pr", self_describing(event_schema, unknown)}},
       {R"("path":"tr_tt")", "ResolutionError"}},
      {137,
       {{"tv", std::string(101, 'v')}},
       {R"("message":"Field is longer than maximum allowed size 100","path":"v_tracker")"}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(fmt::format("row {}", row.row));
    Fields fields{{"e", "ue"}};
    fields.insert(fields.end(), row.fields.begin(), row.fields.end());
    const Refused refused = bad(pixel(fields));
    EXPECT_EQ(refused.type, "schema_violations");
    ASSERT_EQ(refused.messages.size(), row.parts.size());
    for (std::size_t i = 0; i < row.parts.size(); ++i)
      EXPECT_NE(refused.messages[i].find(row.parts[i]), std::string::npos) << refused.messages[i];
    const auto kept = refused.data["payload"]["enriched"]["contexts"].string();
    EXPECT_EQ(kept.value_or(""), row.row == 132 ? entities(web_page) : "");
  }
}

TEST_F(EdgeCases, Row138LongColumnsMayPass) {
  Settings settings;
  settings.accept_invalid = true;
  const std::string text(101, 'v');
  EXPECT_EQ(good(pixel({{"e", "pv"}, {"tv", text}}), settings)[Column::v_tracker], text);
}

TEST_F(EdgeCases, Rows109And149WhatAnEventMustHave) {
  CollectorPayload payload = pixel({});
  for (const std::string_view query : {"p=web", "e=ad"}) {  // the latter is row 12, too
    payload.querystring = query;
    EXPECT_EQ(bad(payload).type, "enrichment_failures");
  }
  payload.querystring = "e=pv";
  payload.collector = "";
  EXPECT_EQ(bad(payload).messages, Texts{bad_row::enrichment_message(bad_row::input_data(
                                       "v_collector", std::nullopt, "should be set"))});
}

TEST_F(EdgeCases, Row133NullWhereTheSchemaAllowsIt) {
  const std::string player =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0",)"
      R"("data":{"currentTime":1,"paused":false,"ended":false,"duration":null}})";
  EXPECT_EQ(good(pixel({{"e", "pv"}, {"co", entities(player)}}))[Column::contexts],
            entities(player));
}

// The schema of com.acme/x in this version, with more members.
iglu::Answer acme(std::string_view version, std::string_view rest) {
  iglu::Answer answer;
  answer.text = fmt::format(R"({{"self":{{"vendor":"com.acme","name":"x","format":"jsonschema",)"
                            R"("version":"{}"}},"type":"object",{}}})",
                            version, rest);
  return answer;
}

TEST_F(EdgeCases, Row135SupersededTwiceInOneEvent) {
  constexpr std::string_view old_uri = "iglu:com.acme/x/jsonschema/1-0-0";
  constexpr std::string_view new_uri = "iglu:com.acme/x/jsonschema/1-0-1";
  ASSERT_TRUE(resolver_.keep(old_uri, acme("1-0-0", R"("$supersededBy":"1-0-1")"), now));
  ASSERT_TRUE(resolver_.keep(new_uri, acme("1-0-1", R"("required":["a"])"), now));
  const std::string sent = self_describing(old_uri, R"({"a":1})");
  const std::string written = self_describing(new_uri, R"({"a":1})");

  const auto event = good(
      pixel({{"e", "ue"}, {"ue_pr", self_describing(event_schema, sent)}, {"co", entities(sent)}}));
  EXPECT_EQ(event[Column::unstruct_event], self_describing(event_schema, written));
  EXPECT_EQ(event[Column::contexts], entities(written));
  EXPECT_EQ(event[Column::event_version], "1-0-1");
  EXPECT_EQ(
      event[Column::derived_contexts],
      entities(self_describing(
          "iglu:com.snowplowanalytics.iglu/validation_info/jsonschema/1-0-0",
          R"({"originalSchema":"iglu:com.acme/x/jsonschema/1-0-0","validatedWith":"1-0-1"})")));

  const auto refused = bad(pixel({{"e", "pv"}, {"co", entities(self_describing(old_uri, "{}"))}}));
  ASSERT_EQ(refused.messages.size(), 1u);
  EXPECT_TRUE(refused.messages[0].starts_with(
      R"({"schemaKey":"iglu:com.acme/x/jsonschema/1-0-0","error":{"error":"ValidationError")"));
  EXPECT_TRUE(refused.messages[0].ends_with(R"("targets":["a"]}],"supersededBy":"1-0-1"}})"));
  // Sent under the later version there is nothing to tell.
  EXPECT_EQ(good(pixel({{"e", "pv"}, {"co", entities(written)}}))[Column::derived_contexts], "");
}

TEST_F(EdgeCases, ASchemaThatNobodyWasAskedForMakesNothingFinal) {
  iglu::ResolverConfig config;
  config.repositories = {{"Acme", 0, {}, "http://acme", ""}};
  resolver_ = iglu::Resolver(*iglu::Registry::embedded(), config);
  const std::string entity = self_describing("iglu:com.acme/x/jsonschema/1-0-0", "{}");
  const Outcome outcome = run(pixel({{"e", "pv"}, {"co", entities(entity)}}));
  EXPECT_TRUE(outcome.good.empty() && outcome.bad.empty());
  EXPECT_EQ(outcome.schemas_needed, Texts{"iglu:com.acme/x/jsonschema/1-0-0"});
}

TEST_F(EdgeCases, ASchemaThatCannotBeObeyedIsItsOwnKindOfFailure) {
  constexpr std::string_view uri = "iglu:com.acme/x/jsonschema/1-0-0";
  iglu::Answer answer = acme("1-0-2", R"("title":"x")");
  answer.repository = "Acme";
  ASSERT_TRUE(resolver_.keep(uri, answer, now));
  const auto refused = bad(pixel({{"e", "pv"}, {"co", entities(self_describing(uri, "{}"))}}));
  const std::string issue = "Acme: self says that it is iglu:com.acme/x/jsonschema/1-0-2";
  EXPECT_EQ(refused.messages,
            Texts{fmt::format(R"({{"schemaKey":"{}","error":{{"error":"ValidationError",)"
                              R"("schemaIssues":[{{"path":"$","message":"{}"}}]}}}})",
                              uri, issue)});
  const auto failures = failure_entities(refused);
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_NE(
      failures[0].find(fmt::format(
          R"("failureType":"ValidationError","errors":[{{"message":"Invalid schema: {} - {}",)"
          R"("source":"contexts","path":"$"}}])",
          uri, issue)),
      std::string::npos)
      << failures[0];
}

TEST_F(EdgeCases, Row154SchemasThatNeedNoNetwork) {
  for (const std::string_view name :
       {"contexts/jsonschema/1-0-0", "contexts/jsonschema/1-0-1", "unstruct_event/jsonschema/1-0-0",
        "payload_data/jsonschema/1-0-0", "payload_data/jsonschema/1-0-4"}) {
    EXPECT_TRUE(resolver_.find(fmt::format("iglu:com.snowplowanalytics.snowplow/{}", name), now))
        << name;
  }
}

}  // namespace
}  // namespace lvp::enrich
