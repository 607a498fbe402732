// What one core enriches, and what each step of it costs.
//
//   bench_enrich [--benchmark_filter=REGEX] …      (flags of Google Benchmark)
//
// The load is a browser's: media events with three entities (player, session, page) in payload_data
// bodies. `plain` bodies carry ue_pr and co, `base64` ones ue_px and cx; /1 and /10 are events in a
// body. Every number is per event, the columns being time and events a second.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "enrich/atomic_fields.h"
#include "enrich/enrich.h"
#include "enrich/page_url.h"
#include "enrich/self_describing_json.h"
#include "enrich/tracker_protocol.h"
#include "enrich/tracker_request.h"
#include "iglu/resolver.h"
#include "wire/base64.h"
#include "wire/collector_payload.h"
#include "wire/enriched_event.h"
#include "wire/json.h"
#include "wire/json_document.h"

namespace lvp::enrich {
namespace {

// ---- The load ----

const Timestamp received = *parse_timestamp("2024-11-16 13:33:29.170");

iglu::Resolver& resolver() {
  static iglu::Resolver schemas(*iglu::Registry::embedded(), {});
  return schemas;
}

std::string event_text() {
  return R"({"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","data":)"
         R"({"schema":"iglu:com.snowplowanalytics.snowplow.media/percent_progress_event/jsonschema/1-0-0",)"
         R"("data":{"percentProgress":25}}})";
}

// `at` makes texts differ from event to event, as playback positions do.
std::string entities_text(std::size_t at) {
  return fmt::format(
      R"({{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[)"
      R"({{"schema":"iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0","data":)"
      R"({{"currentTime":{}.112652,"paused":false,"ended":false,"label":"Bugs Bunny",)"
      R"("mediaType":"video","playerType":"html5","duration":596.474195,"muted":false,)"
      R"("loop":false,"playbackRate":1,"volume":100}}}},)"
      R"({{"schema":"iglu:com.snowplowanalytics.snowplow.media/session/jsonschema/1-0-0","data":)"
      R"({{"mediaSessionId":"e3a82b1d-e44e-4bbf-a797-672b4e879af3",)"
      R"("startedAt":"2024-11-16T13:33:23.276Z","contentWatched":{}}}}},)"
      R"({{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":)"
      R"({{"id":"b7272b85-472b-493a-91f1-734e138ef09a"}}}}]}})",
      at, at + 1);
}

std::string url_base64(std::string_view bytes) {
  std::string text = base64_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

Fields event_fields(std::size_t at, bool base64) {
  const auto json = [&](std::string_view text) {
    return base64 ? url_base64(text) : std::string(text);
  };
  return {{"e", "ue"},
          {"eid", fmt::format("15928a51-c999-4185-bf40-7968864{:05}", at)},
          {"tv", "js-4.6.0"},
          {"tna", "ns1"},
          {"aid", "tv-app"},
          {"p", "web"},
          {"cookie", "1"},
          {"cs", "UTF-8"},
          {"lang", "en-US"},
          {"res", "1600x900"},
          {"cd", "24"},
          {"tz", "Europe/Lisbon"},
          {"dtm", std::to_string(1731764009114 + static_cast<std::int64_t>(at))},
          {"vp", "1600x773"},
          {"ds", "1827x756"},
          {"vid", "2"},
          {"sid", "8ccfeb07-c10f-4e7a-9932-f24443264899"},
          {"duid", "143f9cb9-3db9-4e99-8d67-c8aea075d190"},
          {"uid", "viewer-4711"},
          {"refr", "http://localhost:3000/"},
          {"url", "http://localhost:3000/media?title=bugs-bunny&season=2"},
          {base64 ? "ue_px" : "ue_pr", json(event_text())},
          {base64 ? "cx" : "co", json(entities_text(at))},
          {"stm", std::to_string(1731764009169 + static_cast<std::int64_t>(at))}};
}

CollectorPayload payload(std::size_t events, bool base64) {
  CollectorPayload payload;
  payload.ip_address = "203.0.113.9";
  payload.timestamp_ms = to_ms(received);
  payload.collector = "lvp-collect-0.1.0";
  payload.user_agent =
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
      "Chrome/130.0.0.0 Safari/537.36";
  payload.referer_uri = "http://localhost:3000/";
  payload.path = "/com.snowplowanalytics.snowplow/tp2";
  payload.headers = {"Timeout-Access: <function1>",
                     "Host: collector.example.org",
                     "Accept: */*",
                     "Accept-Encoding: gzip, deflate, br",
                     "Origin: http://localhost:3000",
                     "Referer: http://localhost:3000/",
                     "User-Agent: " + *payload.user_agent,
                     "application/json"};
  payload.content_type = "application/json; charset=UTF-8";
  payload.hostname = "collector.example.org";
  payload.network_userid = "d8aae409-b64d-40c0-99d7-5324fcb27735";
  json::Writer body;
  body.begin_object();
  body.key("schema").string("iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4");
  body.key("data").begin_array();
  for (std::size_t at = 0; at < events; ++at) {
    body.begin_object();
    for (const auto& [name, value] : event_fields(at, base64)) body.key(name).string(value);
    body.end_object();
  }
  payload.body = body.end_array().end_object().take();
  return payload;
}

std::string new_id() {
  return "00000000-0000-4000-8000-000000000001";
}

void count_events(benchmark::State& state, std::size_t events) {
  const auto total = static_cast<std::size_t>(state.iterations()) * events;
  state.SetItemsProcessed(static_cast<std::int64_t>(total));
  state.counters["per_event"] = benchmark::Counter(
      static_cast<double>(total), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// ---- The whole ----

void whole(benchmark::State& state, bool base64) {
  const auto events = static_cast<std::size_t>(state.range(0));
  const std::string record = encode(payload(events, base64));
  Enricher enricher(resolver(), Settings{});
  for (auto _ : state) {
    const Outcome outcome = enricher.enrich(record, received, new_id);
    if (outcome.good.size() != events) state.SkipWithError("an event was refused");
    benchmark::DoNotOptimize(outcome.good.data());
  }
  count_events(state, events);
}
BENCHMARK_CAPTURE(whole, plain, false)->Arg(1)->Arg(10);
BENCHMARK_CAPTURE(whole, base64, true)->Arg(1)->Arg(10);

// ---- Its steps, for a request of one event ----

void step_request(benchmark::State& state) {
  const std::string record = encode(payload(1, false));
  TrackerRequest request;
  for (auto _ : state) benchmark::DoNotOptimize(open_request(record, request));
  count_events(state, 1);
}
BENCHMARK(step_request);

void step_body(benchmark::State& state, bool base64) {
  const auto request = *open_request(encode(payload(1, base64)));
  json::Parser parser;
  for (auto _ : state) benchmark::DoNotOptimize(read_events(request, resolver(), parser, received));
  count_events(state, 1);
}
BENCHMARK_CAPTURE(step_body, plain, false);
BENCHMARK_CAPTURE(step_body, base64, true);

void step_columns(benchmark::State& state, bool base64) {
  const auto request = *open_request(encode(payload(1, base64)));
  json::Parser parser;
  const auto raw = read_events(request, resolver(), parser, received);
  EnrichedEvent event;
  AtomicFields fields;
  for (auto _ : state) {
    event.clear();
    set_columns(raw->events.front(), event, fields);
    benchmark::DoNotOptimize(fields);
  }
  count_events(state, 1);
}
BENCHMARK_CAPTURE(step_columns, plain, false);
BENCHMARK_CAPTURE(step_columns, base64, true);

void step_base64(benchmark::State& state) {
  const std::string event = url_base64(event_text());
  const std::string entities = url_base64(entities_text(1));
  for (auto _ : state) {
    benchmark::DoNotOptimize(base64_decode(event));
    benchmark::DoNotOptimize(base64_decode(entities));
  }
  count_events(state, 1);
}
BENCHMARK(step_base64);

void step_json(benchmark::State& state) {
  const std::string event = event_text();
  const std::string entities = entities_text(1);
  json::Document event_document;
  json::Document entities_document;
  for (auto _ : state) {
    benchmark::DoNotOptimize(event_document.read(event));
    benchmark::DoNotOptimize(entities_document.read(entities));
  }
  count_events(state, 1);
}
BENCHMARK(step_json);

// The event, the list of entities and each entity.
void step_validation(benchmark::State& state) {
  json::Document event_document;
  json::Document entities_document;
  if (!event_document.read(event_text()) || !entities_document.read(entities_text(1)))
    return state.SkipWithError("the load is not JSON");
  std::vector<SelfDescribing> objects;
  objects.push_back(*read_self_describing(event_document.root(), resolver(), received));
  objects.push_back(*read_self_describing(objects.back().data, resolver(), received));
  objects.push_back(*read_self_describing(entities_document.root(), resolver(), received));
  for (const json::Value entity : objects.back().data.elements())
    objects.push_back(*read_self_describing(entity, resolver(), received));
  for (auto _ : state) {
    for (const SelfDescribing& object : objects)
      benchmark::DoNotOptimize(object.schema->schema->check(object.data));
  }
  count_events(state, 1);
}
BENCHMARK(step_validation);

// Both texts from the parameters to their columns: JSON, validation, ids.
void step_self_describing(benchmark::State& state) {
  const std::string event = event_text();
  const std::string entities = entities_text(1);
  const bad_row::Processor processor{"bench", "1"};
  const Reporter by{processor, received};
  SelfDescribingReader reader(resolver());
  Findings findings;
  for (auto _ : state) {
    EnrichedEvent columns;
    benchmark::DoNotOptimize(reader.read_event(event, by, columns, findings));
    benchmark::DoNotOptimize(reader.read_entities(entities, by, columns, findings));
  }
  if (!findings.failures.empty()) state.SkipWithError("the load is not valid");
  count_events(state, 1);
}
BENCHMARK(step_self_describing);

void step_urls(benchmark::State& state) {
  const bad_row::Processor processor{"bench", "1"};
  const Reporter by{processor, received};
  std::vector<Failure> failures;
  UrlMemory page_urls;
  UrlMemory referrers;
  for (auto _ : state) {
    EnrichedEvent event;
    event[Column::page_url] = "http://localhost:3000/media?title=bugs-bunny&season=2";
    event[Column::page_referrer] = "http://localhost:3000/";
    read_page_url(event, page_urls, by, failures);
    read_page_referrer(event, referrers, by, failures);
    benchmark::DoNotOptimize(event);
  }
  count_events(state, 1);
}
BENCHMARK(step_urls);

void step_print(benchmark::State& state) {
  Enricher enricher(resolver(), Settings{});
  const Outcome outcome = enricher.enrich(encode(payload(1, false)), received, new_id);
  const auto view = *EnrichedView::parse(outcome.good.front().tsv);
  EnrichedEvent event;
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto column = static_cast<Column>(i);
    event[column] = view[column];
  }
  for (auto _ : state) benchmark::DoNotOptimize(event.tsv());
  count_events(state, 1);
}
BENCHMARK(step_print);

}  // namespace
}  // namespace lvp::enrich

BENCHMARK_MAIN();
