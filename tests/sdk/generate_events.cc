// Prints made-up enriched events of every kind, two lines each: the event, and the same as
// analytics JSON with geo_location. What one pair of COUNT and SEED prints is always the same.
//
//   generate_events COUNT SEED
//
// One half went through the enricher, as payload_data of a tracker; of the other half each column
// was set by itself, to anything its type allows.

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "enrich/enrich.h"
#include "iglu/resolver.h"
#include "wire/analytics_json.h"
#include "wire/collector_payload.h"
#include "wire/enriched_event.h"
#include "wire/json.h"

namespace lvp {
namespace {

using namespace std::string_view_literals;

const Timestamp now = *parse_timestamp("2026-05-01 08:00:00.120");

// ---- Made-up values ----

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool once_in(std::size_t times) { return below(times) == 0; }

  template <std::size_t size>
  std::string_view one_of(const std::array<std::string_view, size>& choices) {
    return choices[below(size)];
  }

  /// Valid UTF-8 without tabs and controls; not empty, at most `units_max` UTF-16 units.
  std::string text(std::size_t units_max) {
    static constexpr std::array pieces{"a"sv,
                                       "Z"sv,
                                       "7"sv,
                                       " "sv,
                                       "\xc3\xa9"sv,
                                       "\xe6\x97\xa5"sv,
                                       "\xf0\x9f\x98\x80"sv,
                                       "\""sv,
                                       "\\"sv,
                                       "/"sv,
                                       "<b>&'"sv,
                                       "%20"sv,
                                       "\\u0041"sv,
                                       "\xe2\x80\xa8"sv,
                                       "\xc2\x85"sv,
                                       "\xc2\xa0"sv,
                                       "{\"k\":[1,2]}"sv,
                                       ","sv,
                                       "null"sv,
                                       "\xd7\xa9"sv,
                                       "e\xcc\x81"sv,
                                       "\xef\xbf\xbd"sv};
    const std::size_t count = 1 + (once_in(40) ? below(2000) : below(12));
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += one_of(pieces);
    return std::string(utf16_prefix("x" + text, units_max));
  }

  std::string_view number() {
    static constexpr std::array numbers{"0"sv,
                                        "-0"sv,
                                        "1.50"sv,
                                        "-12.5"sv,
                                        "1e2"sv,
                                        "1E-7"sv,
                                        "0.1"sv,
                                        "596.474195"sv,
                                        "1e21"sv,
                                        "123456"sv,
                                        "0.10000"sv,
                                        "-2147483648"sv,
                                        "9007199254740993"sv,
                                        "9223372036854775807"sv};
    return one_of(numbers);
  }

  std::string timestamp() {
    constexpr std::uint64_t year_0 = 62'167'219'200'000;  // before 1970
    constexpr std::uint64_t years_0_to_9999 = year_0 + 253'402'300'800'000;
    const std::uint64_t ms = once_in(10) ? random_() % years_0_to_9999
                                         : year_0 + 1'700'000'000'000 + below(10'000'000'000);
    const std::uint64_t whole = once_in(5) ? ms / 1000 * 1000 : ms;
    return snowplow_text(
        from_ms(static_cast<std::int64_t>(whole) - static_cast<std::int64_t>(year_0)));
  }

  void value(json::Writer& out, std::size_t depth) {
    switch (below(depth == 0 ? 5 : 7)) {
      case 0:
        out.null();
        return;
      case 1:
        out.boolean(once_in(2));
        return;
      case 2:
        out.raw(number());
        return;
      case 3:
        out.string(text(4000));
        return;
      case 4:
        out.string(once_in(3) ? "" : "tab\tline\nnull\x7f");
        return;
      case 5:
        out.begin_array();
        for (std::size_t i = below(4); i > 0; --i) value(out, depth - 1);
        out.end_array();
        return;
      default:
        object(out, depth - 1);
    }
  }

  void object(json::Writer& out, std::size_t depth) {
    static constexpr std::array names{"a"sv,    "camelCase"sv, "with space"sv,
                                      "$x.y"sv, "q\"k\\"sv,    "\xd0\xba\xd0\xbb"sv};
    out.begin_object();
    const std::size_t count = below(6);
    for (std::size_t i = 0; i < count; ++i) {
      out.key(fmt::format("{}{}", one_of(names), i));
      value(out, depth);
    }
    out.end_object();
  }

  /// Self-describing JSON of a schema that may be unknown.
  void described(json::Writer& out) {
    static constexpr std::array vendors{"com.acme"sv, "org.w3"sv, "com.acme-corp.x"sv,
                                        "Com.Acme_2"sv};
    static constexpr std::array names{"click"sv,       "PerformanceTiming"sv, "my-event"sv,
                                      "HTMLElement"sv, "IN_APP_MESSAGE"sv,    "camelCaseName"sv};
    static constexpr std::array models{"1"sv, "2"sv, "10"sv};
    out.begin_object().key("schema").string(fmt::format("iglu:{}/{}/jsonschema/{}-{}-{}",
                                                        one_of(vendors), one_of(names),
                                                        one_of(models), below(3), below(12)));
    out.key("data");
    object(out, 3);
    out.end_object();
  }

 private:
  std::mt19937_64 random_;
};

std::string envelope(std::string_view name, std::string_view data) {
  return fmt::format(R"({{"schema":"iglu:com.snowplowanalytics.snowplow/{}","data":{}}})", name,
                     data);
}

std::string event_envelope(std::string_view data) {
  return envelope("unstruct_event/jsonschema/1-0-0", data);
}
std::string entities_envelope(std::string_view data) {
  return envelope("contexts/jsonschema/1-0-1", data);
}

// ---- Events of which each column was set by itself ----

std::string json_column(Maker& make, Column column) {
  json::Writer out;
  if (column == Column::unstruct_event) {
    make.described(out);
    return event_envelope(out.text());
  }
  out.begin_array();
  for (std::size_t i = make.once_in(30) ? 100 : make.below(5); i > 0; --i) make.described(out);
  return entities_envelope(out.end_array().text());
}

std::string column_text(Maker& make, Column column) {
  static constexpr std::array decimals{
      "0"sv, "12.50"sv, "-0.001"sv, "1E-7"sv, "1.5E-9"sv, "1000000"sv, "123456789.123456789"sv};
  static constexpr std::array integers{"0"sv, "-1"sv, "2147483647"sv, "-2147483648"sv, "24"sv};
  switch (info(column).type) {
    case ColumnType::text:
      return make.text(info(column).units_max);
    case ColumnType::timestamp:
      return make.timestamp();
    case ColumnType::integer:
      return std::string(make.one_of(integers));
    case ColumnType::decimal:
    case ColumnType::real:
      return std::string(make.one_of(decimals));
    case ColumnType::boolean:
      return make.once_in(2) ? "0" : "1";
    case ColumnType::json:
      return json_column(make, column);
  }
  return {};
}

std::string any_event(Maker& make) {
  const std::size_t sparsity = 1 + make.below(6);
  EnrichedEvent event;
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto column = static_cast<Column>(i);
    if (make.once_in(sparsity)) event[column] = column_text(make, column);
  }
  return event.tsv();
}

// ---- Events of a tracker ----

constexpr std::array entities{
    R"({"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{"id":"b7272b85-472b-493a-91f1-734e138ef09a"}})"sv,
    R"({"schema":"iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0","data":{"currentTime":30.50,"paused":false,"ended":false,"label":"F\u00fc\u00dfe \ud83d\ude00","duration":596.474195,"muted":false,"loop":false,"playbackRate":1.0,"volume":100}})"sv,
    R"({"schema":"iglu:com.snowplowanalytics.snowplow.media/session/jsonschema/1-0-0","data":{"mediaSessionId":"e3a82b1d-e44e-4bbf-a797-672b4e879af3","startedAt":"2024-11-16T13:33:23.276Z","contentWatched":1}})"sv,
    R"({"schema":"iglu:org.w3/PerformanceTiming/jsonschema/1-0-0","data":{"navigationStart":1415358089861,"redirectStart":0}})"sv};

constexpr std::array events{
    R"({"schema":"iglu:com.snowplowanalytics.snowplow.media/play_event/jsonschema/1-0-0","data":{}})"sv,
    R"({"schema":"iglu:com.snowplowanalytics.snowplow.media/percent_progress_event/jsonschema/1-0-0","data":{"percentProgress":25}})"sv,
    R"({"schema":"iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1","data":{ "targetUrl": "http:\/\/x.org\/?a=\"b\"", "elementClasses": ["a", "\u00e9"] }})"sv};

using Fields = std::vector<std::pair<std::string, std::string>>;

Fields tracker_event(Maker& make) {
  static constexpr std::array types{"pv"sv, "pp"sv, "se"sv, "ue"sv, "tr"sv, "ti"sv};
  static constexpr std::array urls{"http://localhost:3000/media"sv,
                                   "https://example.org:8443/a%20b/c?q=1&_sp=u.1415358089861#f"sv,
                                   "https://example.org/ with space?utm_source=x"sv};
  static constexpr std::array texts{"aid"sv,   "tna"sv,   "uid"sv,   "page"sv,  "lang"sv, "ua"sv,
                                    "se_ca"sv, "se_ac"sv, "se_la"sv, "tr_id"sv, "ti_na"sv};
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> others{
      {{"dtm", "1731764009114"},
       {"stm", "1731764009169"},
       {"tz", "Europe/Lisbon"},
       {"vp", "1600x773"},
       {"ds", "1827x756"},
       {"res", "1600x900"},
       {"se_va", "12.50"},
       {"tr_tt", "1E-7"},
       {"ti_pr", "20"},
       {"ti_qu", "-3"},
       {"cookie", "1"},
       {"vid", "2"}}};
  constexpr std::size_t units_max = 100;  // of the shortest of these columns
  const std::string_view type = make.one_of(types);
  Fields fields{{"e", std::string(type)},
                {"p", "web"},
                {"tv", make.text(units_max)},
                {"url", std::string(make.one_of(urls))}};
  for (const std::string_view name : texts)
    if (make.once_in(2)) fields.emplace_back(name, make.text(units_max));
  for (const auto& [name, value] : others)
    if (make.once_in(2)) fields.emplace_back(name, value);
  if (type == "ue") fields.emplace_back("ue_pr", event_envelope(make.one_of(events)));
  if (make.once_in(3)) return fields;
  std::string list;
  for (std::size_t i = make.below(5); i > 0; --i)
    list += fmt::format("{}{}", list.empty() ? "" : ", ", make.one_of(entities));
  fields.emplace_back("co", entities_envelope(fmt::format("[{}]", list)));
  return fields;
}

std::string tracker_record(Maker& make) {
  CollectorPayload payload;
  payload.ip_address = "203.0.113.9";
  payload.timestamp_ms = to_ms(now);
  payload.collector = "lvp-collect";
  payload.path = "/com.snowplowanalytics.snowplow/tp2";
  payload.content_type = "application/json";
  payload.network_userid = "d8aae409-b64d-40c0-99d7-5324fcb27735";
  json::Writer body;
  body.begin_object();
  body.key("schema").string("iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4");
  body.key("data").begin_array().begin_object();
  for (const auto& [name, value] : tracker_event(make)) body.key(name).string(value);
  payload.body = body.end_object().end_array().end_object().take();
  return encode(payload);
}

// ---- Printing ----

class Printer {
 public:
  bool print(std::string_view line) {
    const auto json = writer_.write(*EnrichedView::parse(line));
    if (!json) {
      fmt::print(stderr, "{}\n{}\n", json.error().what, line);
      return false;
    }
    fmt::print("{}\n{}\n", line, *json);
    return true;
  }

 private:
  AnalyticsJson writer_{GeoLocation::added};
};

int run(std::size_t count, std::uint64_t seed) {
  auto registry = iglu::Registry::embedded();
  if (!registry) return 1;
  iglu::Resolver resolver(std::move(*registry), {});
  enrich::Enricher enricher(resolver, enrich::Settings{});
  const auto new_id = [] { return std::string("15928a51-c999-4185-bf40-796886441149"); };
  Maker make(seed);
  Printer printer;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 2 == 0) {
      if (!printer.print(any_event(make))) return 1;
      continue;
    }
    const enrich::Outcome outcome = enricher.enrich(tracker_record(make), now, new_id);
    if (outcome.good.size() != 1) {
      fmt::print(stderr, "refused: {}\n", outcome.bad.empty() ? "" : outcome.bad.front());
      return 1;
    }
    if (!printer.print(outcome.good.front().tsv)) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace lvp

int main(int argc, char** argv) {
  const auto count = lvp::parse_int64(argc == 3 ? argv[1] : "");
  const auto seed = lvp::parse_int64(argc == 3 ? argv[2] : "");
  if (!count || !seed || *count < 0) {
    fmt::print(stderr, "usage: generate_events COUNT SEED\n");
    return 2;
  }
  return lvp::run(static_cast<std::size_t>(*count), static_cast<std::uint64_t>(*seed));
}
