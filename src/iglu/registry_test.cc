#include "iglu/registry.h"

#include <gtest/gtest.h>

namespace lvp::iglu {
namespace {

const Registry& registry() {
  static const Result<Registry> made = Registry::embedded();
  EXPECT_TRUE(made) << (made ? "" : made.error().what);
  return *made;
}

std::size_t violations(const std::string& path, std::string_view value) {
  const Schema* schema = registry().find("iglu:" + path);
  EXPECT_NE(schema, nullptr) << path;
  json::Parser parser;
  return schema == nullptr ? 99 : schema->check(*parser.parse(value)).size();
}

TEST(Registry, EveryEmbeddedSchemaCompiles) {
  EXPECT_GE(registry().size(), 138u);
}

TEST(Registry, KnowsNoOthers) {
  EXPECT_EQ(registry().find("iglu:com.acme/x/jsonschema/1-0-0"), nullptr);
}

// Where public schemas are not what one expects.
TEST(Registry, SchemasSayWhatTheSpecificationSays) {
  const std::string snowplow = "com.snowplowanalytics.snowplow/";
  const std::string media = "com.snowplowanalytics.snowplow.media/";
  EXPECT_EQ(violations(media + "play_event/jsonschema/1-0-0", "{}"), 0u);
  EXPECT_EQ(violations(media + "play_event/jsonschema/1-0-0", R"({"x":1})"), 1u);
  EXPECT_EQ(violations(snowplow + "media_player/jsonschema/2-0-0",
                       R"({"currentTime":0,"ended":false,"paused":true,"volume":55})"),
            0u);
  EXPECT_EQ(
      violations(snowplow + "media_player/jsonschema/2-0-0",
                 R"({"currentTime":0,"ended":false,"paused":true,"volume":55.00000000000001})"),
      1u);
  EXPECT_EQ(violations(snowplow + "media_player/jsonschema/2-0-0", R"({"currentTime":0})"), 2u);
  EXPECT_EQ(
      violations(media + "percent_progress_event/jsonschema/1-0-0", R"({"percentProgress":101})"),
      1u);
  EXPECT_EQ(violations(media + "session/jsonschema/1-0-0",
                       R"({"mediaSessionId":"s","startedAt":null,"ads":2})"),
            0u);
  EXPECT_EQ(violations(media + "ad/jsonschema/1-0-0", R"({"adId":288})"), 1u);
  EXPECT_EQ(violations(snowplow + "contexts/jsonschema/1-0-0", "[]"), 1u);
  EXPECT_EQ(violations(snowplow + "contexts/jsonschema/1-0-1", "[]"), 0u);
  EXPECT_EQ(
      violations(
          "com.youtube/youtube/jsonschema/1-0-0",
          R"({"avaliablePlaybackRates":[1],"cued":false,"playerId":"p","autoPlay":false,"buffering":false,"controls":true,"error":null,"loaded":1,"playbackQuality":"hd","unstarted":false,"url":"https://y"})"),
      1u);
  EXPECT_EQ(violations(snowplow + "payload_data/jsonschema/1-0-4",
                       R"([{"e":"pv","p":"web","tv":"js-4"}])"),
            0u);
  EXPECT_EQ(violations(snowplow + "payload_data/jsonschema/1-0-4", R"([{"tv":"ios-0.1.0"}])"), 2u);
  EXPECT_EQ(violations(snowplow + "payload_data/jsonschema/1-0-2",
                       R"([{"e":"pv","p":"web","tv":"js-4","stm":"1"}])"),
            1u);
  EXPECT_EQ(
      violations(
          snowplow + "client_session/jsonschema/1-0-2",
          R"({"userId":"00112233445566ff","sessionId":"143f9cb9-3db9-4e99-8d67-c8aea075d190","sessionIndex":1,"storageMechanism":"SQLITE"})"),
      0u);
}

}  // namespace
}  // namespace lvp::iglu
