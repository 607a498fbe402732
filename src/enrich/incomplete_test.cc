#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view cross_navigation =
    "com.snowplowanalytics.snowplow.enrichments/cross_navigation_config/1-0-0";
constexpr std::string_view unknown = R"({"schema":"iglu:com.acme/x/jsonschema/1-0-9","data":{}})";
// Its entity has a session id that is no UUID.
constexpr std::string_view bad_link = "http://a.com/?_sp=abc.1426245561368.no-uuid";

class Incomplete : public Enrich {
 protected:
  // The one failed event, of which there is one bad row. The view lives until the next call.
  EnrichedView incomplete(const CollectorPayload& payload, bool accept_invalid = false) {
    Settings settings;
    settings.incomplete = true;
    settings.accept_invalid = accept_invalid;
    last_ = run(payload, settings);
    EXPECT_EQ(last_.bad.size(), 1u);
    EXPECT_TRUE(last_.good.empty());
    EXPECT_EQ(last_.incomplete.size(), 1u);
    if (last_.incomplete.size() != 1) return {};
    return EnrichedView::parse(last_.incomplete[0].tsv).value_or(EnrichedView{});
  }

  static Texts failure_types(const EnrichedView& event) {
    Texts types;
    const std::string_view text = event[Column::derived_contexts];
    for (const auto entity : json::raw_elements(json::raw_member(text, "data").value_or("[]"))) {
      const std::string_view data = *json::raw_member(entity, "data");
      types.emplace_back(json::raw_member(data, "failureType").value_or("none"));
    }
    return types;
  }
};

TEST_F(Incomplete, OnlyIfAskedFor) {
  EXPECT_TRUE(run(pixel({{"e", "pv"}, {"vid", "x"}})).incomplete.empty());
  Settings settings;
  settings.incomplete = true;
  EXPECT_TRUE(run(pixel({{"e", "pv"}}), settings).incomplete.empty());
}

TEST_F(Incomplete, Row132KeepsTheValidEntities) {
  const EnrichedView event = incomplete(
      pixel({{"e", "pv"}, {"co", entities(fmt::format("{},{},{}", unknown, web_page, unknown))}}));
  EXPECT_EQ(event[Column::contexts], entities(web_page));
  EXPECT_EQ(failure_types(event), (Texts{R"("ResolutionError")", R"("ResolutionError")"}));
}

TEST_F(Incomplete, LacksColumnsThatCannotBeMade) {
  const EnrichedView event =
      incomplete(pixel({{"e", "ue"}, {"vid", "x"}, {"aid", "a"}, {"ue_pr", "foo"}, {"duid", "d"}}));
  EXPECT_EQ(event[Column::domain_sessionidx], "");
  EXPECT_EQ(event[Column::unstruct_event], "");
  EXPECT_EQ(event[Column::event_vendor], "");
  EXPECT_EQ(event[Column::app_id], "a");
  EXPECT_EQ(failure_types(event), (Texts{R"("ValidationError")", R"("NotJSON")"}));
  EXPECT_EQ(last_.incomplete.at(0).key, "d");
}

TEST_F(Incomplete, Row139LacksLongColumns) {
  const CollectorPayload payload = pixel(
      {{"e", "pv"}, {"tv", std::string(101, 'v')}, {"cv", std::string(101, 'c')}, {"aid", "a"}});
  const EnrichedView event = incomplete(payload);
  EXPECT_EQ(event[Column::v_tracker], "");
  EXPECT_EQ(event[Column::v_collector], std::string(101, 'c'));
  EXPECT_EQ(event[Column::app_id], "a");
  EXPECT_EQ(failure_types(event), Texts{R"("ValidationError")"});
  EXPECT_NE(event[Column::derived_contexts].find(
                fmt::format(R"("data":{{"v_tracker":"{}","v_collector":)", std::string(101, 'v'))),
            std::string::npos);
  // The row shows the event as it was.
  EXPECT_EQ(read_bad().data["payload"]["enriched"]["v_tracker"].string(), std::string(101, 'v'));
}

TEST_F(Incomplete, KeepsLongColumnsThatAreAccepted) {
  const EnrichedView event = incomplete(
      pixel({{"e", "pv"}, {"tv", std::string(101, 'v')}, {"vid", "x"}}), /*accept_invalid=*/true);
  EXPECT_EQ(event[Column::v_tracker], std::string(101, 'v'));
}

TEST_F(Incomplete, Rows141And142TellsOfAllPhases) {
  use(cross_navigation, "{}");
  const EnrichedView event = incomplete(pixel({{"e", "ad"},
                                               {"ue_pr", "foo"},
                                               {"co", entities(web_page)},
                                               {"url", std::string(bad_link)},
                                               {"tv", std::string(101, 'v')}}));
  EXPECT_EQ(failure_types(event), (Texts{R"("NotJSON")", R"("EnrichmentError: ")",
                                         R"("ValidationError")", R"("ValidationError")"}));
  EXPECT_EQ(event[Column::contexts], entities(web_page));
  // The bad row names the failures of the first phase alone.
  const Refused refused = read_bad();
  EXPECT_EQ(refused.type, "schema_violations");
  ASSERT_EQ(refused.messages.size(), 1u);
  EXPECT_TRUE(refused.messages[0].starts_with(R"({"field":"unstruct")"));
}

TEST_F(Incomplete, FailuresComeBeforeEntities) {
  use(cross_navigation, "{}");
  const EnrichedView event =
      incomplete(pixel({{"e", "ad"}, {"url", "http://a.com/?_sp=abc.1426245561368"}}));
  EXPECT_EQ(failure_types(event), (Texts{R"("EnrichmentError: ")", "none"}));
}

TEST_F(Incomplete, IsNotGivenIfItIsTooLarge) {
  Settings settings;
  settings.incomplete = true;
  settings.record_bytes_max = 500;
  const Outcome outcome =
      run(pixel({{"e", "pv"}, {"vid", "x"}, {"page", std::string(600, 't')}}), settings);
  EXPECT_EQ(outcome.bad.size(), 1u);
  EXPECT_TRUE(outcome.incomplete.empty());
}

TEST_F(Incomplete, PayloadFailuresHaveNoEvent) {
  Settings settings;
  settings.incomplete = true;
  CollectorPayload payload = pixel({});
  payload.path = "/com.acme/v1";
  const Outcome outcome = run(payload, settings);
  EXPECT_EQ(outcome.bad.size(), 1u);
  EXPECT_TRUE(outcome.incomplete.empty());
}

}  // namespace
}  // namespace lvp::enrich
