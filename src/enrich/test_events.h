// For tests: requests as trackers make them, and an enricher whose answers are easy to look into.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "enrich/enrich.h"
#include "wire/base64.h"
#include "wire/collector_payload.h"
#include "wire/json_text.h"

namespace lvp::enrich {

inline constexpr std::string_view event_schema =
    "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0";
inline constexpr std::string_view entities_schema =
    "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1";
inline constexpr std::string_view atomic_schema =
    "iglu:com.snowplowanalytics.snowplow/atomic/jsonschema/1-0-0";
inline constexpr std::string_view web_page =
    R"({"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0",)"
    R"("data":{"id":"b7272b85-472b-493a-91f1-734e138ef09a"}})";
inline constexpr std::string_view collector_id = "5c2e6a4e-6c3b-4b0e-9a43-1f6f5a7f2f11";
inline constexpr std::string_view made_id = "00000000-0000-4000-8000-000000000001";

inline const Timestamp now = *parse_timestamp("2026-05-01 08:00:00.120");
inline const Timestamp received = *parse_timestamp("2014-04-29 09:00:54.000");

inline std::string self_describing(std::string_view schema, std::string_view data) {
  return fmt::format(R"({{"schema":"{}","data":{}}})", schema, data);
}

inline std::string entities(std::string_view list) {
  return self_describing(entities_schema, fmt::format("[{}]", list));
}

using Fields = std::vector<std::pair<std::string, std::string>>;

inline std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return out;
}

inline std::string query(const Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields)
    text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, percent_encoded(value));
  return text;
}

inline CollectorPayload pixel(const Fields& fields) {
  CollectorPayload payload;
  payload.ip_address = "203.0.113.9";
  payload.timestamp_ms = to_ms(received);
  payload.collector = "lvp-collect-0.1.0";
  payload.path = "/i";
  payload.querystring = query(fields);
  payload.network_userid = collector_id;
  return payload;
}

inline std::string url_base64(std::string_view bytes) {
  std::string text = base64_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

// A payload_data body with these events, as a browser tracker posts it.
inline CollectorPayload post(const std::vector<Fields>& events) {
  CollectorPayload payload = pixel({});
  payload.path = "/com.snowplowanalytics.snowplow/tp2";
  payload.querystring = std::nullopt;
  payload.content_type = "application/json; charset=UTF-8";
  json::Writer body;
  body.begin_object();
  body.key("schema").string("iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4");
  body.key("data").begin_array();
  for (const Fields& fields : events) {
    body.begin_object();
    for (const auto& [name, value] : fields) body.key(name).string(value);
    body.end_object();
  }
  payload.body = body.end_array().end_object().take();
  return payload;
}

/// A configuration with these parameters, JSON.
inline std::string configuration_text(std::string_view name_and_version,
                                      std::string_view parameters, bool enabled = true) {
  const auto parts = split(name_and_version, '/');
  return fmt::format(
      R"({{"schema":"iglu:{}/{}/jsonschema/{}","data":{{"vendor":"{}","name":"{}","enabled":{},)"
      R"("parameters":{}}}}})",
      parts.at(0), parts.at(1), parts.at(2), parts.at(0), parts.at(1), enabled, parameters);
}

inline Configuration configuration(std::string_view name_and_version, std::string_view parameters) {
  return *Configuration::parse({"file.json", configuration_text(name_and_version, parameters)});
}

class Enrich : public testing::Test {
 protected:
  Enrich() : resolver_(*iglu::Registry::embedded(), {}) {}

  Outcome run_bytes(std::string_view record, Settings settings = {}) {
    return Enricher(resolver_, std::move(settings), enrichments_).enrich(record, now, [] {
      return std::string(made_id);
    });
  }
  /// Enriches with this configuration from now on.
  void use(std::string_view name_and_version, std::string_view parameters,
           const Assets& assets = {}) {
    const NamedText file{"file.json", configuration_text(name_and_version, parameters)};
    auto loaded = Enrichments::load({&file, 1}, assets);
    ASSERT_TRUE(loaded) << loaded.error().what;
    enrichments_ = std::make_shared<const Enrichments>(std::move(*loaded));
  }

  Outcome run(const CollectorPayload& payload, Settings settings = {}) {
    return run_bytes(encode(payload), std::move(settings));
  }

  // The columns of the one good event. The view lives until the next call.
  EnrichedView good(const CollectorPayload& payload, Settings settings = {}) {
    last_ = run(payload, std::move(settings));
    EXPECT_EQ(last_.good.size(), 1u);
    EXPECT_TRUE(last_.bad.empty()) << last_.bad.front();
    if (last_.good.size() != 1) return {};
    return EnrichedView::parse(last_.good[0].tsv).value_or(EnrichedView{});
  }

  struct Refused {
    std::string type;  // "schema_violations"
    std::vector<std::string> messages;
    json::Value data;
  };

  // The one bad row. The values live until the next call.
  Refused bad(const CollectorPayload& payload, Settings settings = {}) {
    last_ = run(payload, std::move(settings));
    return read_bad();
  }

  Refused read_bad() {
    EXPECT_TRUE(last_.good.empty());
    EXPECT_EQ(last_.bad.size(), 1u);
    if (last_.bad.size() != 1) return {};
    const auto row = parser_.parse(last_.bad[0]);
    EXPECT_TRUE(row) << last_.bad[0];
    if (!row) return {};
    Refused refused;
    refused.type = split((*row)["schema"].string().value_or("/"), '/')[1];
    refused.data = (*row)["data"];
    const std::string_view failure =
        *json::raw_member(*json::raw_member(last_.bad[0], "data"), "failure");
    for (const auto text :
         json::raw_elements(json::raw_member(failure, "messages").value_or("[]"))) {
      refused.messages.emplace_back(text);
    }
    return refused;
  }

  // The failure entities in a bad row's event.
  static std::vector<std::string> failure_entities(const Refused& refused) {
    const auto contexts = refused.data["payload"]["enriched"]["derived_contexts"].string();
    std::vector<std::string> texts;
    if (!contexts) return texts;
    for (const auto text : json::raw_elements(*json::raw_member(*contexts, "data")))
      texts.emplace_back(text);
    return texts;
  }

  iglu::Resolver resolver_;
  std::shared_ptr<const Enrichments> enrichments_ = std::make_shared<const Enrichments>();
  json::Parser parser_;
  Outcome last_;
};

using Texts = std::vector<std::string>;

}  // namespace lvp::enrich
