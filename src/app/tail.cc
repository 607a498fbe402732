// lvp tail STREAM: the records of a stream as JSON, one a line, from the running program or from
// its folder. A folder that nobody runs on gets no new records, so there is nothing to follow.
#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <stop_token>

#include "app/commands.h"
#include "app/options.h"
#include "app/running.h"
#include "base/backoff.h"
#include "rocks/db.h"
#include "stages/inspect.h"
#include "stream/rocks.h"
#include "wire/json.h"
#include "wire/json_text.h"

namespace lvp::app {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t records_max = 500;  ///< asked for at once
constexpr Duration look_every = 200ms;    ///< for new records, when following

struct Partition {
  std::string name;
  std::string last;   ///< the newest record when we began
  std::string after;  ///< what was printed
};

// What shall be printed.
struct Wanted {
  std::string stream;
  stages::Form form = stages::Form::columns;
};

// Of a record as JSON, with its line end if it has one.
std::string_view shown(std::string_view line, const Wanted& wanted) {
  return wanted.form == stages::Form::columns ? line : *json::raw_member(line, "value");
}

// Prints what is there; returns how many records that was.
std::size_t print_lines(std::string_view lines, const Wanted& wanted, Partition& partition,
                        json::Parser& parser) {
  std::size_t count = 0;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size() - 1);
    const std::string_view line = lines.substr(0, end + 1);
    fmt::print("{}\n", shown(line.substr(0, line.find('\n')), wanted));
    if (const auto root = parser.parse(line))
      partition.after = (*root)["offset"].string().value_or(partition.after);
    lines.remove_prefix(end + 1);
    ++count;
  }
  return count;
}

Result<std::vector<Partition>> partitions_of(const std::string& streams_json,
                                             const std::string& name) {
  json::Parser parser;
  LVP_TRY(const json::Value root, parser.parse(streams_json));
  if (!root[name].is_array()) return invalid(fmt::format("there is no stream {}", name));
  std::vector<Partition> partitions;
  for (const json::Value extent : root[name].elements())
    partitions.push_back({std::string(extent["partition"].string().value_or("")),
                          std::string(extent["last"].string().value_or("")), ""});
  return partitions;
}

Status from_program(const std::string& url, const std::string& token, const Wanted& wanted,
                    bool from_start, bool follow) {
  LVP_TRY(const std::string streams, ask(url, "/api/v1/streams", token));
  LVP_TRY(std::vector<Partition> partitions, partitions_of(streams, wanted.stream));
  if (!from_start) {
    for (Partition& partition : partitions) partition.after = partition.last;
  }
  json::Parser parser;
  while (true) {
    std::size_t printed = 0;
    for (Partition& partition : partitions) {
      const std::string path =
          fmt::format("/api/v1/streams/{}?partition={}&after={}&limit={}&form={}", wanted.stream,
                      partition.name, partition.after, records_max,
                      wanted.form == stages::Form::analytics ? "analytics" : "columns");
      LVP_TRY(const std::string lines, ask(url, path, token));
      printed += print_lines(lines, wanted, partition, parser);
    }
    std::fflush(stdout);
    if (printed > 0) continue;
    if (!follow) return {};
    sleep(look_every, std::stop_token());
  }
}

Status from_folder(const Config& config, const Wanted& wanted) {
  LVP_DO(check_folder(config.data.dir));
  LVP_TRY(const auto db, rocks::Db::open(config.data.dir));
  LVP_TRY(const auto stream, stream::RocksStream::open(*db, wanted.stream, {}, system_clock()));
  LVP_TRY(const auto extents, stream->extents());
  for (const stream::Extent& extent : extents) {
    stream::Offset after;
    while (true) {
      LVP_TRY(const stream::Batch batch, stream->read(extent.partition, after, records_max));
      if (batch.records.empty()) break;
      for (const stream::Record& record : batch.records)
        fmt::print("{}\n",
                   shown(stages::record_json(wanted.stream, batch.partition, record, wanted.form),
                         wanted));
      after = batch.end().offset;
    }
  }
  return {};
}

}  // namespace

int tail(const std::vector<std::string>& arguments) {
  Options options(
      "tail",
      "Prints the records of a stream as JSON, one a line: raw, later, parked, enriched, "
      "incomplete, media, updates or bad.");
  Wanted wanted;
  bool as_sdks = false;
  std::string url;
  bool from_start = false;
  bool no_follow = false;
  options.required("stream", wanted.stream, "the stream");
  options.option("--url", url, "private address of a running lvp");
  options.flag("--json", as_sdks,
               "of enriched and incomplete: the event alone, as Snowplow's Analytics SDKs show it");
  options.flag("--from-start", from_start, "begin at the oldest record kept, not at the end");
  options.flag("--no-follow", no_follow, "stop at the end");
  options.configuration();
  if (const auto end = options.parse(arguments)) return *end;
  if (std::ranges::find(stages::stream_names, wanted.stream) == std::end(stages::stream_names))
    return complain({Error::Code::invalid, fmt::format("there is no stream {}", wanted.stream)});
  const auto form = stages::form_of(wanted.stream, as_sdks ? "analytics" : "columns");
  if (!form)
    return complain({Error::Code::invalid,
                     fmt::format("--json: {} holds no events as the Analytics SDKs know them, "
                                 "enriched and incomplete do",
                                 wanted.stream)});
  wanted.form = *form;
  const auto config = options.config();
  if (!config) return complain(config.error());

  if (url.empty()) url = find_running(config->data.dir);
  const Status ended =
      url.empty() ? from_folder(*config, wanted)
                  : from_program(url, config->private_api.token, wanted, from_start, !no_follow);
  if (ended) return done;
  complain(ended.error());
  return failed;
}

}  // namespace lvp::app
