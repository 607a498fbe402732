#include "wire/analytics_json.h"

#include <gtest/gtest.h>

#include <string>

namespace lvp {
namespace {

// What is expected of each column is what Snowplow's Analytics SDK for Go 0.3.0 makes of it.

EnrichedEvent with(Column column, std::string_view text) {
  EnrichedEvent event;
  event[column] = text;
  return event;
}

Result<std::string> transformed(const EnrichedEvent& event,
                                GeoLocation geo_location = GeoLocation::left_out) {
  const std::string line = event.tsv();
  return AnalyticsJson(geo_location).write(*EnrichedView::parse(line));
}

std::string entities(std::string_view list) {
  return R"({"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1","data":[)" +
         std::string(list) + "]}";
}

std::string entity(std::string_view vendor_and_name, std::string_view data) {
  return R"({"schema":"iglu:)" + std::string(vendor_and_name) + R"(/jsonschema/1-0-2","data":)" +
         std::string(data) + "}";
}

std::string event_of(std::string_view inner) {
  return R"({"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",)"
         R"("data":)" +
         std::string(inner) + "}";
}

TEST(AnalyticsJson, ColumnsByType) {
  const struct {
    Column column;
    std::string_view text;
    std::string_view json;
  } rows[] = {
      {Column::app_id, "a \"b\" \xc3\xa9", "{\"app_id\":\"a \\\"b\\\" \xc3\xa9\"}"},
      {Column::useragent, "\xff", "{\"useragent\":\"\xef\xbf\xbd\"}"},
      {Column::se_value, "1.50", R"({"se_value":"1.50"})"},
      {Column::br_colordepth, "24", R"({"br_colordepth":"24"})"},
      {Column::etl_tstamp, "2024-11-16 13:33:29.170",
       R"({"etl_tstamp":"2024-11-16T13:33:29.17Z"})"},
      {Column::true_tstamp, "2019-05-10 14:40:35.000", R"({"true_tstamp":"2019-05-10T14:40:35Z"})"},
      {Column::true_tstamp, "2019-05-10 14:40:30", R"({"true_tstamp":"2019-05-10T14:40:30Z"})"},
      {Column::etl_tstamp, "2024-11-16 13:33:29.170123",
       R"({"etl_tstamp":"2024-11-16T13:33:29.170123Z"})"},
      {Column::refr_dvce_tstamp, "2024-11-16 13:33:29.001",
       R"({"refr_device_tstamp":"2024-11-16T13:33:29.001Z"})"},
      {Column::txn_id, "-7", R"({"txn_id":-7})"},
      {Column::txn_id, "+5", R"({"txn_id":5})"},
      {Column::doc_width, "1827", R"({"doc_width":1827})"},
      {Column::geo_latitude, "-0.5", R"({"geo_latitude":-0.5})"},
      {Column::tr_total, "12.50", R"({"tr_total":12.5})"},
      {Column::tr_total, "1000000", R"({"tr_total":1000000})"},
      {Column::tr_tax, "1E-7", R"({"tr_tax":1e-07})"},
      {Column::tr_tax, "1E-400", R"({"tr_tax":0})"},
      {Column::ti_price, "+.5", R"({"ti_price":0.5})"},
      {Column::br_cookies, "1", R"({"br_cookies":true})"},
      {Column::dvce_ismobile, "0", R"({"dvce_ismobile":false})"},
      {Column::dvce_ismobile, "True", R"({"dvce_ismobile":true})"},
  };
  for (const auto& row : rows) {
    const auto json = transformed(with(row.column, row.text));
    ASSERT_TRUE(json) << json.error().what;
    EXPECT_EQ(*json, row.json);
  }
  EXPECT_EQ(transformed(EnrichedEvent()), "{}");
}

TEST(AnalyticsJson, MembersThatAreNotWantedAreLeftOutButChecked) {
  EnrichedEvent event = with(Column::app_id, "a");
  event[Column::txn_id] = "7";
  event[Column::refr_dvce_tstamp] = "2024-11-16 13:33:29.001";
  event[Column::contexts] =
      entities(entity("com.acme/one", "{}") + "," + entity("com.acme/two", "{\"n\":2}"));
  event[Column::unstruct_event] = event_of(entity("com.acme/three", "{\"n\":3}"));
  AnalyticsMembers wanted;
  for (const std::string_view name :
       {"contexts_com_acme_two_1", "refr_device_tstamp", "app_id", "page_url", "nothing"})
    EXPECT_TRUE(wanted.add(name));
  const auto write = [&] {
    const std::string line = event.tsv();
    return AnalyticsJson().write(*EnrichedView::parse(line), &wanted);
  };
  EXPECT_EQ(write(), R"({"app_id":"a","contexts_com_acme_two_1":[{"n":2}],)"
                     R"("refr_device_tstamp":"2024-11-16T13:33:29.001Z"})");
  EXPECT_TRUE(wanted.add("unstruct_event_com_acme_three_1"));
  event[Column::contexts] = event[Column::refr_dvce_tstamp] = "";
  EXPECT_EQ(write(), R"({"app_id":"a","unstruct_event_com_acme_three_1":{"n":3}})");
  event[Column::txn_id] = "7.0";
  EXPECT_EQ(write().error().what, "txn_id: 7.0 is no integer");
}

TEST(AnalyticsMembers, HasWhatCanBeAName) {
  AnalyticsMembers members;
  for (const std::string_view name : {"app_id", "contexts_a_1", "app_id"})
    EXPECT_TRUE(members.add(name));
  EXPECT_EQ(members.names(), "app_id,contexts_a_1");
  EXPECT_TRUE(members.has(Column::app_id));
  EXPECT_TRUE(members.has("contexts_a_1"));
  EXPECT_FALSE(members.has(Column::platform));
  for (const std::string& name : {std::string(), std::string("a,b"), std::string("a b"),
                                  std::string("\xc3\xa9"), std::string(201, 'a')})
    EXPECT_FALSE(members.add(name)) << name;
  for (int i = 0; i < 98; ++i) EXPECT_TRUE(members.add("name" + std::to_string(i)));
  EXPECT_FALSE(members.add("one_too_many"));
  EXPECT_TRUE(members.add("app_id"));
}

TEST(AnalyticsJson, OneWrongColumnRefusesTheEvent) {
  const struct {
    Column column;
    std::string_view text;
    std::string_view error;
  } rows[] = {
      {Column::txn_id, "80.0", "txn_id: 80.0 is no integer"},
      {Column::txn_id, "+-5", "txn_id: +-5 is no integer"},
      {Column::page_urlport, " 80", "page_urlport:  80 is no integer"},
      {Column::tr_total, "1,5", "tr_total: 1,5 is no number"},
      {Column::tr_total, "1e400", "tr_total: 1e400 is no number"},
      {Column::tr_total, "nan", "tr_total: nan is no number"},
      {Column::br_cookies, "2", "br_cookies: 2 is no boolean"},
      {Column::etl_tstamp, "2024-11-16T13:33:29",
       "etl_tstamp: 2024-11-16T13:33:29 is no timestamp"},
      {Column::etl_tstamp, "2024-11-16 13:33:29Z",
       "etl_tstamp: 2024-11-16 13:33:29Z is no timestamp"},
      {Column::contexts, "{", "contexts: "},
      {Column::contexts, R"({"data":{}})", "contexts: not a self-describing array"},
      {Column::derived_contexts, R"({"data":[7]})", "derived_contexts: nothing is no schema"},
      {Column::contexts, R"({"data":[{"schema":"iglu:a/b/jsonschema/0-0-0","data":{}}]})",
       "contexts: iglu:a/b/jsonschema/0-0-0 is no schema"},
      {Column::contexts, R"({"data":[{"schema":"iglu:a/b/jsonschema/1-0-0","data":[]}]})",
       "contexts: data of iglu:a/b/jsonschema/1-0-0 is no object"},
      {Column::unstruct_event, R"({"data":null})", "unstruct_event: not a self-describing event"},
      {Column::unstruct_event, R"({"data":{"data":{}}})", "unstruct_event: nothing is no schema"},
  };
  for (const auto& row : rows) {
    EnrichedEvent event = with(row.column, row.text);
    event[Column::app_id] = "good";
    const auto json = transformed(event);
    ASSERT_FALSE(json) << *json;
    EXPECT_TRUE(json.error().what.starts_with(row.error)) << json.error().what;
  }
}

TEST(AnalyticsJson, EntitiesAreArraysByKey) {
  EnrichedEvent event =
      with(Column::contexts, entities(entity("com.acme/camelCaseName", R"({ "n" : 1.50 })") + "," +
                                      entity("com.acme/page", R"({"a":"x"})") + "," +
                                      entity("com.acme/camelCaseName", "null") + "," +
                                      R"({"schema":"iglu:com.acme/none/jsonschema/2-0-0"})"));
  event[Column::app_id] = "app";
  event[Column::se_category] = "after";
  EXPECT_EQ(transformed(event), R"({"app_id":"app",)"
                                R"("contexts_com_acme_camel_case_name_1":[{"n":1.50},null],)"
                                R"("contexts_com_acme_page_1":[{"a":"x"}],)"
                                R"("contexts_com_acme_none_2":[null],"se_category":"after"})");
  EXPECT_EQ(transformed(with(Column::contexts, entities(""))), "{}");
  EXPECT_EQ(transformed(with(Column::contexts, R"({"schema":"x"})")), "{}");
}

TEST(AnalyticsJson, DerivedEntitiesReplaceThoseOfTheSameKey) {
  EnrichedEvent event =
      with(Column::contexts, entities(entity("com.acme/a", R"({"from":"tracker"})") + "," +
                                      entity("com.acme/b", R"({"b":1})")));
  event[Column::derived_contexts] = entities(entity("com.acme/a", R"({"from":"enrich"})"));
  EXPECT_EQ(transformed(event),
            R"({"contexts_com_acme_b_1":[{"b":1}],"contexts_com_acme_a_1":[{"from":"enrich"}]})");
}

TEST(AnalyticsJson, TheEventIsAnObject) {
  EXPECT_EQ(transformed(with(Column::unstruct_event,
                             event_of(entity("com.snowplowanalytics.snowplow/link_click",
                                             R"({"targetUrl":"http://x/"})")))),
            R"({"unstruct_event_com_snowplowanalytics_snowplow_link_click_1":)"
            R"({"targetUrl":"http://x/"}})");
  EXPECT_EQ(transformed(with(Column::unstruct_event, event_of(entity("com.acme/aB", "null")))),
            R"({"unstruct_event_com_acme_a_b_1":null})");
}

TEST(AnalyticsJson, GeoLocationIsThereIfAskedForAndKnown) {
  EnrichedEvent event = with(Column::geo_latitude, "38.70");
  EXPECT_EQ(transformed(event, GeoLocation::added), R"({"geo_latitude":38.7})");
  event[Column::geo_longitude] = "-9.1";
  EXPECT_EQ(transformed(event, GeoLocation::added),
            R"({"geo_location":"38.70,-9.1","geo_latitude":38.7,"geo_longitude":-9.1})");
  EXPECT_EQ(transformed(event), R"({"geo_latitude":38.7,"geo_longitude":-9.1})");
}

TEST(AnalyticsJson, AWriterCanBeUsedAgain) {
  const std::string first = with(Column::contexts, entities(entity("com.acme/a", "{}"))).tsv();
  const std::string second = with(Column::app_id, "x").tsv();
  AnalyticsJson writer;
  EXPECT_EQ(writer.write(*EnrichedView::parse(first)), R"({"contexts_com_acme_a_1":[{}]})");
  EXPECT_EQ(writer.write(*EnrichedView::parse(second)), R"({"app_id":"x"})");
}

TEST(AnalyticsJson, Keys) {
  const struct {
    std::string_view uri;
    std::string_view key;
  } rows[] = {
      {"iglu:com.snowplowanalytics.snowplow.media/session/jsonschema/1-0-0",
       "contexts_com_snowplowanalytics_snowplow_media_session_1"},
      {"iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0",
       "contexts_com_snowplowanalytics_snowplow_media_player_2"},
      {"iglu:com.acme/camelCaseName/jsonschema/3-0-0", "contexts_com_acme_camel_case_name_3"},
      {"iglu:com.acme/OPEN/jsonschema/1-0-0", "contexts_com_acme_o_p_e_n_1"},
      {"iglu:org.w3/PerformanceTiming/jsonschema/1-0-0", "contexts_org_w3_performance_timing_1"},
      {"iglu:com.urbanairship.connect/IN_APP_MESSAGE_DISPLAY/jsonschema/1-0-0",
       "contexts_com_urbanairship_connect_i_n_a_p_p_m_e_s_s_a_g_e_d_i_s_p_l_a_y_1"},
      {"iglu:com.acme-corp/my-event/jsonschema/1-0-0", "contexts_com_acme-corp_my-event_1"},
      {"iglu:com.google.tag-manager.server-side/preview_mode/jsonschema/1-0-0",
       "contexts_com_google_tag-manager_server-side_preview_mode_1"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(analytics_key("contexts", *parse_schema_key(row.uri)), row.key);
}

}  // namespace
}  // namespace lvp
