// What it costs to check parsed JSON against its schema, as enrichment does for every entity and
// event of every request: bench_validate --benchmark_min_time=1
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "iglu/registry.h"

namespace lvp::iglu {
namespace {

struct Sample {
  const char* name;
  std::string_view uri;
  std::string_view data;
};

// As the browser tracker 4.6 sends them.
constexpr Sample samples[] = {
    {"media_player", "iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0",
     R"({"currentTime":12.482917,"duration":596.474195,"ended":false,"fullscreen":false,)"
     R"("livestream":false,"label":"Big Buck Bunny","loop":false,"mediaType":"video",)"
     R"("muted":false,"paused":false,"pictureInPicture":false,"playbackRate":1,)"
     R"("playerType":"org.whatwg-video_element","quality":"1280x720","volume":100})"},
    {"media_session", "iglu:com.snowplowanalytics.snowplow.media/session/jsonschema/1-0-0",
     R"({"mediaSessionId":"f3a0b3cc-7a4b-4c5e-9c1d-0f0c8a1f2b3d",)"
     R"("startedAt":"2026-05-01T08:00:00.120Z","pingInterval":30,"timePlayed":12.4,)"
     R"("timePlayedMuted":0,"timePaused":0,"contentWatched":12.4,"timeBuffering":0.3,)"
     R"("timeSpentAds":0,"ads":0,"adsClicked":0,"adsSkipped":0,"adBreaks":0,"avgPlaybackRate":1})"},
    {"web_page", "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0",
     R"({"id":"143f9cb9-3db9-4e99-8d67-c8aea075d190"})"},
    {"ping_event", "iglu:com.snowplowanalytics.snowplow.media/ping_event/jsonschema/1-0-0", "{}"},
    {"unstruct_event", "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",
     R"({"schema":"iglu:com.snowplowanalytics.snowplow.media/ping_event/jsonschema/1-0-0",)"
     R"("data":{}})"},
};

const Registry& registry() {
  static const Result<Registry> made = Registry::embedded();
  return *made;
}

void check(benchmark::State& state, const Sample& sample) {
  json::Parser parser;
  const auto value = parser.parse(sample.data);
  const Schema* schema = registry().find(sample.uri);
  if (!value || schema == nullptr || !schema->check(*value).empty())
    return state.SkipWithError("the sample is not valid");
  for (auto _ : state) benchmark::DoNotOptimize(schema->check(*value));
}

void find(benchmark::State& state, const Sample& sample) {
  for (auto _ : state) benchmark::DoNotOptimize(registry().find(sample.uri));
}

void parse(benchmark::State& state, const Sample& sample) {
  json::Parser parser;
  for (auto _ : state) benchmark::DoNotOptimize(parser.parse(sample.data));
}

}  // namespace
}  // namespace lvp::iglu

int main(int argc, char** argv) {
  using namespace lvp::iglu;
  for (const Sample& sample : samples) {
    const std::string name = sample.name;
    benchmark::RegisterBenchmark(("check/" + name).c_str(), check, sample);
    benchmark::RegisterBenchmark(("find/" + name).c_str(), find, sample);
    benchmark::RegisterBenchmark(("parse/" + name).c_str(), parse, sample);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
