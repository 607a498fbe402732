// What one core bridges: the native mapping, and the same eight fields by a user's script.
//
//   bench_bridge FILE [--benchmark_filter=REGEX] …      (flags of Google Benchmark)
//
// FILE holds enriched events, one a line: tests/data/bugs_bunny.tsv. Of it the media events are the
// load, so every number is for an event that is mapped; `all` has the others, too. Run it from the
// project's folder: the script is config/bridge/viewers.js.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "bridge/bridge.h"
#include "bridge/chain.h"
#include "bridge/configuration.h"

namespace lvp::bridge {
namespace {

using Lines = std::vector<std::string>;

Lines load, media_load;

void count(benchmark::State& state, std::size_t bytes) {
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

void map_natively(benchmark::State& state, const Lines& lines) {
  Bridge bridge;
  std::size_t at = 0;
  std::size_t bytes = 0;
  for (auto _ : state) {
    const std::string& line = lines[at++ % lines.size()];
    auto media = bridge.map(line);
    benchmark::DoNotOptimize(media);
    bytes += line.size();
  }
  count(state, bytes);
}

Chain compile(std::string_view text) {
  const auto configuration =
      read_configuration(text, "bench", [](std::string_view name) -> std::optional<std::string> {
        if (name == "BRIDGE_SCRIPT") return "config/bridge/viewers.js";
        return std::nullopt;
      });
  auto chain = Chain::compile(*configuration, [](std::string_view path) -> Result<std::string> {
    std::ostringstream read;
    read << std::ifstream(std::string(path)).rdbuf();
    return read.str();
  });
  return std::move(*chain);
}

void apply_chain(benchmark::State& state, std::string_view configuration) {
  Chain chain = compile(configuration);
  std::size_t at = 0;
  std::size_t bytes = 0;
  Message message;
  for (auto _ : state) {
    const std::string& line = media_load[at++ % media_load.size()];
    message.data = line;
    auto outcome = chain.apply(message);
    if (outcome.verdict == Verdict::failed) state.SkipWithError(outcome.reason.c_str());
    bytes += line.size();
  }
  count(state, bytes);
}

constexpr std::string_view filter = R"(transform {
  use "spEnrichedFilter" {
    atomic_field  = "event_name"
    regex         = "^(play|pause|ping|end|ad_break.*)_event$"
    filter_action = "keep"
  }
})";
constexpr std::string_view to_json = R"(transform {
  use "spEnrichedToJson" {}
})";
constexpr std::string_view script = R"(transform {
  use "js" {
    script_path   = env.BRIDGE_SCRIPT
    snowplow_mode = true
  }
})";
constexpr std::string_view script_of_all = R"(transform {
  use "js" {
    script        = "function main(input) { return input }"
    snowplow_mode = true
  }
})";
constexpr std::string_view jq = R"(transform {
  use "jq" {
    jq_command    = "{event_id, event_name, collector_tstamp}"
    snowplow_mode = true
  }
})";

void register_all() {
  benchmark::RegisterBenchmark("native/media",
                               [](benchmark::State& s) { map_natively(s, media_load); });
  benchmark::RegisterBenchmark("native/all", [](benchmark::State& s) { map_natively(s, load); });
  for (const auto& [name, text] :
       {std::pair{"chain/filter", filter}, std::pair{"chain/to_json", to_json},
        std::pair{"chain/script", script}, std::pair{"chain/script_of_all", script_of_all},
        std::pair{"chain/jq", jq}})
    benchmark::RegisterBenchmark(name, [text](benchmark::State& s) { apply_chain(s, text); });
}

}  // namespace
}  // namespace lvp::bridge

int main(int argc, char** argv) {
  using namespace lvp::bridge;
  benchmark::Initialize(&argc, argv);
  if (argc != 2) {
    std::fputs("usage: bench_bridge FILE [--benchmark_…]\n", stderr);
    return 2;
  }
  std::ifstream file(argv[1]);
  Bridge bridge(Selection::accelerator);
  for (std::string line; std::getline(file, line);) {
    const auto media = bridge.map(line);
    if (media && *media) media_load.push_back(line);
    load.push_back(line);
  }
  if (media_load.empty()) {
    std::fputs("no media events in FILE\n", stderr);
    return 1;
  }
  register_all();
  benchmark::RunSpecifiedBenchmarks();
}
