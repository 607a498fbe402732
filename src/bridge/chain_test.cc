// Rows named R… are those of docs/compatibility-bridge.md.
#include "bridge/chain.h"

#include <gtest/gtest.h>

#include "bridge/go_text.h"
#include "bridge/made_up.h"

namespace lvp::bridge {
namespace {

using namespace made_up;

constexpr std::string_view to_json = "use \"spEnrichedToJson\" {}\n";
constexpr std::string_view encode = "use \"base64Encode\" {}\n";
constexpr std::string_view decode = "use \"base64Decode\" {}\n";

std::string set_pk(std::string_view field) {
  return "use \"spEnrichedSetPk\" {\n atomic_field = \"" + std::string(field) + "\"\n}\n";
}

constexpr std::string_view wrong_count =
    "failed: intermediate state cannot be parsed as parsedEvent: Cannot parse tsv event - wrong "
    "number of fields provided: 4";

TEST(SetPk, TakesAColumn) {
  struct Row {
    std::string_view id, field, key;
  };
  constexpr Row rows[] = {
      {"R48", "app_id", "test-data3"},
      {"R49", "collector_tstamp", "2019-05-10 14:40:29.576 +0000 UTC"},
      {"R50", "page_urlport", "80"},
  };
  for (const Row& row : rows) {
    auto made = chain(set_pk(row.field));
    ASSERT_TRUE(made);
    Message message{page_view(), "some-key"};
    EXPECT_EQ(became(*made, message), page_view()) << row.id;
    EXPECT_EQ(message.key, row.key) << row.id;
  }
  auto made = chain(set_pk("app_id"));
  Message message{std::string(no_event), "some-key"};
  EXPECT_EQ(became(*made, message), wrong_count);  // R51
  EXPECT_EQ(message.key, "some-key");
  EXPECT_EQ(became(set_pk("user_id"), page_view()),
            "failed: failed to get value of the provided atomic field: field is empty");
  const auto refused = chain(set_pk("notAnAtomicField"));  // R53
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what,
            "test.hcl:3: transform: use \"spEnrichedSetPk\": atomic_field: error validating atomic "
            "field: key notAnAtomicField not a valid atomic field");
}

// R54. The original's order of members is random.
TEST(ToJson, MakesTheObjectOfTheAnalyticsSdk) {
  EXPECT_EQ(
      became(to_json, add_to_cart()),
      R"({"app_id":"test-data1","platform":"pc","collector_tstamp":"2019-05-10T14:40:35.972Z",)"
      R"("event":"unstruct","event_id":"e9234345-f042-46ad-b1aa-424464066a33",)"
      R"("unstruct_event_com_snowplowanalytics_snowplow_add_to_cart_1":)"
      R"({"quantity":2,"unitPrice":32.4,"currency":"GBP","sku":"item41"},)"
      R"("contexts_nl_basjes_yauaa_context_1":[{"agentNameVersionMajor":"python-requests 2"}],)"
      R"("contexts_com_acme_just_ints_1":)"
      R"([{"integerField":0},{"integerField":1},{"integerField":2}],)"
      R"("event_vendor":"com.snowplowanalytics.snowplow","event_name":"add_to_cart",)"
      R"("event_format":"jsonschema","event_version":"1-0-0"})");
  EXPECT_EQ(became(to_json, no_event), wrong_count);  // R55
}

TEST(ToJson, HasTheTypesOfTheColumns) {
  EnrichedEvent event;
  event[Column::txn_id] = "+007";
  event[Column::se_value] = "1.50";
  event[Column::br_colordepth] = "24";
  event[Column::geo_latitude] = "51.50";
  event[Column::tr_total] = "1e21";
  event[Column::dvce_ismobile] = "0";
  event[Column::refr_dvce_tstamp] = "2019-05-10 04:40:35.120000";
  event[Column::page_title] = "a<b>&";
  EXPECT_EQ(became(to_json, event.tsv()),
            R"({"txn_id":7,"geo_latitude":51.5,"page_title":"a<b>&","se_value":"1.50",)"
            R"("tr_total":1e+21,"br_colordepth":"24","dvce_ismobile":false,)"
            R"("refr_device_tstamp":"2019-05-10T04:40:35.12Z"})");
}

TEST(ToJson, DerivedContextsReplaceContexts) {
  EnrichedEvent event;
  event[Column::contexts] =
      entities(yauaa(R"({"from":"contexts"})") +
               R"(,{"schema":"iglu:com.acme/OPEN/jsonschema/2-1-0","data":null})");
  event[Column::derived_contexts] = entities(yauaa(R"({"from":"derived","big":12345678,"x":1.0})"));
  EXPECT_EQ(became(to_json, event.tsv()),
            R"({"contexts_com_acme_o_p_e_n_2":[null],)"
            R"("contexts_nl_basjes_yauaa_context_1":[{"from":"derived","big":12345678,"x":1.0}]})");
}

TEST(ToJson, FailsWholeOverOneBadColumn) {
  struct Row {
    Column column;
    std::string_view value;
  };
  const std::string array_data = entities(yauaa("[1]"));
  const std::string no_schema = entities(R"({"data":{}})");
  const std::string bad_schema = entities(R"({"schema":"iglu:a/b/jsonschema/0-0-0","data":{}})");
  const Row rows[] = {
      {Column::txn_id, "80.0"},
      {Column::txn_id, " 80"},
      {Column::txn_id, "99999999999999999999"},
      {Column::geo_latitude, "north"},
      {Column::geo_latitude, "NaN"},
      {Column::geo_latitude, "-Infinity"},
      {Column::dvce_ismobile, "yes"},
      {Column::collector_tstamp, "2019-05-10T14:40:35Z"},
      {Column::collector_tstamp, "2019-02-30 14:40:35"},
      {Column::contexts, "{"},
      {Column::contexts, R"({"data":{}})"},
      {Column::contexts, array_data},
      {Column::contexts, no_schema},
      {Column::derived_contexts, bad_schema},
      {Column::unstruct_event, R"({"data":{"schema":"iglu:a/b/jsonschema/1-0-0","data":[]}})"},
      {Column::unstruct_event, "{}"},
  };
  for (const Row& row : rows) {
    EnrichedEvent event;
    event[row.column] = row.value;
    const std::string failed = became(to_json, event.tsv());
    EXPECT_TRUE(failed.starts_with("failed: failed to convert parsedEvent to JSON: "))
        << row.value << " became " << failed;
  }
}

TEST(Base64, EncodesAndDecodes) {
  EXPECT_EQ(became(encode, "Hello World!"), "SGVsbG8gV29ybGQh");  // R61
  const std::string bytes("\x4f\x62\x6a\x01\x00\xff\x00", 7);     // R62
  EXPECT_EQ(became(decode, "T2JqAQD/AA=="), bytes);
  EXPECT_EQ(became(std::string(encode) + std::string(decode), bytes), bytes);
  EXPECT_EQ(became(decode, "T2Jq\r\nAQD/AA==\n"), bytes);
  EXPECT_EQ(became(decode, ""), "");
  struct Row {
    std::string_view data, at;
  };
  constexpr Row rows[] = {
      {"not base64!", "3"}, {"T2J", "0"}, {"T2JqA", "4"}, {"T2J-", "3"}, {"T2==Jq==", "2"}};
  for (const Row& row : rows)  // R63
    EXPECT_EQ(became(decode, row.data),
              "failed: failed to decode data as base64: illegal base64 "
              "data at input byte " +
                  std::string(row.at));
}

TEST(Chain, CarriesTheEventFromStepToStep) {
  auto made = chain(std::string(to_json) + set_pk("app_id"));  // the data is JSON by then
  ASSERT_TRUE(made);
  for (int i = 0; i < 2; ++i) {
    Message message{page_view(), "some-key"};
    EXPECT_TRUE(became(*made, message).starts_with(R"({"app_id":"test-data3",)"));
    EXPECT_EQ(message.key, "test-data3");
  }
  auto keyed = chain(set_pk("app_id") + std::string(to_json));  // R68
  ASSERT_TRUE(keyed);
  Message message{page_view(), "some-key"};
  EXPECT_EQ(became(*keyed, message), became(to_json, page_view()));
  EXPECT_EQ(message.key, "test-data3");
  // R57: what base64 leaves is read anew.
  const std::string again =
      became(std::string(to_json) + std::string(encode) + set_pk("app_id"), page_view());
  EXPECT_TRUE(again.starts_with("failed: intermediate state cannot be parsed")) << again;
  EXPECT_EQ(became(std::string(encode) + std::string(decode) + set_pk("app_id"), page_view()),
            page_view());
}

TEST(Chain, EndsAtTheFirstThatFiltersOrFails) {
  EXPECT_EQ(became("", "anything"), "anything");                                      // R66
  EXPECT_EQ(became(set_pk("app_id") + std::string(to_json), no_event), wrong_count);  // R69
  auto made = chain(set_pk("app_id") +
                    "use \"spEnrichedFilter\" {\n atomic_field = \"app_id\"\n regex = \"wrong\"\n"
                    " filter_action = \"keep\"\n}\n" +
                    std::string(to_json));
  ASSERT_TRUE(made);
  Message message{page_view(), "some-key"};
  EXPECT_EQ(became(*made, message), "filtered");
  EXPECT_EQ(message.data, page_view());
  EXPECT_EQ(message.key, "test-data3");
}

TEST(Chain, RefusesWhatItDoesNotKnow) {
  struct Row {
    std::string_view blocks, error;
  };
  constexpr Row rows[] = {
      {"use \"spGtmssPreview\" {}",
       "test.hcl:2: transform: use \"spGtmssPreview\": could not interpret transformation "
       "configuration for \"spGtmssPreview\""},
      {"use \"spEnrichedToJson\" {\n  pretty = true\n}",
       "test.hcl:3: transform: use \"spEnrichedToJson\": pretty: there is no such setting here"},
      {"use \"spEnrichedSetPk\" {}",
       "test.hcl:2: transform: use \"spEnrichedSetPk\": atomic_field: is required"},
      {"use \"js\" {}", "test.hcl:2: transform: use \"js\": script_path or script is required"},
  };
  for (const Row& row : rows) {
    const auto refused = chain(row.blocks);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what, row.error);
  }
}

TEST(GoText, PrintsNumbers) {
  struct Row {
    double number;
    std::string_view printed, json;
  };
  constexpr Row rows[] = {
      {0, "0", "0"},
      {1, "1", "1"},
      {-0.5, "-0.5", "-0.5"},
      {123456, "123456", "123456"},
      {1234567, "1.234567e+06", "1234567"},
      {1e6, "1e+06", "1000000"},
      {0.0001, "0.0001", "0.0001"},
      {0.00001, "1e-05", "0.00001"},
      {1e-7, "1e-07", "1e-07"},
      {1e20, "1e+20", "100000000000000000000"},
      {1e21, "1e+21", "1e+21"},
      {9007199254740992, "9.007199254740992e+15", "9007199254740992"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(printed(row.number), row.printed);
    std::string json;
    append_json(json, row.number);
    EXPECT_EQ(json, row.json);
  }
}

TEST(GoText, ReadsNumbersAsGoDoes) {
  EXPECT_EQ(parse_go_number("0x1p-2"), 0.25);
  EXPECT_EQ(parse_go_number("+.5e1"), 5.0);
  EXPECT_EQ(printed(*parse_go_number("-INF")), "-Inf");
  EXPECT_EQ(printed(*parse_go_number("nan")), "NaN");
  for (const std::string_view bad :
       {"", "+", "1 ", " 1", "--1", "0x1", "infinite", "-nan", "1e400"})
    EXPECT_FALSE(parse_go_number(bad)) << bad;
  EXPECT_EQ(parse_go_integer("-9223372036854775808"), INT64_MIN);
  for (const std::string_view bad : {"", "+", "+-1", "1.0", "9223372036854775808", "0x10", "1_0"})
    EXPECT_FALSE(parse_go_integer(bad)) << bad;
}

}  // namespace
}  // namespace lvp::bridge
