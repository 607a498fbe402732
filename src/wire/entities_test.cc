#include "wire/entities.h"

#include <gtest/gtest.h>

namespace lvp {
namespace {

std::string entity(std::string_view vendor_and_name, std::string_view version,
                   std::string_view data) {
  return R"({"schema":"iglu:)" + std::string(vendor_and_name) + "/jsonschema/" +
         std::string(version) + R"(", "data": )" + std::string(data) + "}";
}

std::string column(std::string_view entities) {
  return R"({"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[)" +
         std::string(entities) + "]}";
}

TEST(Entities, OfEachKindTheFirstIsReadAsItWasSpelled) {
  EntityReader reader;
  const std::string contexts = column(
      entity("com.snowplowanalytics.snowplow/media_player", "1-0-0", R"({"currentTime":1})") + "," +
      entity("com.snowplowanalytics.snowplow/media_player", "2-0-0",
             R"({ "currentTime" : 1.50 })") +
      "," + entity("com.snowplowanalytics.snowplow/media_player", "2-0-0", R"({"currentTime":3})") +
      "," + entity("com.snowplowanalytics.snowplow.media/session", "1-0-0", R"({"ads":1})") + "," +
      entity("com.snowplowanalytics.snowplow.media/ad", "1-0-0", R"({"adId":"2"})") + "," +
      entity("com.snowplowanalytics.snowplow.media/ad_break", "1-0-0", R"({"breakId":"3"})") + "," +
      entity("com.acme/ad", "1-0-0", "null"));
  const auto entities = reader.read(contexts, "");
  ASSERT_TRUE(entities) << entities.error().what;
  EXPECT_EQ(entities->player_2, R"({"currentTime":1.50})");
  EXPECT_EQ(entities->player_1, R"({"currentTime":1})");
  EXPECT_EQ(entities->player(), entities->player_2);
  EXPECT_EQ(entities->session, R"({"ads":1})");
  EXPECT_EQ(entities->ad, R"({"adId":"2"})");
  EXPECT_EQ(entities->ad_break, R"({"breakId":"3"})");
  EXPECT_EQ(entities->web_page, "");
}

// In the plain form, which trackers write.
TEST(Entities, AMemberWithoutANameIsNoPropertyOfAnyKind) {
  EntityReader reader;
  const auto entities = reader.read(
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[)"
      R"({"schema":"iglu:com.snowplowanalytics.snowplow.media/ad_break/jsonschema/1-0-0",)"
      R"("data":{"":7}}]})",
      "");
  ASSERT_TRUE(entities) << entities.error().what;
  EXPECT_EQ(entities->ad_break, R"({"":7})");
  EXPECT_EQ(entities->play_id, "");
}

TEST(Entities, DerivedOnesComeFirst) {
  EntityReader reader;
  const auto web_page = [](std::string_view id) {
    return column(entity("com.snowplowanalytics.snowplow/web_page", "1-0-0",
                         R"({"id":")" + std::string(id) + R"("})"));
  };
  const auto entities = reader.read(web_page("sent"), web_page("derived"));
  ASSERT_TRUE(entities);
  EXPECT_EQ(entities->web_page, R"({"id":"derived"})");
  const auto none = reader.read("", "");
  ASSERT_TRUE(none);
  EXPECT_EQ(none->web_page, "");
}

TEST(Entities, CarryIds) {
  EntityReader reader;
  for (const std::string_view identity :
       {R"({"snowplowId":"i","createdAt":"x"})", R"({"snowplow_id":"i"})"}) {
    const std::string contexts = column(
        entity("com.snowplowanalytics.snowplow/identity", "1-0-0", identity) + "," +
        entity("com.snowplowanalytics.snowplow/client_session", "1-0-2", R"({"userId":"c"})") +
        "," + entity("com.snowplowanalytics.snowplow/web_page", "1-0-0", R"({"id":"w"})") + "," +
        entity("com.snowplowanalytics.snowplow.media/session", "1-0-0",
               R"({"mediaSessionId":"\u0070"})"));
    const auto entities = reader.read(contexts, "");
    ASSERT_TRUE(entities);
    const Identifiers ids = reader.ids(*entities, "u", "", "n");
    EXPECT_EQ(ids.snowplow_id, "i");
    EXPECT_EQ(ids.client_user_id, "c");
    EXPECT_EQ(ids.page_view_id, "w");
    EXPECT_EQ(ids.play_id, "p");
    EXPECT_EQ(ids.user_id, "u");
    EXPECT_EQ(device_key(ids), "c");
    EXPECT_EQ(viewer_key(ids), "i");
  }
}

// The plain form is read in one pass; what is the same in another form must give the same.
TEST(Entities, AreTheSameInEveryForm) {
  const std::string session = R"({"mediaSessionId":"s","ads":1,"adsClicked":2,"adsSkipped":3})";
  const std::string plain =
      R"({"schema":"iglu:a/b/jsonschema/1-0-0","data":[{"schema":)"
      R"("iglu:com.snowplowanalytics.snowplow.media/session/jsonschema/1-0-0","data":)" +
      session +
      R"(},{"schema":"iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0",)"
      R"("data":{"currentTime":1.5,"label":"a"}},{"schema":"iglu:com.acme/x/jsonschema/1-0-0",)"
      R"("data":[1,{"a":[]}]}]})";
  const auto replaced = [&plain](std::string_view from, std::string_view to) {
    std::string text = plain;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::string forms[] = {
      plain,
      replaced(R"("ads":1)", R"( "ads" : 1 )"),
      replaced(R"("mediaSessionId":"s")", R"("mediaSession\u0049d":"\u0073")"),
      replaced(R"("ads":1)", R"("ads":5,"ads":1)"),
      replaced(R"({"a":[]})", R"({"a":1,"a":2})"),
      replaced(R"({"a":[]})", R"("\u00e9")"),
      replaced(R"({"a":[]})", "\"\u00e9\u00ab\u732b and more than sixteen bytes\""),
      replaced(R"({"a":[]})", "123456789012345678"),
      replaced(R"({"a":[]})", "1e5"),
      replaced(R"("iglu:a/b/jsonschema/1-0-0","data")", R"("x","other":{},"data")"),
  };
  for (const std::string& form : forms) {
    EntityReader reader;
    const auto entities = reader.read(form, "");
    ASSERT_TRUE(entities) << form;
    EXPECT_EQ(entities->session, session) << form;
    EXPECT_EQ(entities->play_id, R"("s")");
    EXPECT_EQ(entities->ads_clicked, "2");
    EXPECT_EQ(entities->ads_skipped, "3");
    EXPECT_EQ(entities->position(), "1.5");
    EXPECT_EQ(entities->ad_id, "");
  }
  // Every cut and every wrong byte is an error in both forms.
  EntityReader reader;
  for (std::size_t at = 1; at < plain.size(); ++at) {
    EXPECT_FALSE(reader.read(plain.substr(0, at), "")) << at;
    std::string wrong = plain;
    wrong[at] = '\xff';
    EXPECT_FALSE(reader.read(wrong, "")) << wrong;
  }
}

TEST(Entities, RefusesWhatIsNoListOfEntities) {
  EntityReader reader;
  for (const std::string& json :
       {std::string("{"), std::string("[]"), std::string("{}"), std::string(R"({"data":{}})"),
        column("7"), column(R"({"data":{}})"), column(R"({"schema":7,"data":{}})"),
        column(R"({"schema":"iglu:a/b/jsonschema/1-0-0"})"),
        column(entity("com.snowplowanalytics.snowplow/web_page", "1-0-0", "[]"))}) {
    EXPECT_FALSE(reader.read(json, "")) << json;
    EXPECT_FALSE(reader.read("", json)) << json;
  }
}

}  // namespace
}  // namespace lvp
