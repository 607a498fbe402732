#include "enrich/bots.h"

#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view ip_config = "com.snowplowanalytics.snowplow/ip_lookups/2-0-1";
constexpr std::string_view asn_config =
    "com.snowplowanalytics.snowplow.enrichments/asn_lookups/1-0-0";
constexpr std::string_view bot_config =
    "com.snowplowanalytics.snowplow.enrichments/bot_detection_enrichment_config/1-0-0";

// Says of every address that it is of the network 7, or 8, or 9: its last digit.
class Networks final : public IpDatabase {
 public:
  std::optional<IpRecord> find(const std::string& address) const override {
    IpRecord record;
    if (address.back() >= '7') record.asn = static_cast<std::uint32_t>(address.back() - '0');
    return record;
  }
};

Assets assets() {
  Assets out;
  out.open_database = [](std::string_view) { return std::make_unique<Networks>(); };
  out.read = [](std::string_view name) -> Result<std::string> {
    return name == "bad.csv" ? "asn\nx,y\n" : "asn,name\r\n8,Eight\r\n\r\n";
  };
  return out;
}

class Bots : public Enrich {
 protected:
  Bots() {
    const NamedText files[] = {
        {"i.json", configuration_text(ip_config, R"({"asn":{"database":"a"}})")},
        {"a.json",
         configuration_text(asn_config,
                            R"({"botAsnsFile":{"database":"b.csv","uri":""},"botAsns":[{"asn":7,)"
                            R"("name":"Seven"}],"bypassPlatforms":["tv"]})")},
        {"b.json", configuration_text(bot_config, R"({"useAsnLookups":true,"useYauaa":false,)"
                                                  R"("useClientSideDetection":true})")}};
    auto loaded = Enrichments::load(files, assets());
    EXPECT_TRUE(loaded) << loaded.error().what;
    if (loaded) enrichments_ = std::make_shared<const Enrichments>(std::move(*loaded));
  }

  static std::string asn(std::string_view data) {
    return self_describing("iglu:com.snowplowanalytics.snowplow/asn/jsonschema/1-0-1", data);
  }
  static std::string bot(std::string_view data) {
    return self_describing("iglu:com.snowplowanalytics.snowplow/bot_detection/jsonschema/1-0-1",
                           data);
  }
};

TEST_F(Bots, Row152AreKnownByTheirNetwork) {
  const struct {
    std::string address, platform;
    std::string asn_data, bot_data;
  } rows[] = {
      {"1.1.1.7", "web", R"({"number":7,"likelyBot":true})",
       R"({"bot":true,"indicators":["asnLookups"]})"},
      {"1.1.1.8", "web", R"({"number":8,"likelyBot":true})",
       R"({"bot":true,"indicators":["asnLookups"]})"},
      {"1.1.1.9", "web", R"({"number":9,"likelyBot":false})", R"({"bot":false,"indicators":[]})"},
      {"1.1.1.7", "tv", R"({"number":7})", R"({"bot":false,"indicators":[]})"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(
        good(pixel(
            {{"e", "pv"}, {"ip", row.address}, {"p", row.platform}}))[Column::derived_contexts],
        entities(fmt::format("{},{}", bot(row.bot_data), asn(row.asn_data))))
        << row.address;
  }
  EXPECT_EQ(good(pixel({{"e", "pv"}, {"ip", "1.1.1.1"}}))[Column::derived_contexts],
            entities(bot(R"({"bot":false,"indicators":[]})")));
}

TEST_F(Bots, AreSeenByTheTracker) {
  const auto seen = [](std::string_view data) {
    return entities(
        self_describing("iglu:com.snowplowanalytics.snowplow/client_side_bot_detection/jsonschema/"
                        "1-0-0",
                        data));
  };
  EXPECT_EQ(good(pixel({{"e", "pv"},
                        {"ip", "1.1.1.1"},
                        {"co", seen(R"({"bot":true})")}}))[Column::derived_contexts],
            entities(bot(R"({"bot":true,"indicators":["clientSideDetection"]})")));
  EXPECT_EQ(good(pixel({{"e", "pv"},
                        {"ip", "1.1.1.1"},
                        {"co", seen(R"({"bot":false})")}}))[Column::derived_contexts],
            entities(bot(R"({"bot":false,"indicators":[]})")));
}

TEST(BotConfigurations, AreChecked) {
  const auto asn_error = [](std::string_view text) {
    return AsnLookups::load(configuration(asn_config, text), assets()).error().what;
  };
  EXPECT_EQ(asn_error(R"({"botAsns":[{}]})"), "file.json: parameters.botAsns: an item has no asn");
  EXPECT_EQ(asn_error(R"({"botAsnsFile":{"database":"bad.csv"}})"),
            "file.json: parameters.botAsnsFile: bad.csv: line 2 has no number");
  EXPECT_EQ(BotDetection::load(configuration(bot_config, R"({"useIab":true})")).error().what,
            "file.json: parameters.useIab: this program has no such enrichment; set it to false");
}

}  // namespace
}  // namespace lvp::enrich
