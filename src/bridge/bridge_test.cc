#include "bridge/bridge.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/uuid.h"
#include "wire/enriched_event.h"
#include "wire/media_event.h"

namespace lvp::bridge {
namespace {

constexpr std::string_view viewer = "143f9cb9-3db9-4e99-8d67-c8aea075d190";

std::vector<std::string> lines(const std::string& path) {
  std::vector<std::string> found;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) found.push_back(line);
  return found;
}

// What the accelerator's script makes of the sample recorded with its player page.
struct Expected {
  std::string_view event_name, collector_tstamp, event_id, clicked, skipped, ad_id, video_ts;
};
constexpr Expected golden[] = {
    {"play_event", "13:33:29.17", "15928a51-c999-4185-bf40-796886441149", "0", "0", "0", "0"},
    {"pause_event", "13:33:30.146", "69bc9af1-72e2-4230-8e7e-f7ac708dd754", "0", "0", "\"288\"",
     "0.112652"},
    {"ad_break_start_event", "13:33:30.146", "9f0ae951-fabd-4fe0-a2d7-b1c1c182111b", "0", "0", "0",
     "0"},
    {"ad_break_end_event", "13:33:38.339", "2688462e-cc38-469e-ab72-0bd16d25ee0a", "0", "0", "0",
     "0.112652"},
    {"play_event", "13:33:38.601", "2eb657f0-0777-40e8-ac69-e4fc762dd527", "0", "0", "0",
     "0.16254"},
    {"ping_event", "13:33:53.338", "1617ca18-7ed2-4ed4-a793-1382942f2a30", "0", "0", "0",
     "15.0301"},
    {"ad_break_start_event", "13:34:08.349", "d9fd8a15-3548-4b9f-b0ea-a919eea71925", "0", "0", "0",
     "29.926184"},
    {"pause_event", "13:34:08.408", "bc812c39-3002-4dfc-a17f-2966f96e0290", "0", "0", "\"293\"",
     "30.120879"},
    {"ad_break_end_event", "13:34:17.768", "52428cd3-8441-462c-b85f-f1f99120db2c", "1", "1", "0",
     "30.120879"},
    {"play_event", "13:34:18.039", "6aa7e70c-1099-47f6-8c34-b9eb8277ee8d", "1", "1", "0",
     "30.185941"},
    {"ping_event", "13:34:23.338", "d4cb46c6-0e1a-4b9c-83ea-50b2788d733d", "1", "1", "0",
     "35.425666"},
    {"ad_break_start_event", "13:34:48.339", "bcf526e0-7e9c-4edc-b9e1-0eb7f0fb6800", "1", "1", "0",
     "60.674818"},
    {"pause_event", "13:34:48.398", "7621a504-287c-4ff3-884c-475fb4dd4857", "1", "1", "\"285\"",
     "60.69049"},
    {"ad_break_end_event", "13:34:52.978", "a9890ee5-c439-4444-bdce-db149a937392", "1", "3", "0",
     "60.69049"},
    {"play_event", "13:34:53.037", "53b3fee7-f9e6-48af-ad44-2f62f114e4c1", "1", "3", "0",
     "60.758767"},
    {"ping_event", "13:34:53.328", "b6f6d8e0-b844-42bb-9f10-0ea448fde5b5", "1", "3", "0",
     "60.960138"},
    {"pause_event", "13:34:59.778", "d895b0b3-43e1-450f-8155-6a493d61d9b5", "1", "3", "0",
     "67.502404"},
    {"ping_event", "13:35:23.338", "8428f3e8-90fb-4278-aa4f-b70a94346347", "1", "3", "0",
     "67.502404"},
};

std::string eight_fields(const Expected& e) {
  const auto text = [](std::string_view value) { return '"' + std::string(value) + '"'; };
  return R"({"collector_tstamp":"2024-11-16T)" + std::string(e.collector_tstamp) +
         R"(Z","event_id":)" + text(e.event_id) + R"(,"event_name":)" + text(e.event_name) +
         R"(,"viewer_id":)" + text(viewer) + R"(,"adsClicked":)" + std::string(e.clicked) +
         R"(,"adsSkipped":)" + std::string(e.skipped) + R"(,"adId":)" + std::string(e.ad_id) +
         R"(,"video_ts":)" + std::string(e.video_ts) + ",";
}

void expect_golden(const std::vector<std::string>& sample) {
  Bridge bridge(Selection::accelerator);
  std::size_t kept = 0;
  for (const std::string& line : sample) {
    const auto media = bridge.map(line);
    ASSERT_TRUE(media) << media.error().what;
    if (!*media) continue;
    ASSERT_LT(kept, std::size(golden));
    const std::string fields = eight_fields(golden[kept++]);
    EXPECT_EQ((*media)->value.substr(0, fields.size()), fields);
    EXPECT_EQ((*media)->key, viewer);
  }
  EXPECT_EQ(kept, std::size(golden));
}

std::size_t count_all_media(const std::vector<std::string>& sample) {
  Bridge bridge;
  std::size_t kept = 0;
  for (const std::string& line : sample) {
    const auto media = bridge.map(line);
    EXPECT_TRUE(media);
    if (media && *media) ++kept;
  }
  return kept;
}

TEST(Bridge, MakesTheAcceleratorsEighteenMessages) {
  const auto sample = lines(LVP_TEST_DATA "/bugs_bunny.tsv");
  ASSERT_EQ(sample.size(), 22u);  // and a page_view, a page_ping, an ad_start and an ad_click
  expect_golden(sample);
  EXPECT_EQ(count_all_media(sample), 20u);
}

TEST(Bridge, KeepsWhatProfilesNeed) {
  Bridge bridge;
  json::Parser parser;
  const auto sample = lines(LVP_TEST_DATA "/bugs_bunny.tsv");
  const auto media = bridge.map(sample.at(3));  // pause, while ad 288 is known
  ASSERT_TRUE(media && *media);
  const auto event = decode_media_event((*media)->value, parser);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, MediaKind::pause);
  EXPECT_EQ(event->device_key, viewer);
  EXPECT_EQ(event->viewer, viewer);
  EXPECT_EQ(event->created, parse_timestamp("2024-11-16 13:33:29.290"));
  EXPECT_EQ(event->sent, parse_timestamp("2024-11-16 13:33:30.136"));
  EXPECT_EQ(event->platform, "web");
  EXPECT_EQ(event->tracker, "js-4.0.1");
  ASSERT_TRUE(event->player && event->session && event->ad && event->ad_break);
  EXPECT_EQ(event->player->label, "Bugs Bunny");
  EXPECT_EQ(event->player->position, 0.112652);
  EXPECT_EQ(event->player->duration, 596.474195);
  EXPECT_EQ(event->session->id, "e3a82b1d-e44e-4bbf-a797-672b4e879af3");
  EXPECT_EQ(event->session->started_at, parse_timestamp("2024-11-16 13:33:23.276"));
  EXPECT_EQ(event->ad->id, "288");
  EXPECT_EQ(event->ad_break->id, "287");
}

std::string entity(std::string_view schema, std::string_view data) {
  return R"({"schema":"iglu:)" + std::string(schema) + R"(","data":)" + std::string(data) + "}";
}

constexpr std::string_view player_1 =
    "com.snowplowanalytics.snowplow/media_player/jsonschema/1-0-0";
constexpr std::string_view player_2 =
    "com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0";
constexpr std::string_view media_session =
    "com.snowplowanalytics.snowplow.media/session/jsonschema/1-0-0";
constexpr std::string_view client_session =
    "com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2";
constexpr std::string_view web_page = "com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0";
constexpr std::string_view ad = "com.snowplowanalytics.snowplow.media/ad/jsonschema/1-0-0";

EnrichedEvent make(std::string_view vendor, std::string_view name, std::string_view body,
                   std::string_view entities) {
  EnrichedEvent event;
  event[Column::collector_tstamp] = "2024-11-16 13:33:29.170";
  event[Column::event_id] = "15928a51-c999-4185-bf40-796886441149";
  event[Column::event] = "unstruct";
  event[Column::event_vendor] = vendor;
  event[Column::event_name] = name;
  event[Column::domain_userid] = "d";
  event[Column::unstruct_event] =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","data":)" +
      entity(std::string(vendor) + "/" + std::string(name) + "/jsonschema/1-0-0", body) + "}";
  event[Column::contexts] =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[)" +
      std::string(entities) + "]}";
  return event;
}

std::optional<MediaEvent> mapped(const EnrichedEvent& event,
                                 Selection selection = Selection::all_media) {
  Bridge bridge(selection);
  json::Parser parser;
  const auto media = bridge.map(event.tsv());
  EXPECT_TRUE(media) << media.error().what;
  if (!media || !*media) return std::nullopt;
  const auto decoded = decode_media_event((*media)->value, parser);
  EXPECT_TRUE(decoded) << (*media)->value;
  if (!decoded) return std::nullopt;
  EXPECT_EQ(decoded->device_key, (*media)->key);
  return *decoded;
}

TEST(Bridge, Selects) {
  const std::string player = entity(player_2, R"({"currentTime":1,"paused":false,"ended":false})");
  const std::string session = entity(media_session, R"({"mediaSessionId":"s"})");
  const std::string page = entity(web_page, R"({"id":"/media_player/jsonschema/"})");
  constexpr std::string_view media = media_vendor;
  struct Row {
    std::string_view event, vendor, name;
    std::string_view entities;
    bool accelerator, all;
    MediaKind kind;
  };
  using enum MediaKind;
  const Row rows[] = {
      {"unstruct", media, "play_event", player, true, true, play},
      {"unstruct", media, "pause_event", player, true, true, pause},
      {"unstruct", media, "ping_event", player, true, true, ping},
      {"unstruct", media, "end_event", player, true, true, end},
      {"unstruct", media, "ad_break_start_event", player, true, true, ad_break_start},
      {"unstruct", media, "ad_break_event", player, true, true, other},
      {"unstruct", media, "ad_start_event", player, false, true, ad_start},
      {"unstruct", media, "seek_end_event", player, false, true, seek_end},
      {"unstruct", media, "play_event_2", player, false, true, other},
      {"unstruct", media, "replay_event", player, false, true, other},
      {"unstruct", media, "ready_event", "", false, true, ready},
      {"unstruct", "com.acme", "play_event", "", true, true, foreign},
      {"unstruct", "com.acme", "play_event", player, true, true, other},
      {"unstruct", "com.acme", "like", player, false, true, other},
      {"unstruct", "com.acme", "like", session, false, true, other},
      {"unstruct", "com.acme", "like", page, false, false, other},
      {"unstruct", "com.acme", "like", "", false, false, other},
      {"page_ping", "com.snowplowanalytics.snowplow", "page_ping", page, false, false, other},
      {"page_ping", "com.snowplowanalytics.snowplow", "page_ping", player, false, true, other},
      {"page_ping", "com.acme", "ping_event", "", false, false, other},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.event) + " " + std::string(row.vendor) + " " +
                 std::string(row.name));
    EnrichedEvent event = make(row.vendor, row.name, "{}", row.entities);
    event[Column::event] = row.event;
    EXPECT_EQ(mapped(event, Selection::accelerator).has_value(), row.accelerator);
    const auto all = mapped(event);
    ASSERT_EQ(all.has_value(), row.all);
    if (all) {
      EXPECT_EQ(all->kind, row.kind);
    }
  }
}

TEST(Bridge, KeysByDevice) {
  const std::string client = entity(client_session, R"({"userId":"c"})");
  const std::string page = entity(web_page, R"({"id":"w"})");
  const std::string session = entity(media_session, R"({"mediaSessionId":"s"})");
  struct Row {
    std::string_view domain_userid, network_userid, user_id;
    std::string entities;
    std::string_view device, viewer;
  };
  const Row rows[] = {
      {"d", "n", "u", client + "," + page, "d", "u"},
      {"", "n", "", client + "," + page, "c", "c"},
      {nil_uuid, "n", "", page, "n", "n"},
      {"", nil_uuid, "", page + "," + session, "w", "s"},
      {"", "", "", session, "s", "s"},
      {"", "", "u", "", "u", "u"},
      {"", "", "", "", "PoC user", "PoC user"},
  };
  for (const Row& row : rows) {
    EnrichedEvent event = make(media_vendor, "play_event", "{}", row.entities);
    event[Column::domain_userid] = row.domain_userid;
    event[Column::network_userid] = row.network_userid;
    event[Column::user_id] = row.user_id;
    const auto media = mapped(event);
    ASSERT_TRUE(media);
    EXPECT_EQ(media->device_key, row.device);
    EXPECT_EQ(media->viewer, row.viewer);
  }
}

TEST(Bridge, TakesTheFirstPlayerOfTheNewerModel) {
  const auto media = mapped(make(
      media_vendor, "play_event", "{}",
      entity(player_1, R"({"currentTime":1})") + "," + entity(player_2, R"({"currentTime":2})") +
          "," + entity(player_2, R"({"currentTime":3})") + "," + entity(ad, R"({"adId":"a"})")));
  ASSERT_TRUE(media);
  EXPECT_EQ(media->video_ts, 2);
  ASSERT_TRUE(media->player);
  EXPECT_EQ(media->player->position, 2);
  EXPECT_EQ(media->ad_id, "a");
  EXPECT_FALSE(media->ad_id_numeric);
}

TEST(Bridge, WhatIsMissingIsZeroAndWhatIsNullIsNull) {
  Bridge bridge;
  const auto media = bridge.map(
      make(media_vendor, "play_event", "{}", entity(media_session, R"({"adsClicked":null})"))
          .tsv());
  ASSERT_TRUE(media && *media);
  EXPECT_NE((*media)->value.find(R"("adsClicked":null,"adsSkipped":0,"adId":0,"video_ts":0,)"),
            std::string::npos);
}

TEST(Bridge, EventsOfTheFirstPluginsBecomeThoseOfTheSecond) {
  using enum MediaKind;
  const std::pair<std::string_view, MediaKind> rows[] = {
      {"play", play},
      {"playing", play},
      {"pause", pause},
      {"paused", pause},
      {"ended", end},
      {"finished", end},
      {"seek", seek_end},
      {"seeked", seek_end},
      {"buffering", buffer_start},
      {"position", ping},
      {"ready", ready},
      {"percentprogress", percent_progress},
      {"volumechange", volume_change},
      {"playbackratechange", playback_rate_change},
      {"playbackqualitychange", quality_change},
      {"error", error},
      {"stopped", other},
  };
  for (const auto& [type, kind] : rows) {
    const EnrichedEvent event =
        make("com.snowplowanalytics.snowplow", "media_player_event",
             R"({"type":")" + std::string(type) + R"(","label":"A \"film\""})",
             entity(player_1, R"({"currentTime":12.5,"paused":true,"ended":false,"isLive":true})"));
    const auto media = mapped(event);
    ASSERT_TRUE(media) << type;
    EXPECT_EQ(media->kind, kind) << type;
    ASSERT_TRUE(media->player);
    EXPECT_EQ(media->player->position, 12.5);
    EXPECT_EQ(media->player->livestream, true);
    EXPECT_EQ(media->player->label, R"(A "film")");
    EXPECT_FALSE(mapped(event, Selection::accelerator)) << type;
  }
}

TEST(Bridge, RefusesWhatCannotBeRead) {
  Bridge bridge;
  const auto four = bridge.map("a\tb\tc\td");
  ASSERT_FALSE(four);
  EXPECT_EQ(four.error().code, Error::Code::invalid);
  EXPECT_EQ(four.error().what, "Cannot parse tsv event - wrong number of fields provided: 4");

  for (const Column column : {Column::contexts, Column::unstruct_event, Column::derived_contexts,
                              Column::collector_tstamp}) {
    EnrichedEvent event = make(media_vendor, "play_event", "{}", "");
    event[column] = "{";
    const auto refused = bridge.map(event.tsv());
    ASSERT_FALSE(refused) << info(column).name;
    EXPECT_EQ(refused.error().code, Error::Code::invalid);
  }
}

}  // namespace
}  // namespace lvp::bridge
