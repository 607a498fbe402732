// Events and chains for tests: four enriched events with what filters and scripts look at, and a
// line that is none.
#pragma once

#include <string>
#include <string_view>

#include "bridge/chain.h"
#include "wire/enriched_event.h"

namespace lvp::bridge::made_up {

inline constexpr std::string_view no_event = "not\ta\tSnowplow\tevent";

inline std::string entities(std::string_view list) {
  return R"({"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[)" +
         std::string(list) + "]}";
}

inline std::string yauaa(std::string_view data) {
  return R"({"schema":"iglu:nl.basjes/yauaa_context/jsonschema/1-0-0","data":)" +
         std::string(data) + "}";
}

inline EnrichedEvent event(std::string_view app_id, std::string_view name) {
  EnrichedEvent made;
  made[Column::app_id] = app_id;
  made[Column::platform] = "pc";
  made[Column::event_vendor] = "com.snowplowanalytics.snowplow";
  made[Column::event_name] = name;
  made[Column::event_format] = "jsonschema";
  made[Column::event_version] = "1-0-0";
  return made;
}

/// A self-describing add_to_cart of test-data1 with a yauaa entity and three of just_ints.
inline std::string add_to_cart() {
  EnrichedEvent made = event("test-data1", "add_to_cart");
  made[Column::event] = "unstruct";
  made[Column::event_id] = "e9234345-f042-46ad-b1aa-424464066a33";
  made[Column::collector_tstamp] = "2019-05-10 14:40:35.972";
  made[Column::unstruct_event] =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","data":)"
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/add_to_cart/jsonschema/1-0-0","data":)"
      R"({"quantity":2,"unitPrice":32.4,"currency":"GBP","sku":"item41"}}})";
  made[Column::derived_contexts] = entities(
      yauaa(R"({"agentNameVersionMajor":"python-requests 2"})") +
      R"(,{"schema":"iglu:com.acme/just_ints/jsonschema/1-0-0","data":{"integerField":0}},)"
      R"({"schema":"iglu:com.acme/just_ints/jsonschema/1-0-0","data":{"integerField":1}},)"
      R"({"schema":"iglu:com.acme/just_ints/jsonschema/1-0-0","data":{"integerField":2}})");
  return made.tsv();
}

inline std::string transaction_item() {
  EnrichedEvent made = event("test-data2", "transaction_item");
  made[Column::event] = "transaction_item";
  made[Column::event_id] = "5071169f-3050-473f-b03f-9748319b1ef2";
  made[Column::collector_tstamp] = "2019-05-10 14:40:30.000";
  made[Column::ti_price] = "1000000";
  made[Column::dvce_ismobile] = "1";
  return made.tsv();
}

/// A page view of test-data3 whose yauaa entity holds test1.test2[0].test3 = `value`.
inline std::string page_view(std::string_view value = R"("testValue")") {
  EnrichedEvent made = event("test-data3", "page_view");
  made[Column::event] = "page_view";
  made[Column::event_id] = "e8aef68d-8533-45c6-a672-26a0f01be9bd";
  made[Column::collector_tstamp] = "2019-05-10 14:40:29.576";
  made[Column::page_urlport] = "80";
  made[Column::contexts] =
      entities(yauaa(R"({"test1":{"test2":[{"test3":)" + std::string(value) + "}]}}"));
  return made.tsv();
}

/// `blocks` are `use` blocks or whole transform blocks.
inline Result<Chain> chain(std::string_view blocks, const Files& files = {}) {
  const bool whole = blocks.find("transform {") != blocks.npos;
  const std::string text =
      whole ? std::string(blocks) : "transform {\n" + std::string(blocks) + "\n}\n";
  LVP_TRY(const Configuration configuration,
          read_configuration(text, "test.hcl", [](std::string_view) { return std::nullopt; }));
  return Chain::compile(configuration, files);
}

/// What became of one message: its data, or "filtered", or "failed: " and why.
inline std::string became(Chain& chain, Message& message) {
  const Outcome outcome = chain.apply(message);
  if (outcome.verdict == Verdict::filtered) return "filtered";
  if (outcome.verdict == Verdict::failed) return "failed: " + outcome.reason;
  return message.data;
}

inline std::string became(std::string_view blocks, std::string_view data) {
  auto made = chain(blocks);
  if (!made) return made.error().what;
  Message message{std::string(data), "some-key"};
  return became(*made, message);
}

}  // namespace lvp::bridge::made_up
