#include "app/stream_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace lvp::app {
namespace {

constexpr std::array<std::pair<std::string_view, StreamEngine>, 4> schemes{{
    {"rocks:", StreamEngine::rocks},
    {"memory:", StreamEngine::memory},
    {"kafka:", StreamEngine::kafka},
    {"kinesis:", StreamEngine::kinesis},
}};

constexpr std::size_t topic_bytes_max = 249;    // Kafka's own limit
constexpr std::size_t kinesis_bytes_max = 128;  // Amazon's

bool is_name(std::string_view name, std::size_t bytes_max) {
  return name.size() <= bytes_max && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

}  // namespace

Result<StreamUrl> parse_stream_url(std::string_view text) {
  for (const auto& [scheme, engine] : schemes) {
    if (!text.starts_with(scheme)) continue;
    StreamUrl url{engine, std::string(text.substr(scheme.size()))};
    const bool has_no_name = engine == StreamEngine::rocks || engine == StreamEngine::memory;
    if (has_no_name && !url.name.empty())
      return invalid(fmt::format("\"{}\": nothing may follow {}", text, scheme));
    if (engine == StreamEngine::kinesis && url.name.empty())
      return invalid(fmt::format("\"{}\": kinesis: needs the name of the stream", text));
    if (!is_name(url.name, engine == StreamEngine::kafka ? topic_bytes_max : kinesis_bytes_max))
      return invalid(
          fmt::format("\"{}\": names are letters, digits and . _ - and not that long", text));
    return url;
  }
  return invalid(
      fmt::format("\"{}\" is not one of: rocks:, memory:, kafka:TOPIC, kinesis:STREAM", text));
}

bool is_on(StreamEngine engine, std::string_view url) {
  const auto parsed = parse_stream_url(url);
  return parsed && parsed->engine == engine;
}

Status check_streams(const Config& config) {
  const auto& streams = config.streams;
  const std::array<std::pair<std::string_view, const std::string*>, 9> all{
      {{"raw", &streams.raw},
       {"later", &streams.later},
       {"parked", &streams.parked},
       {"enriched", &streams.enriched},
       {"incomplete", &streams.incomplete},
       {"media", &streams.media},
       {"updates", &streams.updates},
       {"state", &streams.state},
       {"bad", &streams.bad}}};
  for (const auto& [name, url] : all) {
    if (is_on(StreamEngine::kafka, *url) && config.kafka.brokers.empty())
      return invalid(fmt::format("streams.{} is {}: set kafka.brokers", name, *url));
  }
  for (const auto& [name, url] : {all[2], all[5], all[6], all[7]}) {
    if (is_on(StreamEngine::kinesis, *url))
      return invalid(fmt::format(
          "streams.{} is {}: only raw, later, enriched, incomplete and bad can be on Kinesis", name,
          *url));
  }
  // A profile that any process may go on with needs all three where all can reach them.
  const bool shared = is_on(StreamEngine::kafka, streams.media);
  for (const auto& [name, url] : {all[6], all[7]}) {
    if (is_on(StreamEngine::kafka, *url) != shared)
      return invalid(
          fmt::format("streams.media is {} and streams.{} is {}: media, updates and state must be "
                      "on Kafka together or none of them",
                      streams.media, name, *url));
  }
  // Nor may what waits stay in the folder of a process that may be lost.
  if (is_on(StreamEngine::kafka, streams.later) && !is_on(StreamEngine::kafka, streams.parked))
    return invalid(
        fmt::format("streams.later is {} and streams.parked is {}: must be on Kafka, too",
                    streams.later, streams.parked));
  return {};
}

}  // namespace lvp::app
