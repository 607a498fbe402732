#include "enrich/enrichments.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view fingerprint =
    "com.snowplowanalytics.snowplow/event_fingerprint_config/1-0-1";
constexpr std::string_view md5 = R"({"excludeParameters":[],"hashAlgorithm":"MD5"})";

std::string error(const std::vector<NamedText>& files) {
  const auto loaded = Enrichments::load(files, {});
  return loaded ? "" : loaded.error().what;
}

std::string error(std::string text) {
  return error(std::vector<NamedText>{{"f.json", std::move(text)}});
}

TEST(Enrichments, AreThoseThatAreEnabled) {
  const NamedText on{"f.json", configuration_text(fingerprint, md5)};
  const NamedText off{"f.json", configuration_text(fingerprint, md5, false)};
  EXPECT_FALSE(Enrichments::load({}, {})->event_fingerprint);
  EXPECT_TRUE(Enrichments::load({&on, 1}, {})->event_fingerprint);
  EXPECT_FALSE(Enrichments::load({&off, 1}, {})->event_fingerprint);
}

TEST(Enrichments, RefuseFilesThatAreWrong) {
  EXPECT_TRUE(error("{").starts_with("f.json: "));
  EXPECT_EQ(error("{}"), "f.json: schema: missing");
  EXPECT_EQ(error(R"({"schema":"iglu:a","data":{}})"), "f.json: schema: iglu:a is no schema key");
  EXPECT_EQ(error(R"({"schema":"iglu:a/b/jsonschema/1-0-0","data":{"enabled":1}})"),
            "f.json: enabled: missing, or neither true nor false");
  EXPECT_EQ(error(configuration_text("com.acme/x/1-0-0", "{}")),
            "f.json: no enrichment com.acme/x");
  EXPECT_EQ(error(configuration_text(
                "com.snowplowanalytics.snowplow/event_fingerprint_config/2-0-0", md5)),
            "f.json: schema: event_fingerprint_config is known in the versions 1-0-x, not in "
            "2-0-0");
  EXPECT_EQ(error({{"f.json", configuration_text(fingerprint, md5)},
                   {"g.json", configuration_text(fingerprint, md5)}}),
            "g.json: event_fingerprint_config is configured twice");
}

TEST(Enrichments, SayWhichCannotBeHad) {
  const std::string_view names[] = {
      "com.snowplowanalytics.snowplow/currency_conversion_config/1-0-0",
      "com.snowplowanalytics.snowplow/user_agent_utils_config/1-0-0",
      "com.snowplowanalytics.snowplow.enrichments/api_request_enrichment_config/1-0-0",
      "com.snowplowanalytics.snowplow.enrichments/iab_spiders_and_robots_enrichment/1-0-0",
      "com.snowplowanalytics.snowplow.enrichments/sql_query_enrichment_config/1-0-0",
      "com.snowplowanalytics.snowplow.enrichments/weather_enrichment_config/1-0-0",
      "com.snowplowanalytics.snowplow.enrichments/yauaa_enrichment_config/1-0-0",
  };
  for (const std::string_view name : names) {
    EXPECT_EQ(error(configuration_text(name, "{}")),
              fmt::format("f.json: this program has no enrichment {}; set \"enabled\" to false",
                          split(name, '/')[1]));
    EXPECT_EQ(error(configuration_text(name, "{}", false)), "") << name;
  }
}

// An empty database, and enough of a file for those who want one.
class NoAddresses final : public IpDatabase {
 public:
  std::optional<IpRecord> find(const std::string&) const override { return std::nullopt; }
};

TEST(Enrichments, ExamplesAreRight) {
  Assets assets;
  assets.read = [](std::string_view name) -> Result<std::string> {
    return name == "regexes.yaml" ? "user_agent_parsers:\nos_parsers:\ndevice_parsers:\n" : "{}";
  };
  assets.open_database = [](std::string_view) { return std::make_unique<NoAddresses>(); };
  std::vector<NamedText> files;
  for (const auto& entry : std::filesystem::directory_iterator(LVP_CONFIG "/enrichments")) {
    std::ifstream stream(entry.path());
    std::ostringstream text;
    text << stream.rdbuf();
    files.push_back({entry.path().filename(), std::move(text).str()});
  }
  const auto loaded = Enrichments::load(files, assets);
  ASSERT_TRUE(loaded) << loaded.error().what;
  EXPECT_TRUE(loaded->event_fingerprint && loaded->anon_ip && loaded->pii && loaded->campaigns &&
              loaded->referers && loaded->ua_parser && loaded->cookies && loaded->headers &&
              loaded->ip_lookups && loaded->cross_navigation);
}

TEST(Enrichments, SayWhichFileOfDataIsMissing) {
  EXPECT_EQ(
      error(configuration_text("com.snowplowanalytics.snowplow/ua_parser_config/1-0-0", "{}")),
      "regexes.yaml: no such file of data");
  EXPECT_EQ(error(configuration_text("com.snowplowanalytics.snowplow/ip_lookups/2-0-0",
                                     R"({"geo":{"database":"a.mmdb"}})")),
            "a.mmdb: no such file of data");
}

}  // namespace
}  // namespace lvp::enrich
