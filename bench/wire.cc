// What the wire's formats cost, beside a copy of the same bytes.
//
//   bench_wire FILE.tsv [--benchmark_filter=REGEX] …      (flags of Google Benchmark)
//
// FILE.tsv: a line of the enriched stream on each line; their media events make the records of the
// other formats. Of each format all records are encoded, decoded and copied; the columns are bytes
// and records a second.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/bridge.h"
#include "wire/collector_payload.h"
#include "wire/enriched_event.h"
#include "wire/json.h"
#include "wire/media_event.h"
#include "wire/update.h"

namespace lvp {
namespace {

using Records = std::vector<std::string>;

template <class Run>
void measure(std::string name, const Records& records, Run run) {
  std::size_t bytes = 0;
  for (const std::string& record : records) bytes += record.size();
  benchmark::RegisterBenchmark(name.c_str(), [&records, bytes, run](benchmark::State& state) {
    for ([[maybe_unused]] const auto _ : state) {
      for (std::size_t i = 0; i < records.size(); ++i) run(i);
    }
    const auto rounds = static_cast<std::size_t>(state.iterations());
    state.SetBytesProcessed(static_cast<std::int64_t>(rounds * bytes));
    state.SetItemsProcessed(static_cast<std::int64_t>(rounds * records.size()));
  });
}

// The floor: memcpy() of a record's bytes into a string of its own.
void measure_copy(const std::string& format, const Records& records) {
  measure(format + "/copy", records,
          [&records](std::size_t i) { benchmark::DoNotOptimize(std::string(records[i])); });
}

Records payloads, lines, media, updates;

// Of each media event its line, its record, an update, and a request with the line as its body.
void make(const Records& enriched) {
  bridge::Bridge bridge;
  for (const std::string& line : enriched) {
    const auto mapped = bridge.map(line);
    if (!mapped || !*mapped) continue;
    lines.push_back(line);
    media.push_back((*mapped)->value);
    updates.push_back(
        encode_update(UpdateKind::profile, "0", "00000000000000000042", (*mapped)->value));
    CollectorPayload payload;
    payload.ip_address = "203.0.113.9";
    payload.timestamp_ms = 1'731'764'009'170;
    payload.collector = "lvp-collect-0.1.0";
    payload.user_agent = "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0.0.0 Safari/537.36";
    payload.path = "/com.snowplowanalytics.snowplow/tp2";
    payload.headers = {"Host: collector.example.org", "Accept: */*", "application/json"};
    payload.content_type = "application/json";
    payload.hostname = "collector.example.org";
    payload.network_userid = "d8aae409-b64d-40c0-99d7-5324fcb27735";
    payload.body = line;
    payloads.push_back(encode(payload));
  }
}

void measure_payloads() {
  measure("payload/decode", payloads,
          [](std::size_t i) { benchmark::DoNotOptimize(decode_collector_payload(payloads[i])); });
  static std::vector<CollectorPayload> decoded;
  for (const std::string& bytes : payloads) decoded.push_back(*decode_collector_payload(bytes));
  measure("payload/encode", payloads,
          [](std::size_t i) { benchmark::DoNotOptimize(encode(decoded[i])); });
  measure_copy("payload", payloads);
}

void measure_enriched() {
  measure("enriched/decode", lines,
          [](std::size_t i) { benchmark::DoNotOptimize(EnrichedView::parse(lines[i])); });
  static std::vector<EnrichedEvent> events;
  for (const std::string& line : lines) {
    const auto view = EnrichedView::parse(line);
    EnrichedEvent& event = events.emplace_back();
    for (std::size_t column = 0; column < column_count; ++column) {
      const std::string_view text = (*view)[static_cast<Column>(column)];
      if (!text.empty()) event[static_cast<Column>(column)] = text;
    }
  }
  measure("enriched/encode", lines,
          [](std::size_t i) { benchmark::DoNotOptimize(events[i].tsv()); });
  measure_copy("enriched", lines);
}

// How a media record is made of an event is bench_bridge's.
void measure_media() {
  static json::Parser parser;
  measure("media/decode", media,
          [](std::size_t i) { benchmark::DoNotOptimize(decode_media_event(media[i], parser)); });
  measure_copy("media", media);
}

// The payload is a media record, which is about as long as a profile and as opaque.
void measure_updates() {
  measure("update/decode", updates,
          [](std::size_t i) { benchmark::DoNotOptimize(decode_update(updates[i])); });
  static std::vector<Update> decoded;
  for (const std::string& bytes : updates) decoded.push_back(*decode_update(bytes));
  measure("update/encode", updates,
          [](std::size_t i) { benchmark::DoNotOptimize(encode(decoded[i])); });
  measure_copy("update", updates);
}

}  // namespace
}  // namespace lvp

int main(int argc, char** argv) {
  using namespace lvp;
  benchmark::Initialize(&argc, argv);
  if (argc != 2) {
    std::fputs("usage: bench_wire FILE.tsv [--benchmark_…]\n", stderr);
    return 2;
  }
  std::ifstream file(argv[1]);
  Records enriched;
  for (std::string line; std::getline(file, line);) enriched.push_back(line);
  make(enriched);
  if (lines.empty()) {
    std::fputs("no media events in FILE\n", stderr);
    return 1;
  }
  measure_payloads();
  measure_enriched();
  measure_media();
  measure_updates();
  benchmark::RunSpecifiedBenchmarks();
}
