#include "enrich/pii.h"

#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view config =
    "com.snowplowanalytics.snowplow.enrichments/pii_enrichment_config/2-0-1";

// Expected hashes are what coreutils' sha1sum says of the value followed by "pepper123".
constexpr std::string_view hash_of_me = "ccd63ae456b60d2a12dbfc569efca6c5c21f16b6";
constexpr std::string_view hash_of_address = "f4a6af3ad408be85c699923a5474cac87f198d87";  // a@b.c
constexpr std::string_view hash_of_d = "c05aa8fdd158be1fde7e7f923440b49e5988b374";

std::string parameters(std::string_view fields, std::string_view more = "") {
  return fmt::format(
      R"({{"pii":[{}],"strategy":{{"pseudonymize":{{"hashFunction":"SHA-1","salt":"pepper123"}}}}{}}})",
      fields, more);
}

std::string pojo(std::string_view column) {
  return fmt::format(R"({{"pojo":{{"field":"{}"}}}})", column);
}

std::string json_field(std::string_view column, std::string_view schema, std::string_view path) {
  return fmt::format(R"({{"json":{{"field":"{}","schemaCriterion":"{}","jsonPath":"{}"}}}})",
                     column, schema, path);
}

std::string element(std::string_view attributes) {
  return fmt::format(R"({{"schema":"iglu:com.google.ga4/cookies/jsonschema/1-0-0","data":{}}})",
                     attributes);
}

TEST_F(Enrich, HashesColumns) {
  use(config, parameters(pojo("user_id") + "," + pojo("domain_userid") + "," + pojo("se_label")));
  const EnrichedView event =
      good(pixel({{"e", "pv"}, {"uid", "me"}, {"duid", "d"}, {"se_ca", "me"}}));
  EXPECT_EQ(event[Column::user_id], hash_of_me);
  EXPECT_EQ(event[Column::domain_userid], hash_of_d);
  EXPECT_EQ(event[Column::se_label], "");
  EXPECT_EQ(event[Column::se_category], "me");
  EXPECT_EQ(last_.good.at(0).key, hash_of_d);
}

TEST_F(Enrich, HashesValuesOfSelfDescribingJson) {
  use(config,
      parameters(json_field("contexts", "iglu:com.google.ga4/cookies/jsonschema/1-*-*",
                            "$.['_ga','cookie_prefix']") +
                 "," +
                 json_field("unstruct_event", "iglu:com.google.ga4/cookies/jsonschema/*-0-0",
                            "$..session_cookie")));
  const std::string sent = element(R"({"_ga":"a@b.c","cookie_prefix":null})");
  const std::string event_sent = element(
      R"({"_ga":"me","session_cookies":[{"session_cookie":"me"},{"session_cookie":null}]})");
  const EnrichedView event = good(pixel({{"e", "ue"},
                                         {"co", entities(fmt::format("{},{}", sent, web_page))},
                                         {"ue_pr", self_describing(event_schema, event_sent)}}));
  EXPECT_EQ(
      event[Column::contexts],
      entities(fmt::format(
          "{},{}", element(fmt::format(R"({{"_ga":"{}","cookie_prefix":null}})", hash_of_address)),
          web_page)));
  EXPECT_EQ(event[Column::unstruct_event],
            self_describing(
                event_schema,
                element(fmt::format(R"({{"_ga":"me","session_cookies":[{{"session_cookie":"{}"}},)"
                                    R"({{"session_cookie":null}}]}})",
                                    hash_of_me))));
}

TEST_F(Enrich, HashesTheKeyThatMayComeFromAnEntity) {
  use(config, parameters(json_field("contexts", "iglu:com.acme/x/jsonschema/1-0-0", "$.a")));
  good(pixel({{"e", "pv"}, {"duid", "d"}}));
  EXPECT_EQ(last_.good.at(0).key, hash_of_d);
}

TEST_F(Enrich, LeavesOtherSchemasAlone) {
  use(config,
      parameters(json_field("contexts", "iglu:com.google.ga4/cookies/jsonschema/2-*-*", "$._ga")));
  const std::string sent = entities(element(R"({"_ga":"me"})"));
  EXPECT_EQ(good(pixel({{"e", "pv"}, {"co", sent}}))[Column::contexts], sent);
}

TEST(Pii, HashesTextsAndListsOfTexts) {
  const Pii pii = *Pii::load(configuration(
      config,
      parameters(json_field("derived_contexts", "iglu:com.acme/x/jsonschema/1-0-0", "$.a"))));
  const struct {
    std::string data, hashed;
  } rows[] = {
      {R"({"a":["me",1,["me"],{"b":"me"}]})",
       fmt::format(R"({{"a":["{}",1,["me"],{{"b":"me"}}]}})", hash_of_me)},
      {R"({"a":[]})", R"({"a":[]})"},
      {R"({"a":1.50})", R"({"a":1.50})"},
      {R"({"a":{"a":"me"}})", R"({"a":{"a":"me"}})"},
      {R"({"b":"me"})", R"({"b":"me"})"},
  };
  for (const auto& row : rows) {
    EnrichedEvent event;
    const bad_row::Processor processor{"p", "1"};
    const Parameters none;
    Draft draft{event, none, {}, "", {processor, now}};
    draft.entities = {{"iglu:com.acme/x/jsonschema/1-0-0", row.data}};
    pii.apply(draft);
    EXPECT_EQ(draft.entities[0].data, row.hashed);
  }
}

TEST_F(Enrich, HashesOnlyAnonymousRequestsIfTold) {
  use(config, parameters(pojo("user_id"), R"(,"anonymousOnly":true)"));
  CollectorPayload payload = pixel({{"e", "pv"}, {"uid", "me"}});
  EXPECT_EQ(good(payload)[Column::user_id], "me");
  payload.headers = {"Host: a", "SP-Anonymous: *"};
  EXPECT_EQ(good(payload)[Column::user_id], hash_of_me);
}

TEST(Pii, RefusesWhatItCannotHash) {
  const auto error = [](std::string_view text) {
    return Pii::load(configuration(config, text)).error().what;
  };
  const std::string schema = "iglu:com.acme/x/jsonschema/1-0-0";
  EXPECT_EQ(error(parameters(pojo("app_id"))),
            "file.json: parameters.pii: the field app_id cannot be hashed");
  EXPECT_EQ(error(parameters("{}")), "file.json: parameters.pii: an item is neither pojo nor json");
  EXPECT_EQ(error(parameters(json_field("se_label", schema, "$.a"))),
            "file.json: parameters.pii: the field \"se_label\" is no JSON column");
  EXPECT_EQ(error(parameters(json_field("contexts", "iglu:com.acme/x", "$.a"))),
            "file.json: parameters.pii: iglu:com.acme/x is no schema criterion");
  EXPECT_EQ(error(parameters(json_field("contexts", schema, "a"))),
            "file.json: parameters.pii: a is no JSON path that is understood here");
  EXPECT_EQ(error(R"({"pii":[],"strategy":{"pseudonymize":{"hashFunction":"MD2","salt":""}}})"),
            "file.json: parameters.strategy.pseudonymize.hashFunction: hash function MD2 is not "
            "supported");
  EXPECT_EQ(error(R"({"pii":[],"strategy":{"pseudonymize":{"hashFunction":"MD5"}}})"),
            "file.json: parameters.strategy.pseudonymize.salt: missing, or no text");
}

}  // namespace
}  // namespace lvp::enrich
