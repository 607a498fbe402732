// What the collector's rules cost a request: from its parsed HTTP to an answer and Thrift bytes.
//
//   bench_accept [--benchmark_filter=REGEX] …      (flags of Google Benchmark)
//
// The requests are a browser's, with a dozen headers and the cookies of a returning viewer: one
// event of 2 kB, twenty events of 20 kB in all, the same with accents, and a pixel.

#include <benchmark/benchmark.h>

#include <string>

#include "base/uuid.h"
#include "collect/collect.h"

namespace lvp::collect {
namespace {

constexpr Timestamp now = from_ms(1735689600000);
constexpr std::string_view cookies =
    "_sp_ses.1fff=*; _sp_id.1fff=8d4ef1a1-4c1c-4b1a-9f6e-6f0a2c6f3f10.1735689000.3.1735689600."
    "1735600000.0c5e9b0c-6a5f-4c1e-9d53-3b2f5c0a8f11; sp=1a1f0c2e-8f5b-4a6e-8c57-5a1b2c3d4e5f";

// A body of `events` events, `event_bytes` each; `text` is what fills them.
std::string body(std::size_t events, std::size_t event_bytes, std::string_view text) {
  std::string made =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[)";
  for (std::size_t i = 0; i < events; ++i) {
    if (i > 0) made += ',';
    const std::size_t end = made.size() + event_bytes - 2;
    made += R"({"e":"ue","p":"web","tv":"js-4.6.6","stm":"1735689600000","ue_pr":")";
    while (made.size() < end) made += text;
    made += "\"}";
  }
  return made + "]}";
}

http::Request request(std::string_view method, std::string_view target, std::string_view body,
                      std::string_view body_bytes) {
  http::Request made{method,
                     target,
                     {{"Host", "collector.example.com"},
                      {"Connection", "keep-alive"},
                      {"Content-Length", body_bytes},
                      {"User-Agent",
                       "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, "
                       "like Gecko) Chrome/131.0.0.0 Safari/537.36"},
                      {"Content-Type", "application/json; charset=UTF-8"},
                      {"Accept", "*/*"},
                      {"Origin", "https://www.example.com"},
                      {"Sec-Fetch-Site", "same-site"},
                      {"Sec-Fetch-Mode", "cors"},
                      {"Referer", "https://www.example.com/watch/bugs-bunny?autoplay=1"},
                      {"Accept-Encoding", "gzip, deflate, br, zstd"},
                      {"Accept-Language", "en-US,en;q=0.9"},
                      {"X-Forwarded-For", "203.0.113.7"},
                      {"Cookie", cookies}},
                     body,
                     "10.0.0.1"};
  return made;
}

void run(benchmark::State& state, const http::Request& made) {
  const Settings settings;
  const NewUuid new_id = random_uuid;
  for ([[maybe_unused]] const auto _ : state)
    benchmark::DoNotOptimize(accept(made, now, new_id, settings));
  state.SetItemsProcessed(state.iterations());
}

void post(benchmark::State& state, std::size_t events, std::string_view text) {
  const std::string sent = body(events, events == 1 ? 1'900 : 1'000, text);
  const std::string bytes = std::to_string(sent.size());
  run(state, request("POST", "/com.snowplowanalytics.snowplow/tp2", sent, bytes));
}

void pixel(benchmark::State& state) {
  run(state, request("GET",
                     "/i?stm=1735689600000&e=pv&url=https%3A%2F%2Fwww.example.com%2Fwatch&page="
                     "Bugs%20Bunny&tv=js-4.6.6&tna=sp&aid=shop&p=web&cookie=1&cs=UTF-8&lang=en-US&"
                     "res=1920x1080&cd=24&tz=Europe%2FBerlin&dtm=1735689599000&vp=1200x800&"
                     "eid=8d4ef1a1-4c1c-4b1a-9f6e-6f0a2c6f3f10",
                     "", "0"));
}

constexpr std::string_view ascii = R"(\"percentProgress\":25,)";
constexpr std::string_view accents = "\\\"titre\\\":\\\"Caf\xc3\xa9 cr\xc3\xa8me\\\",";

BENCHMARK_CAPTURE(post, 2kB, 1, ascii);
BENCHMARK_CAPTURE(post, 2kB_accents, 1, accents);
BENCHMARK_CAPTURE(post, 20kB, 20, ascii);
BENCHMARK(pixel);

}  // namespace
}  // namespace lvp::collect

BENCHMARK_MAIN();
