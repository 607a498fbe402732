#include "enrich/referers.h"

#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view config = "com.snowplowanalytics.snowplow/referer_parser/2-0-0";
constexpr std::string_view parameters =
    R"({"database":"referers-latest.json","uri":"http://a.com/","internalDomains":)"
    R"(["www.subdomain1.snowplow.com"," www.subdomain2.snowplow.com "]})";

const Assets assets{[](std::string_view name) -> Result<std::string> {
  if (name == "broken.json") return "[]";
  EXPECT_EQ(name, "referers-latest.json");
  return std::string(
      R"({"search":{"Google":{"domains":["google.com","google.co.uk"],"parameters":["q","query"]},)"
      R"("Yahoo!":{"domains":["search.yahoo.com","yahoo.com/search"],"parameters":["p"]}},)"
      R"("email":{"Orange":{"domains":["orange.fr/webmail","mail.yahoo.com/neo/launch"]}},)"
      R"("social":{"Facebook":{"domains":["facebook.com"]},"Yahoo":{"domains":["yahoo.com"]}}})");
}};

TEST_F(Enrich, ClassifiesReferers) {
  use(config, parameters, assets);
  const struct {
    std::string_view row;
    std::string referer;
    std::string_view medium, source, term;
  } rows[] = {
      {"116", "http://www.google.com/search?q=gateway+oracle+cards+denise+linn&hl=en&client=safari",
       "search", "Google", "gateway oracle cards denise linn"},
      {"116: tab and newline", "http://www.google.com/search?hl=en&q=a%09b%0Ac&q=d", "search",
       "Google", "a    bc"},
      {"no term", "https://google.co.uk/", "search", "Google", ""},
      {"a term is for searches alone", "http://facebook.com/?q=a", "social", "Facebook", ""},
      {"117", "http://www.subdomain1.snowplow.com/x", "internal", "", ""},
      {"117: spaces around", "http://www.subdomain2.snowplow.com", "internal", "", ""},
      {"117: the page's host", "http://www.page.com/other", "internal", "", ""},
      {"its parent is another host", "http://page.com/", "unknown", "", ""},
      {"unknown", "http://notgoogle.com/?q=a", "unknown", "", ""},
      {"host and path", "http://mail.yahoo.com/neo/launch", "email", "Orange", ""},
      {"host and first part of the path", "http://www.orange.fr/webmail/fr_FR/read.html", "email",
       "Orange", ""},
      {"path of a parent beats a host alone", "http://a.yahoo.com/search?p=x", "search", "Yahoo!",
       "x"},
      {"longest host", "http://fr.search.yahoo.com/?p=x", "search", "Yahoo!", "x"},
      {"host alone", "http://a.b.yahoo.com/none", "social", "Yahoo", ""},
      {"path of no host", "http://orange.fr/other", "unknown", "", ""},
      {"other schemes", "android-app://google.com/", "", "", ""},
      {"no host", "http:///search", "", "", ""},
      {"none", "", "", "", ""},
  };
  for (const auto& row : rows) {
    const EnrichedView event =
        good(pixel({{"e", "pv"}, {"url", "http://www.page.com/"}, {"refr", row.referer}}));
    EXPECT_EQ(event[Column::refr_medium], row.medium) << row.row;
    EXPECT_EQ(event[Column::refr_source], row.source) << row.row;
    EXPECT_EQ(event[Column::refr_term], row.term) << row.row;
  }
}

TEST_F(Enrich, KnowsReferersOfTheConfiguration) {
  use(config,
      R"({"internalDomains":[],"database":"referers-latest.json","referrers":{"chatbot":)"
      R"({"Ours":{"domains":["bot.com","facebook.com"]}}}})",
      assets);
  EXPECT_EQ(good(pixel({{"e", "pv"}, {"refr", "http://a.bot.com/"}}))[Column::refr_medium],
            "chatbot");
  EXPECT_EQ(good(pixel({{"e", "pv"}, {"refr", "http://facebook.com/"}}))[Column::refr_medium],
            "chatbot");
  EXPECT_EQ(good(pixel({{"e", "pv"}, {"refr", "http://google.com/"}}))[Column::refr_medium],
            "search");
}

TEST(Referers, RefuseWhatIsNoDatabase) {
  const auto error = [](std::string_view text) {
    return Referers::load(configuration(config, text), assets).error().what;
  };
  EXPECT_EQ(error(R"({"database":"broken.json"})"),
            "file.json: parameters.database: broken.json is no database of referers");
  EXPECT_EQ(error(R"({})"), "file.json: parameters.database: missing, or no text");
  EXPECT_EQ(error(R"({"referrers":{"a":{"b":{}}}})"),
            "file.json: parameters.referrers: not as a database of referers");
}

}  // namespace
}  // namespace lvp::enrich
