#include "enrich/enrich.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

// ---- Records that are no requests ----

TEST_F(Enrich, RecordsThatAreNoRequests) {
  const auto change = [](auto edit) {
    CollectorPayload payload = pixel({{"e", "pv"}});
    edit(payload);
    return encode(payload);
  };
  const std::string bad_path =
      "path does not match (/)vendor/version(/) nor is a legacy /i(ce.png) request";
  const struct {
    std::string record;
    Texts messages;
  } rows[] = {
      {"\x01",
       {bad_row::payload_error("error deserializing raw event: Reached end of bytes when parsing "
                               "as thrift format")}},
      {change([](auto& p) { p.schema = "wrong-schema"; }),
       {bad_row::payload_error(
           "verifying record as iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/"
           "1-0-* failed: found wrong-schema")}},
      {change([](auto& p) { p.encoding = "nonsense"; }),
       {bad_row::payload_error("error deserializing raw event: nonsense")}},
      {change([](auto& p) { p.path = std::nullopt; }),
       {bad_row::payload_input_data("path", std::nullopt, "request does not contain a path")}},
      {change([](auto& p) { p.path = "/favicon"; }),
       {bad_row::payload_input_data("path", "/favicon", bad_path)}},
      {change([](auto& p) { p.path = "i"; }), {bad_row::payload_input_data("path", "i", bad_path)}},
      {change([](auto& p) { p.querystring = "e=pv&page=a b"; }),
       {bad_row::payload_input_data(
           "querystring", "e=pv&page=a b",
           "could not extract name-value pairs from querystring with encoding UTF-8: Illegal "
           "character in query")}},
      {change([](auto& p) {
         p.path = "/a/b/c";
         p.network_userid = "me";
       }),
       {bad_row::payload_input_data("path", "/a/b/c", bad_path),
        bad_row::payload_input_data("networkUserId", "me", "not valid UUID")}},
  };
  for (const auto& row : rows) {
    const Outcome outcome = run_bytes(row.record);
    EXPECT_TRUE(outcome.good.empty());
    ASSERT_EQ(outcome.bad.size(), row.messages.size());
    for (std::size_t i = 0; i < row.messages.size(); ++i) {
      EXPECT_EQ(outcome.bad[i], bad_row::collector_payload_format_violation(
                                    Settings{}.processor, now, row.messages[i], row.record));
    }
  }
}

TEST_F(Enrich, RequestsThatCannotBeRead) {
  CollectorPayload unknown = pixel({{"e", "pv"}});
  unknown.path = "/com.acme/v1";
  EXPECT_EQ(bad(unknown).type, "adapter_failures");
  CollectorPayload broken = post({});
  broken.body = "[";
  broken.headers = {"X-Forwarded-For: 1.1.1.1"};
  const Refused refused = bad(broken);
  EXPECT_EQ(refused.type, "tracker_protocol_violations");
  EXPECT_EQ(refused.data["payload"]["ipAddress"].string(), "1.1.1.1");
  EXPECT_EQ(refused.data["payload"]["body"].string(), "[");
}

// ---- Columns ----

TEST_F(Enrich, SetsDefaults) {
  CollectorPayload payload = pixel({{"e", "pv"}});
  payload.user_agent = "Browser\t1 %1$s";
  payload.referer_uri = "http://ref.com/a b";
  payload.headers = {"Host: c.example.org", "X-Forwarded-For: 198.51.100.7, 10.0.0.1"};
  Settings settings;
  settings.processor = {"Enrich", "1.2.3"};
  const EnrichedView event = good(payload, settings);
  EXPECT_EQ(event[Column::event], "page_view");
  EXPECT_EQ(event[Column::event_id], made_id);
  EXPECT_EQ(event[Column::v_collector], "lvp-collect-0.1.0");
  EXPECT_EQ(event[Column::v_etl], "Enrich-1.2.3");
  EXPECT_EQ(event[Column::etl_tstamp], "2026-05-01 08:00:00.120");
  EXPECT_EQ(event[Column::collector_tstamp], "2014-04-29 09:00:54.000");
  EXPECT_EQ(event[Column::derived_tstamp], "2014-04-29 09:00:54.000");
  EXPECT_EQ(event[Column::network_userid], collector_id);
  EXPECT_EQ(event[Column::user_ipaddress], "198.51.100.7");
  EXPECT_EQ(event[Column::useragent], "Browser    1 %1$s");
  EXPECT_EQ(event[Column::page_url], "http://ref.com/a%20b");
  EXPECT_EQ(event[Column::page_urlhost], "ref.com");
  EXPECT_EQ(event[Column::page_referrer], "");
  EXPECT_EQ(event[Column::platform], "");
  EXPECT_EQ(event[Column::derived_contexts], "");
}

TEST_F(Enrich, ParametersBecomeColumns) {
  const struct {
    std::string_view name;
    std::string_view value;
    Column column;
    std::string_view text;
  } rows[] = {
      {"aid", "t\tv", Column::app_id, "t    v"},
      {"p", "tv", Column::platform, "tv"},
      {"eid", "A729D278-110A-4AC6-845B-D1F12CE45AC7", Column::event_id,
       "a729d278-110a-4ac6-845b-d1f12ce45ac7"},
      {"tna", "ns1", Column::name_tracker, "ns1"},
      {"tv", "js-4", Column::v_tracker, "js-4"},
      {"cv", "old", Column::v_collector, "old"},
      {"tz", "Europe/Berlin", Column::os_timezone, "Europe/Berlin"},
      {"dtm", "1735693323000", Column::dvce_created_tstamp, "2025-01-01 01:02:03.000"},
      {"stm", "1735693323000", Column::dvce_sent_tstamp, "2025-01-01 01:02:03.000"},
      {"ttm", "1735693323000", Column::true_tstamp, "2025-01-01 01:02:03.000"},
      {"ttm", "946684800000", Column::derived_tstamp, "2000-01-01 00:00:00.000"},
      {"tid", "+7", Column::txn_id, "7"},
      {"uid", "me", Column::user_id, "me"},
      {"duid", "d", Column::domain_userid, "d"},
      {"nuid", "n", Column::network_userid, "n"},
      {"tnuid", "mytnuid", Column::network_userid, "mytnuid"},
      {"vid", "-42", Column::domain_sessionidx, "-42"},
      {"vid", "null", Column::domain_sessionidx, ""},
      {"sid", "8CCFEB07-c10f-4e7a-9932-f24443264899", Column::domain_sessionid,
       "8ccfeb07-c10f-4e7a-9932-f24443264899"},
      {"fp", "1", Column::user_fingerprint, "1"},
      {"ip", "127.0.0.1, 127.0.0.2", Column::user_ipaddress, "127.0.0.1"},
      {"ua", "mine", Column::useragent, "mine"},
      {"url", "myurl", Column::page_url, "myurl"},
      {"page", "T", Column::page_title, "T"},
      {"refr", "http://r/", Column::page_referrer, "http://r/"},
      {"cs", "UTF-8", Column::doc_charset, "UTF-8"},
      {"ds", "1x2", Column::doc_width, "1"},
      {"ds", "1x2", Column::doc_height, "2"},
      {"vp", "76x128", Column::br_viewwidth, "76"},
      {"vp", "76x128", Column::br_viewheight, "128"},
      {"res", "1200x800", Column::dvce_screenwidth, "1200"},
      {"res", "1200x800", Column::dvce_screenheight, "800"},
      {"cd", "24", Column::br_colordepth, "24"},
      {"cookie", "1", Column::br_cookies, "1"},
      {"lang", "de", Column::br_lang, "de"},
      {"f_pdf", "1", Column::br_features_pdf, "1"},
      {"f_fla", "1", Column::br_features_flash, "1"},
      {"f_java", "1", Column::br_features_java, "1"},
      {"f_dir", "1", Column::br_features_director, "1"},
      {"f_qt", "1", Column::br_features_quicktime, "1"},
      {"f_realp", "1", Column::br_features_realplayer, "1"},
      {"f_wma", "1", Column::br_features_windowsmedia, "1"},
      {"f_gears", "1", Column::br_features_gears, "1"},
      {"f_ag", "0", Column::br_features_silverlight, "0"},
      {"se_ca", "a", Column::se_category, "a"},
      {"se_ac", "a", Column::se_action, "a"},
      {"se_la", "a", Column::se_label, "a"},
      {"se_pr", "a", Column::se_property, "a"},
      {"se_va", "1E7", Column::se_value, "10000000"},
      {"ev_ca", "a", Column::se_category, "a"},
      {"ev_ac", "a", Column::se_action, "a"},
      {"ev_la", "a", Column::se_label, "a"},
      {"ev_pr", "a", Column::se_property, "a"},
      {"ev_va", "42.50", Column::se_value, "42.50"},
      {"tr_id", "a", Column::tr_orderid, "a"},
      {"tr_af", "a", Column::tr_affiliation, "a"},
      {"tr_tt", "1.5", Column::tr_total, "1.5"},
      {"tr_tx", "1.5", Column::tr_tax, "1.5"},
      {"tr_sh", "1.5", Column::tr_shipping, "1.5"},
      {"tr_ci", "a", Column::tr_city, "a"},
      {"tr_st", "a", Column::tr_state, "a"},
      {"tr_co", "a", Column::tr_country, "a"},
      {"tr_cu", "EUR", Column::tr_currency, "EUR"},
      {"ti_id", "a", Column::ti_orderid, "a"},
      {"ti_sk", "a", Column::ti_sku, "a"},
      {"ti_nm", "a", Column::ti_name, "a"},
      {"ti_na", "a", Column::ti_name, "a"},
      {"ti_ca", "a", Column::ti_category, "a"},
      {"ti_cu", "EUR", Column::ti_currency, "EUR"},
      {"ti_pr", "1.5", Column::ti_price, "1.5"},
      {"ti_qu", "2", Column::ti_quantity, "2"},
      {"pp_mix", "1", Column::pp_xoffset_min, "1"},
      {"pp_max", "2", Column::pp_xoffset_max, "2"},
      {"pp_miy", "3", Column::pp_yoffset_min, "3"},
      {"pp_may", "4", Column::pp_yoffset_max, "4"},
  };
  for (const auto& row : rows) {
    const EnrichedView event =
        good(pixel({{"e", "pp"}, {std::string(row.name), std::string(row.value)}}));
    EXPECT_EQ(event[row.column], row.text) << row.name;
  }
}

TEST_F(Enrich, OneOfTwoParametersForAColumnWins) {
  const std::string other = entities("");
  const EnrichedView event = good(pixel({{"e", "se"},
                                         {"se_ca", "new"},
                                         {"ev_ca", "old"},
                                         {"ti_nm", "new"},
                                         {"ti_na", "old"},
                                         {"tnuid", "t"},
                                         {"nuid", "n"},
                                         {"cx", url_base64(entities(web_page))},
                                         {"co", other},
                                         {"aid", "first"},
                                         {"aid", "last"}}));
  EXPECT_EQ(event[Column::se_category], "new");
  EXPECT_EQ(event[Column::ti_name], "new");
  EXPECT_EQ(event[Column::network_userid], "t");
  EXPECT_EQ(event[Column::contexts], entities(web_page));
  EXPECT_EQ(event[Column::app_id], "last");
}

TEST_F(Enrich, DerivesTheTimestamp) {
  const auto derived = [&](std::string_view created, std::string_view sent,
                           std::string_view collector) {
    const auto ms = [](std::string_view text) {
      return std::to_string(to_ms(*parse_timestamp(text)));
    };
    CollectorPayload payload = pixel({{"e", "pv"}, {"dtm", ms(created)}, {"stm", ms(sent)}});
    payload.timestamp_ms = to_ms(*parse_timestamp(collector));
    return std::string(good(payload)[Column::derived_tstamp]);
  };
  EXPECT_EQ(
      derived("2014-04-29 09:00:54.000", "2014-04-29 09:00:54.001", "2014-04-29 09:00:54.000"),
      "2014-04-29 09:00:53.999");
  EXPECT_EQ(
      derived("2014-04-29 09:00:54.001", "2014-04-29 09:00:54.000", "2014-04-29 09:00:54.000"),
      "2014-04-29 09:00:54.000");
  EXPECT_EQ(
      derived("2024-06-30 09:00:00.000", "2024-08-09 09:00:00.000", "2024-08-09 09:00:00.000"),
      "2024-06-30 09:00:00.000");
}

TEST_F(Enrich, NamesTheEventsSchema) {
  const struct {
    std::string_view code, vendor, name;
  } rows[] = {{"pv", "com.snowplowanalytics.snowplow", "page_view"},
              {"pp", "com.snowplowanalytics.snowplow", "page_ping"},
              {"tr", "com.snowplowanalytics.snowplow", "transaction"},
              {"ti", "com.snowplowanalytics.snowplow", "transaction_item"},
              {"se", "com.google.analytics", "event"}};
  for (const auto& row : rows) {
    const EnrichedView event = good(pixel({{"e", std::string(row.code)}}));
    EXPECT_EQ(event[Column::event_vendor], row.vendor);
    EXPECT_EQ(event[Column::event_name], row.name);
    EXPECT_EQ(event[Column::event_format], "jsonschema");
    EXPECT_EQ(event[Column::event_version], "1-0-0");
  }
  const EnrichedView bare = good(pixel({{"e", "ue"}}));
  EXPECT_EQ(bare[Column::event], "unstruct");
  EXPECT_EQ(bare[Column::event_vendor], "");
}

// ---- Self-describing parts ----

TEST_F(Enrich, MediaEventOfTheBrowserTracker) {
  const std::string player =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0",)"
      R"("data":{"currentTime":1.50,"paused":false,"ended":false,"label":"Bugs Bunny",)"
      R"("duration":596.474195}})";
  const std::string session =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow.media/session/jsonschema/1-0-0",)"
      R"("data":{"mediaSessionId":"e3a82b1d-e44e-4bbf-a797-672b4e879af3",)"
      R"("startedAt":"2024-11-16T13:33:23.276Z","timePlayed":0.175}})";
  const std::string play =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow.media/play_event/jsonschema/1-0-0",)"
      R"("data":{}})";
  const std::string list = fmt::format("{},{},{}", player, session, web_page);
  const std::string sent_entities = fmt::format(
      R"({{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[{}]}})",
      list);
  const Fields fields = {{"e", "ue"},
                         {"eid", "f9251eb6-2317-4854-ad68-1e1235d484b8"},
                         {"p", "web"},
                         {"tv", "js-4.6.6"},
                         {"tna", "sp"},
                         {"aid", "player"},
                         {"duid", "143f9cb9-3db9-4e99-8d67-c8aea075d190"},
                         {"dtm", "1398762053000"},
                         {"stm", "1398762053500"},
                         {"url", "https://tv.example/watch?v=1#t"},
                         {"ue_px", url_base64(self_describing(event_schema, play))},
                         {"cx", url_base64(sent_entities)}};
  const EnrichedView event = good(post({fields}));
  EXPECT_EQ(event[Column::event], "unstruct");
  EXPECT_EQ(event[Column::event_vendor], "com.snowplowanalytics.snowplow.media");
  EXPECT_EQ(event[Column::event_name], "play_event");
  EXPECT_EQ(event[Column::event_version], "1-0-0");
  EXPECT_EQ(event[Column::unstruct_event], self_describing(event_schema, play));
  EXPECT_EQ(event[Column::contexts], entities(list));
  EXPECT_EQ(event[Column::page_urlquery], "v=1");
  EXPECT_EQ(event[Column::derived_tstamp], "2014-04-29 09:00:53.500");
  EXPECT_EQ(event[Column::app_id], "player");
  EXPECT_EQ(last_.good[0].key, "143f9cb9-3db9-4e99-8d67-c8aea075d190");
}

TEST_F(Enrich, RewritesPartsAsCompactSelfDescribingJson) {
  const EnrichedView event = good(pixel(
      {{"e", "pv"},
       {"co", R"( { "data" : [ {"data":{"id":"x","id":"b7272b85-472b-493a-91f1-734e138ef09a"}, )"
              R"("schema" : "iglu:com.snowplowanalytics.snowplow\/web_page/jsonschema/1-0-0"} ],)"
              R"( "more": 1, "schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema)"
              R"(/1-0-0" } )"}}));
  EXPECT_EQ(event[Column::contexts], entities(web_page));
}

TEST_F(Enrich, NothingValidIsNoColumn) {
  EXPECT_EQ(good(pixel({{"e", "pv"}, {"co", entities("")}}))[Column::contexts], "");
}

TEST_F(Enrich, KeysByDevice) {
  const std::string mobile =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-1","data":)"
      R"({"userId":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","sessionId":)"
      R"("b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","sessionIndex":1,"previousSessionId":null,)"
      R"("storageMechanism":"SQLITE"}})";
  const std::string both = entities(fmt::format("{},{}", web_page, mobile));
  const auto key = [&](CollectorPayload payload, std::optional<std::string> network) {
    payload.network_userid = std::move(network);
    good(payload);
    return last_.good.at(0).key;
  };
  const std::string network(collector_id);
  EXPECT_EQ(key(pixel({{"e", "pv"}, {"duid", "d"}, {"co", both}}), network), "d");
  EXPECT_EQ(key(pixel({{"e", "pv"}, {"co", both}}), network),
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  EXPECT_EQ(key(pixel({{"e", "pv"}, {"co", entities(web_page)}}), network), network);
  EXPECT_EQ(key(pixel({{"e", "pv"}, {"co", entities(web_page)}}), std::string(nil_uuid)),
            "b7272b85-472b-493a-91f1-734e138ef09a");
  EXPECT_EQ(key(pixel({{"e", "pv"}}), std::nullopt), made_id);
}

// ---- What is refused ----

TEST_F(Enrich, ParametersThatCannotBeConverted) {
  const struct {
    std::string_view name, value, message;
  } rows[] = {{"e", "evnt", "Not a valid event type"},
              {"p", "ma", "Not a valid platform"},
              {"p", "", "Not a valid platform"},
              {"sid", "{F732D278-120A-4AC6-845B-D1F12CE45AC7}", "Not a valid UUID"},
              {"vid", "abc", "Cannot be converted to java.lang.Integer"},
              {"pp_mix", "12.5", "Cannot be converted to java.lang.Integer"},
              {"f_pdf", "2", "Cannot be converted to Boolean-like java.lang.Byte"},
              {"res", "76xEE", "Does not conform to regex (\\d+)x(\\d+)"},
              {"dtm", "v", "Not in the expected format: ms since epoch"}};
  for (const auto& row : rows) {
    const std::string name(row.name);
    const Refused refused = bad(pixel({{"e", "pv"}, {name, std::string(row.value)}}));
    EXPECT_EQ(refused.type, "schema_violations") << name;
    const std::vector<bad_row::Report> reports{
        {std::string(row.message), name, "atomic_field_parse_error", {}}};
    EXPECT_EQ(refused.messages, Texts{bad_row::validation_error(atomic_schema, reports)}) << name;
  }
}

TEST_F(Enrich, CollectorTimeOutOfRange) {
  CollectorPayload payload = pixel({{"e", "pv"}});
  payload.timestamp_ms = -63'113'904'000'000;
  const Refused refused = bad(payload);
  const std::vector<bad_row::Report> reports{
      {"Formatted as -0030-01-01 00:00:00.000 is not Redshift-compatible",
       "collector_tstamp",
       "atomic_field_parse_error",
       {}}};
  EXPECT_EQ(refused.messages, Texts{bad_row::validation_error(atomic_schema, reports)});
  const json::Value event = refused.data["payload"]["enriched"];
  EXPECT_EQ(event["collector_tstamp"].type(), json::Type::null);
  EXPECT_EQ(event["derived_tstamp"].type(), json::Type::null);
}

TEST_F(Enrich, EventsThatHaveNoSchema) {
  const struct {
    Fields fields;
    std::string type;
  } rows[] = {{{{"p", "web"}}, "null"}, {{{"e", "ad"}}, "ad_impression"}};
  for (const auto& row : rows) {
    const Refused refused = bad(pixel(row.fields));
    EXPECT_EQ(refused.type, "enrichment_failures");
    const json::Value message = refused.data["failure"]["messages"];
    ASSERT_EQ(message.size(), 1u);
    const json::Value first = *message.elements().begin();
    EXPECT_EQ(first["enrichment"].type(), json::Type::null);
    EXPECT_EQ(first["message"]["field"].string(), "event");
    EXPECT_EQ(first["message"]["value"].string().value_or("null"), row.type);
    EXPECT_TRUE(first["message"]["expectation"].string().value_or("").starts_with(
        "trying to extract the schema of the enriched event but event type [" + row.type +
        "] doesn't match"));
  }
  CollectorPayload anonymous = pixel({{"e", "pv"}});
  anonymous.collector = "";
  EXPECT_EQ(bad(anonymous).messages, Texts{bad_row::enrichment_message(bad_row::input_data(
                                         "v_collector", std::nullopt, "should be set"))});
}

TEST_F(Enrich, SelfDescribingEventsThatAreWrong) {
  const std::string acme = R"({"schema":"iglu:com.acme/x/jsonschema/1-0-9","data":{}})";
  const std::string criterion =
      "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-*";
  const std::string foo_uri = "iglu:com.snowplowanalytics.snowplow/foo/jsonschema/1-0-0";
  const std::string model_0 = R"({"schema":"iglu:com.acme/x/jsonschema/0-0-1","data":{}})";
  const std::string long_name = fmt::format(
      R"({{"schema":"iglu:com.acme/{}/jsonschema/1-0-0","data":{{}}}})", std::string(129, 'n'));
  const struct {
    std::string text;
    std::string message;  // its beginning
    std::string failure;  // part of the failure entity
  } rows[] = {
      {"foo", R"({"field":"unstruct","value":"foo","error":"invalid json: )",
       R"("schema":null,"data":{"unstruct":"foo"})"},
      {"", R"({"field":"unstruct","value":"","error":"invalid json: exhausted input"})",
       R"("failureType":"NotJSON")"},
      {R"({"foo": "bar"})", bad_row::not_iglu(R"({"foo":"bar"})", "INVALID_DATA_PAYLOAD"),
       R"("failureType":"NotIglu","errors":[{"message":"Invalid data payload",)"
       R"("source":"unstruct"}])"
       R"(,"schema":null,"data":{"foo":"bar"})"},
      {self_describing(foo_uri, "1.50"), bad_row::criterion_mismatch(foo_uri, criterion),
       R"("source":"unstruct","criterion":")" + criterion + R"("}],"schema":")" + foo_uri +
           R"(","data":1.50)"},
      {self_describing(event_schema, R"({"foo":"bar"})"),
       R"({"schemaKey":")" + std::string(event_schema) + R"(","error":{"error":"ValidationError")",
       R"("data":{"foo":"bar"},"timestamp":"2026-05-01T08:00:00.120Z",)"
       R"("componentName":"lvp-enrich","componentVersion":"0.1.0"})"},
      {self_describing(event_schema, model_0), bad_row::not_iglu(model_0, "INVALID_SCHEMAVER"),
       R"("message":"Invalid schema version")"},
      {self_describing(event_schema, long_name), bad_row::not_iglu(long_name, "INVALID_IGLUURI"),
       R"("message":"Invalid Iglu URI")"},
      {self_describing(event_schema, acme),
       iglu::resolution_error("iglu:com.acme/x/jsonschema/1-0-9", {{"lvp embedded", {{}}, 1, now}}),
       R"("message":"Resolution error: schema iglu:com.acme/x/jsonschema/1-0-9 not found")"},
  };
  for (const auto& row : rows) {
    const Refused refused = bad(pixel({{"e", "ue"}, {"ue_pr", row.text}}));
    EXPECT_EQ(refused.type, "schema_violations");
    ASSERT_EQ(refused.messages.size(), 1u) << row.text;
    EXPECT_TRUE(refused.messages[0].starts_with(row.message)) << refused.messages[0];
    const auto failures = failure_entities(refused);
    ASSERT_EQ(failures.size(), 1u);
    EXPECT_NE(failures[0].find(row.failure), std::string::npos) << failures[0];
    const json::Value event = refused.data["payload"]["enriched"];
    EXPECT_EQ(event["unstruct_event"].type(), json::Type::null);
    EXPECT_EQ(event["event_vendor"].type(), json::Type::null);
  }
}

TEST_F(Enrich, ValidSiblingsOfWrongEntitiesStay) {
  const std::string unknown = R"({"schema":"iglu:com.acme/x/jsonschema/1-0-9","data":{}})";
  const std::string wrong =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{}})";
  const Refused refused = bad(
      pixel({{"e", "pv"}, {"co", entities(fmt::format("{},{},{}", unknown, web_page, wrong))}}));
  ASSERT_EQ(refused.messages.size(), 2u);
  EXPECT_NE(refused.messages[0].find("ResolutionError"), std::string::npos);
  EXPECT_NE(refused.messages[1].find("$.id: is missing but it is required"), std::string::npos);
  EXPECT_EQ(refused.data["payload"]["enriched"]["contexts"].string(), entities(web_page));
  // One that the envelope's schema refuses takes all with it.
  const Refused all = bad(
      pixel({{"e", "pv"}, {"co", entities(fmt::format(R"({},{{"schema":"iglu:x"}})", web_page))}}));
  ASSERT_EQ(all.messages.size(), 1u);
  EXPECT_TRUE(all.messages[0].starts_with(R"({"schemaKey":")" + std::string(entities_schema)));
  EXPECT_EQ(all.data["payload"]["enriched"]["contexts"].type(), json::Type::null);
}

TEST_F(Enrich, ExplicitNullIsValidWhereTheSchemaAllowsIt) {
  const std::string player =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0",)"
      R"("data":{"currentTime":1,"paused":false,"ended":false,"duration":null}})";
  EXPECT_EQ(good(pixel({{"e", "pv"}, {"co", entities(player)}}))[Column::contexts],
            entities(player));
}

TEST_F(Enrich, ColumnsComeFirstAmongTheMessages) {
  const Refused refused = bad(pixel({{"e", "ue"},
                                     {"tr_tt", "x"},
                                     {"ue_pr", self_describing(event_schema, web_page)},
                                     {"co", "foo"},
                                     {"url", "http://a|b/"}}));
  EXPECT_EQ(refused.type, "schema_violations");
  ASSERT_EQ(refused.messages.size(), 2u);
  EXPECT_TRUE(refused.messages[0].starts_with(R"({"schemaKey":")" + std::string(atomic_schema)));
  EXPECT_TRUE(refused.messages[1].starts_with(R"({"field":"contexts","value":"foo")"));
  // The failure entities tell of every phase.
  const auto failures = failure_entities(refused);
  ASSERT_EQ(failures.size(), 3u);
  EXPECT_NE(failures[0].find(R"("data":{"tr_tt":"x"})"), std::string::npos) << failures[0];
  EXPECT_NE(failures[2].find(R"("failureType":"EnrichmentError: ")"), std::string::npos);
  const auto found =
      resolver_.find("iglu:com.snowplowanalytics.snowplow/failure/jsonschema/1-0-0", now);
  ASSERT_TRUE(found);
  for (const std::string& failure : failures) {
    json::Parser parser;
    const auto value = parser.parse(failure);
    ASSERT_TRUE(value) << failure;
    EXPECT_TRUE(found->schema->check((*value)["data"]).empty()) << failure;
  }
}

TEST_F(Enrich, ColumnsLongerThanTheirLimit) {
  const Fields fields = {{"e", "pv"}, {"tv", std::string(101, 'v')}};
  const std::vector<bad_row::Report> reports{{"Field is longer than maximum allowed size 100",
                                              "v_tracker",
                                              "atomic_field_length_exceeded",
                                              {}}};
  const Refused refused = bad(pixel(fields));
  EXPECT_EQ(refused.type, "schema_violations");
  EXPECT_EQ(refused.messages, Texts{bad_row::validation_error(atomic_schema, reports)});
  Settings lenient;
  lenient.accept_invalid = true;
  EXPECT_EQ(good(pixel(fields), lenient)[Column::v_tracker], std::string(101, 'v'));
  // Counted in UTF-16 units: 100 letters of two bytes fit, 51 of two units do not.
  std::string letters;
  std::string symbols;
  for (int i = 0; i < 100; ++i) letters += "\xc3\xa9";
  for (int i = 0; i < 51; ++i) symbols += "\xf0\x9f\x8e\xac";
  EXPECT_EQ(good(pixel({{"e", "pv"}, {"tv", letters}}))[Column::v_tracker], letters);
  EXPECT_EQ(bad(pixel({{"e", "pv"}, {"tv", symbols}})).messages.size(), 1u);
}

TEST_F(Enrich, EventsOfABatchAreIndependent) {
  const std::string unknown =
      entities(R"({"schema":"iglu:com.acme/x/jsonschema/1-0-9","data":{}})");
  const Fields wrong = {{"e", "pv"}, {"p", "web"}, {"tv", "1"}, {"co", unknown}};
  const Fields right = {{"e", "pp"}, {"p", "web"}, {"tv", "1"}, {"duid", "d"}};
  const Outcome outcome = run(post({wrong, right, wrong, wrong}));
  ASSERT_EQ(outcome.good.size(), 1u);
  EXPECT_EQ(outcome.bad.size(), 3u);
  EXPECT_EQ((*EnrichedView::parse(outcome.good[0].tsv))[Column::event], "page_ping");
}

TEST_F(Enrich, BadRowsShowTheParametersThatCounted) {
  CollectorPayload payload =
      post({{{"e", "pv"}, {"p", "web"}, {"tv", "1"}, {"vid", "x"}, {"aid", "a"}}});
  payload.querystring = "tv=2&aid";
  const Refused refused = bad(payload);
  EXPECT_EQ(json::print(refused.data["payload"]["raw"]["parameters"]),
            R"([{"name":"e","value":"pv"},{"name":"p","value":"web"},{"name":"tv","value":"2"},)"
            R"({"name":"vid","value":"x"},{"name":"aid","value":null}])");
}

TEST_F(Enrich, RecordsLargerThanTheStreamTakes) {
  Settings small;
  small.record_bytes_max = 500;
  const Refused event = bad(pixel({{"e", "pv"}, {"page", std::string(600, 't')}}), small);
  EXPECT_EQ(event.type, "size_violation");
  EXPECT_EQ(event.data["failure"]["expectation"].string(),
            "Enriched event exceeds the maximum allowed size of 500 bytes");
  EXPECT_EQ(event.data["failure"]["maximumAllowedSizeBytes"].integer(), 500);
  EXPECT_EQ(event.data["payload"].string().value_or("").size(), 50u);
  const Refused row = bad(pixel({{"e", "x"}}), small);
  EXPECT_EQ(row.data["failure"]["expectation"].string(),
            "Event failed enrichment and resulting bad row exceeds the maximum allowed size of 500 "
            "bytes");
}

TEST_F(Enrich, InvalidUtf8IsReplaced) {
  CollectorPayload payload = post({{{"e", "pv"}, {"p", "web"}, {"tv", "1"}, {"aid", "@"}}});
  (*payload.body)[payload.body->find('@')] = '\xe9';
  payload.user_agent = "a\xff";
  const EnrichedView event = good(payload);
  EXPECT_EQ(event[Column::app_id], "\xef\xbf\xbd");
  EXPECT_EQ(event[Column::useragent], "a\xef\xbf\xbd");
}

// ---- Real events ----

// What the tracker must have sent, from the columns that came of it.
Fields sent_by_tracker(const EnrichedView& row) {
  const std::map<std::string_view, std::string> codes{
      {"page_view", "pv"}, {"page_ping", "pp"}, {"unstruct", "ue"}};
  Fields fields = {{"e", codes.at(row[Column::event])}};
  const struct {
    std::string name;
    Column column;
  } same[] = {{"eid", Column::event_id},          {"p", Column::platform},
              {"tna", Column::name_tracker},      {"tv", Column::v_tracker},
              {"duid", Column::domain_userid},    {"vid", Column::domain_sessionidx},
              {"sid", Column::domain_sessionid},  {"url", Column::page_url},
              {"page", Column::page_title},       {"refr", Column::page_referrer},
              {"lang", Column::br_lang},          {"cookie", Column::br_cookies},
              {"cd", Column::br_colordepth},      {"tz", Column::os_timezone},
              {"cs", Column::doc_charset},        {"pp_mix", Column::pp_xoffset_min},
              {"pp_max", Column::pp_xoffset_max}, {"pp_miy", Column::pp_yoffset_min},
              {"pp_may", Column::pp_yoffset_max}};
  for (const auto& [name, column] : same) {
    if (!row[column].empty()) fields.emplace_back(name, row[column]);
  }
  const struct {
    std::string name;
    Column width, height;
  } pairs[] = {{"ds", Column::doc_width, Column::doc_height},
               {"vp", Column::br_viewwidth, Column::br_viewheight},
               {"res", Column::dvce_screenwidth, Column::dvce_screenheight}};
  for (const auto& [name, width, height] : pairs)
    fields.emplace_back(name, fmt::format("{}x{}", row[width], row[height]));
  for (const auto& [name, column] :
       {std::pair("dtm", Column::dvce_created_tstamp), {"stm", Column::dvce_sent_tstamp}}) {
    fields.emplace_back(name, std::to_string(to_ms(*parse_timestamp(row[column]))));
  }
  fields.emplace_back("cx", url_base64(row[Column::contexts]));
  if (!row[Column::unstruct_event].empty())
    fields.emplace_back("ue_px", url_base64(row[Column::unstruct_event]));
  return fields;
}

TEST_F(Enrich, MakesTheSameOfWhatATrackerSent) {
  std::ifstream file(LVP_TEST_DATA "/bugs_bunny.tsv");
  std::size_t count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    const EnrichedView before = *EnrichedView::parse(line);
    CollectorPayload payload = post({sent_by_tracker(before)});
    payload.timestamp_ms = to_ms(*parse_timestamp(before[Column::collector_tstamp]));
    payload.collector = before[Column::v_collector];
    payload.ip_address = before[Column::user_ipaddress];
    payload.user_agent = before[Column::useragent];
    payload.network_userid = before[Column::network_userid];
    const EnrichedView after = good(payload);
    for (std::size_t i = 0; i < column_count; ++i) {
      const auto column = static_cast<Column>(i);
      if (column == Column::etl_tstamp || column == Column::v_etl) continue;
      std::string expected(before[column]);
      if (column == Column::contexts) {  // Snowplow Micro, which made the rows, writes 1-0-0
        const std::size_t version = expected.find("contexts/jsonschema/1-0-0");
        ASSERT_NE(version, std::string::npos);
        expected.replace(version, 25, "contexts/jsonschema/1-0-1");
      }
      EXPECT_EQ(after[column], expected) << info(column).name << " of row " << count;
    }
    EXPECT_EQ(last_.good.at(0).key, before[Column::domain_userid]);
  }
  EXPECT_EQ(count, 22u);
}

}  // namespace
}  // namespace lvp::enrich
