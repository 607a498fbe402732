#include "enrich/campaigns.h"

#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view config = "com.snowplowanalytics.snowplow/campaign_attribution/1-0-1";
constexpr std::string_view parameters =
    R"({"mapping":"static","fields":{"mktMedium":["utm_medium","medium"],"mktSource":["utm_source",)"
    R"("source"],"mktTerm":["utm_term","legacy_term"],"mktContent":["utm_content"],"mktCampaign":)"
    R"(["utm_campaign","cid"],"mktClickId":{"customclid":"Custom","dclid":"DoubleClick2"}}})";

TEST(Campaigns, ReadThePagesQuery) {
  const Campaigns campaigns = *Campaigns::load(configuration(config, parameters));
  const struct {
    std::string_view row;
    std::string query;
    Texts columns;  // medium, source, term, content, campaign, click id, network
  } rows[] = {
      {"none", "a=b", {"", "", "", "", "", "", ""}},
      {"115: preferred names win",
       "utm_source=GoogleSearch&source=bad&utm_medium=cpc&legacy_term=bad&medium=bad&"
       "utm_term=native&utm_content=39254295088&utm_campaign=uk&cid=bad",
       {"cpc", "GoogleSearch", "native", "39254295088", "uk", "", ""}},
      {"other names", "medium=m&cid=c", {"m", "", "", "", "c", "", ""}},
      {"preferred but empty",
       "utm_medium=&medium=m&utm_campaign&cid=c",
       {"", "", "", "", "", "", ""}},
      {"decoded and cleaned",
       "utm_term=a+b%09c%0A&utm_source=%C3%A9",
       {"", "\xc3\xa9", "a b    c", "", "", "", ""}},
      {"115: known click ids", "msclkid=500&x=y", {"", "", "", "", "", "500", "Microsoft"}},
      {"gclid", "gclid=1", {"", "", "", "", "", "1", "Google"}},
      {"configured", "customclid=2", {"", "", "", "", "", "2", "Custom"}},
      {"configured over known", "dclid=3", {"", "", "", "", "", "3", "DoubleClick2"}},
      {"the last of two", "utm_medium=a&utm_medium=b", {"b", "", "", "", "", "", ""}},
  };
  for (const auto& row : rows) {
    EnrichedEvent event;
    campaigns.apply(parse_form(row.query), event);
    EXPECT_EQ((Texts{event[Column::mkt_medium], event[Column::mkt_source], event[Column::mkt_term],
                     event[Column::mkt_content], event[Column::mkt_campaign],
                     event[Column::mkt_clickid], event[Column::mkt_network]}),
              row.columns)
        << row.row;
  }
}

TEST(Campaigns, RefuseWhatIsNoList) {
  EXPECT_EQ(Campaigns::load(configuration(config, R"({"fields":{"mktMedium":"utm_medium"}})"))
                .error()
                .what,
            "file.json: parameters.fields.mktMedium: no list");
  EXPECT_EQ(
      Campaigns::load(configuration(config, R"({"fields":{"mktClickId":{"a":1}}})")).error().what,
      "file.json: parameters.fields.mktClickId: not all networks are texts");
}

TEST_F(Enrich, AttributesToACampaign) {
  use(config, parameters);
  EXPECT_EQ(good(pixel({{"e", "pv"},
                        {"url", "http://a.com/?utm_source=b#utm_source=c"}}))[Column::mkt_source],
            "b");
  EXPECT_EQ(good(pixel({{"e", "pv"}}))[Column::mkt_source], "");
}

}  // namespace
}  // namespace lvp::enrich
