#include "enrich/ua_parser.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view config = "com.snowplowanalytics.snowplow/ua_parser_config/1-0-1";
constexpr std::string_view few = R"(
user_agent_parsers:
  - regex: '(Firefox)/(\d+)\.(\d+)\.(\d+)'
  - regex: 'Version/(\d+)\.(\d+).* (Safari)/'
    family_replacement: '$3'
    v1_replacement: '$1'
    v2_replacement: '$2 '
  - regex: '(Tv)(\d+)(x)?'
    family_replacement: 'Television'
os_parsers:
  - regex: 'Win(dows NT) 6.1'
    os_replacement: 'Windows'
    os_v1_replacement: '7'
  - regex: '(OS)_(\d+)_(\d+)_(\d+)_(\d+)'
device_parsers:
  - regex: '(ipad|TELLY ?)'
    regex_flag: 'i'
    device_replacement: 'A $1'
)";

TEST(UaParser, MakesTheContext) {
  const UaParser parser = *UaParser::from(few);
  const struct {
    std::string_view useragent, context;
  } rows[] = {
      {"Firefox/33.0.1 Windows NT 6.1 iPad",
       R"({"useragentFamily":"Firefox","useragentMajor":"33","useragentMinor":"0",)"
       R"("useragentPatch":"1","useragentVersion":"Firefox 33.0.1","osFamily":"Windows",)"
       R"("osMajor":"7","osMinor":null,"osPatch":null,"osPatchMinor":null,)"
       R"("osVersion":"Windows 7","deviceFamily":"A iPad"})"},
      {"Version/8.4 Safari/ OS_1_2_3_4",
       R"({"useragentFamily":"Safari","useragentMajor":"8","useragentMinor":"4",)"
       R"("useragentPatch":null,"useragentVersion":"Safari 8.4","osFamily":"OS",)"
       R"("osMajor":"1","osMinor":"2","osPatch":"3","osPatchMinor":"4",)"
       R"("osVersion":"OS 1.2.3.4","deviceFamily":"Other"})"},
      {"Tv9 telly ",
       R"({"useragentFamily":"Television","useragentMajor":"9","useragentMinor":null,)"
       R"("useragentPatch":null,"useragentVersion":"Television 9","osFamily":"Other",)"
       R"("osMajor":null,"osMinor":null,"osPatch":null,"osPatchMinor":null,)"
       R"("osVersion":"Other","deviceFamily":"A telly"})"},
  };
  for (const auto& row : rows) EXPECT_EQ(parser.context(row.useragent), row.context);
}

TEST(UaParser, RefusesFilesOfOtherKinds) {
  EXPECT_EQ(UaParser::from("a:\n").error().what, "no user_agent_parsers");
  EXPECT_EQ(UaParser::from("user_agent_parsers:\n  - a: b\n").error().what,
            "user_agent_parsers: an item has no regex");
  EXPECT_EQ(UaParser::from("user_agent_parsers:\n  - regex: '('\n").error().what,
            "regular expression (: not supported");
}

TEST(UserAgentMemory, GivesTheSameAsTheParser) {
  const UaParser parser = *UaParser::from(few);
  UserAgentMemory memory;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 6'000; ++i) {
      const std::string useragent = fmt::format("Tv{}", i);
      ASSERT_EQ(memory.context(parser, useragent), parser.context(useragent));
      ASSERT_EQ(memory.context(parser, "Tv0"), parser.context("Tv0"));
    }
  }
}

TEST_F(Enrich, AddsTheUserAgentsContext) {
  std::string asked;
  const Assets assets{[&](std::string_view name) -> Result<std::string> {
    asked = name;
    return std::string(few);
  }};
  use(config, "{}", assets);
  EXPECT_EQ(asked, "regexes.yaml");
  use(config, R"({"database":"mine.yaml","uri":"http://a.com/"})", assets);
  EXPECT_EQ(asked, "mine.yaml");
  CollectorPayload payload = pixel({{"e", "pv"}});
  EXPECT_EQ(good(payload)[Column::derived_contexts], "");
  payload.user_agent = "Tv9";
  EXPECT_EQ(good(payload)[Column::derived_contexts],
            entities(self_describing(UaParser::entity_uri, UaParser::from(few)->context("Tv9"))));
}

// ---- The real expressions, by the ua-parser project's own tests ----

class UapCore : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(std::filesystem::exists(LVP_UAP_CORE "/regexes.yaml"))
        << "Debian's package uap-core is missing: tools/install --test";
  }

  static std::string file(std::string_view name) {
    std::ifstream stream(fmt::format("{}/{}", LVP_UAP_CORE, name));
    std::ostringstream text;
    text << stream.rdbuf();
    return std::move(text).str();
  }

  // Checks members of the context against keys of the cases; null and "" are the same.
  static void check(std::string_view cases, std::size_t step,
                    std::vector<std::pair<std::string_view, std::string_view>> members) {
    const UaParser parser = *UaParser::from(file("regexes.yaml"));
    const auto tables = parse_yaml_tables(file(cases));
    ASSERT_TRUE(tables) << tables.error().what;
    const auto& items = tables->at("test_cases");
    json::Parser json;
    for (std::size_t i = 0; i < items.size(); i += step) {
      const YamlItem& item = items[i];
      const std::string& useragent = item.at("user_agent_string");
      const auto context = json.parse(parser.context(useragent));
      ASSERT_TRUE(context);
      for (const auto& [member, key] : members) {
        const auto expected = item.find(key);
        EXPECT_EQ((*context)[member].string().value_or(""),
                  expected == item.end() ? "" : expected->second)
            << useragent;
      }
    }
    EXPECT_GT(items.size(), 400u);
  }
};

TEST_F(UapCore, Browsers) {
  check("tests/test_ua.yaml", 1,
        {{"useragentFamily", "family"},
         {"useragentMajor", "major"},
         {"useragentMinor", "minor"},
         {"useragentPatch", "patch"}});
}

TEST_F(UapCore, Systems) {
  check("tests/test_os.yaml", 1,
        {{"osFamily", "family"},
         {"osMajor", "major"},
         {"osMinor", "minor"},
         {"osPatch", "patch"},
         {"osPatchMinor", "patch_minor"}});
}

TEST_F(UapCore, Devices) {
  check("tests/test_device.yaml", 7, {{"deviceFamily", "family"}});
}

}  // namespace
}  // namespace lvp::enrich
