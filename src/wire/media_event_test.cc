#include "wire/media_event.h"

#include <gtest/gtest.h>

#include "wire/plain_json.h"

namespace lvp {
namespace {

MediaEvent decode(std::string_view json) {
  json::Parser parser;
  auto event = decode_media_event(json, parser);
  EXPECT_TRUE(event) << json;
  return event ? *event : MediaEvent();
}

constexpr std::string_view eight_fields =
    R"({"adId":0,"adsClicked":1,"adsSkipped":3,"collector_tstamp":"2024-11-16T13:33:29.17Z","event_id":"15928a51-c999-4185-bf40-796886441149","event_name":"play_event","video_ts":0.16254,"viewer_id":"143f9cb9"})";

TEST(MediaEvent, ReadsTheEightFieldsAlone) {
  const MediaEvent event = decode(eight_fields);
  EXPECT_EQ(event.kind, MediaKind::play);
  EXPECT_EQ(to_ms(event.collected), 1731764009170);
  EXPECT_EQ(event.viewer, "143f9cb9");
  EXPECT_EQ(event.device_key, "143f9cb9");
  EXPECT_EQ(event.ads_clicked, 1);
  EXPECT_EQ(event.ads_skipped, 3);
  EXPECT_EQ(event.video_ts, 0.16254);
  EXPECT_EQ(event.ad_id, "");
  EXPECT_TRUE(event.ad_id_numeric);
  EXPECT_FALSE(event.player);
}

TEST(MediaEvent, WritesTheEightFieldsFirstAndTheRestBeside) {
  MediaRecord record;
  record.collector_tstamp = "2024-11-16 13:33:30.146";
  record.event_id = "69bc9af1-72e2-4230-8e7e-f7ac708dd754";
  record.event_name = "pause_event";
  record.event_vendor = media_vendor;
  record.dvce_created_tstamp = "2024-11-16 13:33:29.290";
  record.domain_userid = "143f9cb9";
  record.device_key = "143f9cb9";
  record.event = "{}";
  record.player = R"({"currentTime":0.112652,"paused":true,"ended":false,"label":"Bugs Bunny"})";
  record.session =
      R"({"mediaSessionId":"s1","startedAt":"2024-11-16T13:33:23.276Z","ads":1,"adBreaks":1})";
  record.ad = R"({"adId":"288","name":"Ad 1"})";
  record.ad_break = R"({"breakId":"287","startTime":0,"breakType":"linear"})";
  record.ad_id = R"("288")";
  record.video_ts = "0.112652";
  const auto json = encode(record);
  ASSERT_TRUE(json);
  EXPECT_TRUE(json->starts_with(
      R"({"collector_tstamp":"2024-11-16T13:33:30.146Z","event_id":"69bc9af1-72e2-4230-8e7e-f7ac708dd754",)"
      R"("event_name":"pause_event","viewer_id":"143f9cb9","adsClicked":0,"adsSkipped":0,"adId":"288","video_ts":0.112652,)"))
      << *json;

  const MediaEvent event = decode(*json);
  EXPECT_EQ(event.kind, MediaKind::pause);
  EXPECT_EQ(to_ms(*event.created), 1731764009290);
  EXPECT_EQ(event.player->label, "Bugs Bunny");
  EXPECT_TRUE(event.player->paused);
  EXPECT_EQ(event.session->ads, 1);
  EXPECT_EQ(to_ms(*event.session->started_at), 1731764003276);
  EXPECT_EQ(event.ad->name, "Ad 1");
  EXPECT_EQ(event.ad_break->type, BreakType::linear);
  EXPECT_EQ(event.ad_id, "288");
}

TEST(MediaEvent, WritesTheEightFieldsAsTheScriptDoes) {
  struct Row {
    std::string_view property, written;
  };
  constexpr Row rows[] = {
      {"", "0"},
      {"null", "null"},
      {"0", "0"},
      {"-0", "0"},
      {"-1.5", "-1.5"},
      {"1.50", "1.5"},
      {"15.0301", "15.0301"},
      {"12.0", "12"},
      {"1e2", "100"},
      {"0.00001", "1e-05"},
      {"true", "true"},
      {R"("2\"88")", R"("2\"88")"},
      {"123456789012345678", "123456789012345678"},
      {"0.12345678901234567890", "0.12345678901234568"},
  };
  for (const Row& row : rows) {
    MediaRecord record;
    record.collector_tstamp = "2024-11-16 13:33:30.146";
    record.video_ts = row.property;
    const auto json = encode(record);
    ASSERT_TRUE(json);
    EXPECT_TRUE(json->ends_with("\"video_ts\":" + std::string(row.written) + "}"))
        << row.property << " became " << *json;
  }
}

TEST(MediaEvent, WritesTimesAsGoDoes) {
  struct Row {
    std::string_view column, written;
  };
  constexpr Row rows[] = {
      {"2024-11-16 13:33:30.146", "2024-11-16T13:33:30.146Z"},
      {"2024-11-16 13:33:30.100", "2024-11-16T13:33:30.1Z"},
      {"2024-11-16 13:33:30.000", "2024-11-16T13:33:30Z"},
      {"2024-11-30 23:59:59.010", "2024-11-30T23:59:59.01Z"},
      {"2024-02-29 00:00:00.000", "2024-02-29T00:00:00Z"},
      {"2024-11-16T13:33:30.1Z", "2024-11-16T13:33:30.1Z"},
      {"2024-11-16 13:33:30", "2024-11-16T13:33:30Z"},
      {"2023-02-29 00:00:00.000", ""},
      {"2024-13-16 13:33:30.146", ""},
      {"2024-11-00 13:33:30.146", ""},
      {"2024-11-16 24:33:30.146", ""},
      {"2024-11-16 13:60:30.146", ""},
      {"2024-11-16 13:33:60.146", ""},
      {"2024-11-16 13:33:3x.146", ""},
      {"", ""},
  };
  for (const Row& row : rows) {
    MediaRecord record;
    record.collector_tstamp = row.column;
    const auto json = encode(record);
    EXPECT_EQ(json.has_value(), !row.written.empty()) << row.column;
    if (json) {
      EXPECT_TRUE(json->starts_with(R"({"collector_tstamp":")" + std::string(row.written) + '"'))
          << *json;
    }
  }
}

TEST(MediaEvent, ViewerAndDeviceFollowTheirOrderOfPrecedence) {
  const std::string start =
      R"({"collector_tstamp":"2024-11-16T13:33:29Z","event_name":"ping_event",)";
  const std::string nil = "00000000-0000-0000-0000-000000000000";
  const struct {
    std::string fields;
    std::string_view viewer;
    std::string_view device;
  } rows[] = {
      {R"("identity":{"snowplowId":"i"},"user_id":"u","domain_userid":"d")", "i", "d"},
      {R"("user_id":"u","domain_userid":"d","network_userid":"n")", "u", "d"},
      {R"("client_session":{"userId":"c","sessionIndex":1},"viewer_id":"PoC user")", "c", "c"},
      {R"("network_userid":"n")", "n", "n"},
      {R"("client_session":{"userId":")" + nil + R"("},"network_userid":")" + nil +
           R"(","session":{"mediaSessionId":"s"})",
       "s", "s"},
      {R"("web_page":{"id":"p"})", "p", "p"},
  };
  for (const auto& row : rows) {
    const MediaEvent event = decode(start + row.fields + "}");
    EXPECT_EQ(event.viewer, row.viewer) << row.fields;
    EXPECT_EQ(event.device_key, row.device) << row.fields;
  }
}

TEST(MediaEvent, KindNeedsTheMediaVendorOrMediaEntities) {
  const std::string start =
      R"({"collector_tstamp":"2024-11-16T13:33:29Z","event_name":"play_event","user_id":"u",)";
  EXPECT_EQ(decode(start + R"("event_vendor":"com.snowplowanalytics.snowplow.media"})").kind,
            MediaKind::play);
  EXPECT_EQ(decode(start + R"("event_vendor":"com.acme"})").kind, MediaKind::foreign);
  EXPECT_EQ(
      decode(
          start +
          R"("event_vendor":"com.acme","player":{"currentTime":1,"paused":false,"ended":false}})")
          .kind,
      MediaKind::other);
}

TEST(MediaEvent, FingerprintTellsARetryFromAReusedId) {
  const auto fingerprint = [](std::string_view created, std::string_view sent,
                              std::string_view body) {
    return decode(
               R"({"collector_tstamp":"2024-11-16T13:33:29Z","event_name":"ad_quartile_event","user_id":"u","dvce_created_tstamp":")" +
               std::string(created) + R"(","dvce_sent_tstamp":")" + std::string(sent) +
               R"(","event":)" + std::string(body) + "}")
        .fingerprint;
  };
  const auto first =
      fingerprint("2024-11-16T13:33:28Z", "2024-11-16T13:33:28.1Z", R"({"percentProgress":25})");
  EXPECT_EQ(first, fingerprint("2024-11-16T13:33:28Z", "2024-11-16T13:40:00Z",
                               R"({ "percentProgress" : 25 })"));
  EXPECT_NE(first, fingerprint("2024-11-16T13:33:28Z", "2024-11-16T13:33:28.1Z",
                               R"({"percentProgress":50})"));
  EXPECT_NE(first, fingerprint("2024-11-16T13:33:29Z", "2024-11-16T13:33:28.1Z",
                               R"({"percentProgress":25})"));
}

TEST(MediaEvent, AnAdIdThatIsNoJavaIntIsMarked) {
  const std::string start =
      R"({"collector_tstamp":"2024-11-16T13:33:29Z","event_name":"pause_event","user_id":"u","adId":)";
  EXPECT_TRUE(decode(start + R"("288"})").ad_id_numeric);
  EXPECT_EQ(decode(start + R"(288})").ad_id, "288");
  EXPECT_FALSE(decode(start + R"("a825644f-0000-4000-8000-000000000000"})").ad_id_numeric);
  EXPECT_FALSE(decode(start + R"("99999999999"})").ad_id_numeric);
}

TEST(MediaEvent, RefusesWhatItCannotPlace) {
  json::Parser parser;
  for (const std::string_view json :
       {"", "[]", "{}", R"({"event_name":"play_event","viewer_id":"v"})",
        R"({"collector_tstamp":"2024-11-16T13:33:29Z","viewer_id":"v"})",
        R"({"collector_tstamp":"2024-11-16T13:33:29Z","event_name":"play_event"})"}) {
    EXPECT_FALSE(decode_media_event(json, parser)) << json;
  }
}

// With all that a record may have, in the plain form; what encode() writes is.
constexpr std::string_view plain_records[] = {
    eight_fields,
    R"({"collector_tstamp":"2024-11-16T13:33:30.146Z","event_id":"69bc9af1","event_name":"ad_quartile_event","viewer_id":"v","adsClicked":2,"adsSkipped":1,"adId":"288","video_ts":0.112652,"event_vendor":"com.snowplowanalytics.snowplow.media","device_key":"d","dvce_created_tstamp":"2024-11-16T13:33:29.29Z","dvce_sent_tstamp":"2024-11-16T13:33:30.136Z","platform":"web","v_tracker":"js-4.0.1","app_id":"a","user_id":"u","domain_userid":"d","network_userid":"n","useragent":"Mozilla/5.0","event":{"percentProgress":25,"list":[1,"two",null,{"three":true}],"half":0.5},"player":{"currentTime":-12.5,"paused":true,"ended":false,"duration":596.474195,"playbackRate":1.5,"muted":true,"loop":false,"livestream":false,"fullscreen":true,"pictureInPicture":false,"volume":70,"label":"Bugs Bünny","mediaType":"video","playerType":"html5","quality":"1080p"},"session":{"mediaSessionId":"s","startedAt":"2024-11-16T13:33:23.276Z","pingInterval":30,"timePlayed":1,"timePaused":2.25,"timeBuffering":0.1,"timeSpentAds":123456789012345678,"contentWatched":0.12345678901234567890,"ads":1,"adsClicked":2,"adsSkipped":3,"adBreaks":4},"ad":{"adId":"288","name":"Ad 1","creativeId":"c","podPosition":2,"duration":15},"ad_break":{"breakId":"287","name":"b","startTime":0.5,"breakType":"nonlinear"},"client_session":{"userId":"c","sessionIndex":3,"eventIndex":4},"identity":{"snowplowId":"i"},"web_page":{"id":"p"}})",
    R"({"collector_tstamp":"2024-11-16T13:33:30.146Z","event_name":"error_event","viewer_id":"v","adId":12,"event_vendor":"com.snowplowanalytics.snowplow.media","event":{"errorCode":"E1","newRate":2,"newVolume":10,"newQuality":"720p"},"player":{"isLive":true,"volume":1.5,"label":7,"paused":"no"},"session":{},"identity":{"snowplow_id":"i"}})",
    R"({"collector_tstamp":"2024-11-16T13:33:30.146Z","event_name":"page_view","event_vendor":"com.acme","viewer_id":"v","player":null,"session":[],"ad":1,"video_ts":-0})",
    R"({"collector_tstamp":"2024-11-16T13:33:30.146Z","event_name":"quality_change_event","viewer_id":"v","event":null,"player":{"livestream":null,"isLive":true,"currentTime":1,"currentTime2":2},"ad_break":{"breakType":"companion"},"extra":{"a":{"b":[]}}})",
};

// What is not plain is read by a parser.
TEST(MediaEvent, IsTheSameHoweverItIsRead) {
  for (const std::string_view json : plain_records) {
    json::PlainReader reader(json);
    EXPECT_TRUE(reader.value() && reader.is_done()) << json;
    EXPECT_EQ(decode(json), decode(" " + std::string(json))) << json;
  }
}

TEST(MediaEvent, OfMembersWithOneNameTheFirstCounts) {
  const std::string json =
      R"({"collector_tstamp":"2024-11-16T13:33:29Z","event_name":"play_event","user_id":"u",)"
      R"("player":{"currentTime":1,"currentTime":2},"player":{"currentTime":3},"user_id":"w"})";
  const MediaEvent event = decode(json);
  EXPECT_EQ(event.player->position, 1);
  EXPECT_EQ(event.viewer, "u");
}

TEST(MediaEvent, LeavesNothingOfTheOneBefore) {
  json::Parser parser;
  MediaEvent event;
  for (const std::string_view before : plain_records) {
    for (const std::string_view json : plain_records) {
      ASSERT_TRUE(decode_media_event(before, parser, event));
      ASSERT_TRUE(decode_media_event(json, parser, event));
      EXPECT_EQ(event, decode(json)) << json << " after " << before;
    }
  }
}

}  // namespace
}  // namespace lvp
