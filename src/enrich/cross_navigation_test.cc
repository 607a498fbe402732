#include "enrich/cross_navigation.h"

#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view config =
    "com.snowplowanalytics.snowplow.enrichments/cross_navigation_config/1-0-0";
constexpr std::string_view session = "176ff68a-4769-4566-ad0e-3792c1c8148f";

CollectorPayload page(std::string_view sp) {
  return pixel({{"e", "pv"}, {"url", fmt::format("http://a.com/?_sp={}", sp)}});
}

// derived_contexts with this entity.
std::string entity(std::string_view data) {
  return entities(self_describing(
      "iglu:com.snowplowanalytics.snowplow/cross_navigation/jsonschema/1-0-0", data));
}

TEST_F(Enrich, CrossNavigation) {
  const struct {
    std::string_view row;
    std::string sp;
    std::string_view user, sent;
    std::string derived;
  } rows[] = {
      {"111", "abc.1426245561368", "abc", "2015-03-13 11:19:21.368",
       entity(R"({"domain_user_id":"abc","timestamp":"2015-03-13T11:19:21.368Z","session_id":null,)"
              R"("user_id":null,"source_id":null,"source_platform":null,"reason":null})")},
      {"112", fmt::format("abc..{}.dGVzdGVy.c29tZVNvdXJjZUlk.web.dGVzdGluZ19yZWFzb24", session),
       "abc", "", ""},
      {"112 with a time",
       fmt::format("abc.1426245561368.{}.dGVzdGVy.c29tZVNvdXJjZUlk.web.dGVzdGluZ19yZWFzb24",
                   session),
       "abc", "2015-03-13 11:19:21.368",
       entity(fmt::format(
           R"({{"domain_user_id":"abc","timestamp":"2015-03-13T11:19:21.368Z","session_id":"{}",)"
           R"("user_id":"tester","source_id":"someSourceId","source_platform":"web","reason":)"
           R"("testing_reason"}})",
           session))},
      {"no user", ".1426245561368", "", "2015-03-13 11:19:21.368", ""},
      {"user alone", "abc", "abc", "", ""},
      {"114: empty", "", "", "", ""},
      {"114: 8 parts", "a.1.b.c.d.web.e.f", "", "", ""},
  };
  for (const bool enabled : {false, true}) {
    if (enabled) use(config, "{}");
    for (const auto& row : rows) {
      const EnrichedView event = good(page(row.sp));
      EXPECT_EQ(event[Column::refr_domain_userid], row.user) << row.row;
      EXPECT_EQ(event[Column::refr_dvce_tstamp], row.sent) << row.row;
      EXPECT_EQ(event[Column::derived_contexts], enabled ? row.derived : "") << row.row;
    }
  }
}

TEST_F(Enrich, CrossNavigationThatIsWrong) {
  const std::string message = bad_row::input_data("sp_dtm", "not-a-timestamp",
                                                  "Not in the expected format: ms since epoch");
  EXPECT_EQ(bad(page("abc.not-a-timestamp")).messages,
            Texts{bad_row::enrichment_message(message)});  // row 113
  use(config, "{}");
  const std::string_view uri =
      "iglu:com.snowplowanalytics.snowplow.enrichments/cross_navigation_config/jsonschema/1-0-0";
  const Refused refused = bad(page("abc.not-a-timestamp"));
  EXPECT_EQ(refused.type, "enrichment_failures");
  EXPECT_EQ(refused.messages, Texts{fmt::format(R"({{"enrichment":{{"schemaKey":"{}","identifier":)"
                                                R"("cross-navigation"}},"message":{}}})",
                                                uri, message)});
  EXPECT_NE(
      failure_entities(refused).at(0).find(R"("failureType":"EnrichmentError: cross-navigation")"),
      std::string::npos);
  EXPECT_NE(failure_entities(refused).at(0).find(fmt::format(R"("schema":"{}")", uri)),
            std::string::npos);

  // An entity that its schema refuses is a violation, and not in the event.
  const Refused invalid_entity = bad(page("abc.1426245561368.no-uuid"));
  EXPECT_EQ(invalid_entity.type, "schema_violations");
  ASSERT_EQ(invalid_entity.messages.size(), 1u);
  EXPECT_NE(invalid_entity.messages[0].find(R"("path":"$.session_id")"), std::string::npos);
  const auto failures = failure_entities(invalid_entity);
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_NE(failures[0].find(R"("source":"derived_contexts")"), std::string::npos);
}

}  // namespace
}  // namespace lvp::enrich
