// lvp forget ID: all that is kept of a viewer is deleted (docs/operating.md#forgetting), by the
// running program, or in the folder of one that is stopped.
#include <fmt/core.h>

#include <chrono>

#include "app/commands.h"
#include "app/options.h"
#include "app/running.h"
#include "app/stream_url.h"
#include "base/backoff.h"
#include "rocks/db.h"
#include "stages/stages.h"
#include "stages/tables.h"
#include "store/rocks.h"
#include "stream/memory.h"
#include "stream/rocks.h"

namespace lvp::app {
namespace {

using namespace std::chrono_literals;

constexpr Duration patience = 30s;

// ---- Running ----

Status wait_until_done(const std::string& url, const std::string& id, const std::string& token) {
  Backoff pause(10ms, 500ms);
  const Timestamp end = system_clock().now() + patience;
  while (system_clock().now() < end) {
    LVP_TRY(const std::string state, ask(url, "/api/v1/forgotten/" + escaped(id), token));
    if (state.ends_with("true}")) return {};
    sleep(pause.next(), {});
  }
  return unavailable(fmt::format("{}: asked, and not done yet; the program goes on with it", id));
}

Status forget_running(const std::string& url, const std::string& id, const std::string& token) {
  LVP_DO(ask(url, "/api/v1/viewers/" + escaped(id), token, "DELETE"));
  return wait_until_done(url, id, token);
}

// ---- Stopped ----

Result<bool> is_done(const stages::Tables& tables, const std::string& id) {
  LVP_TRY(const stages::Forgetting state, stages::forgetting(tables, id));
  if (state != stages::Forgetting::done) return false;
  bool any = false;  // what waited to be told is written to its devices, too
  LVP_DO(tables.journal->scan("", [&](auto, auto) { return any = true, Status(); }));
  return !any;
}

// The folder's own `updates`, which the sink reads when it starts; elsewhere one that nobody reads.
Result<std::unique_ptr<stream::Stream>> updates_of(const Config& config, rocks::Db& db) {
  if (!is_on(StreamEngine::rocks, config.streams.updates))
    return stream::make_memory_stream("unread", {}, system_clock());
  stream::RocksOptions options;
  options.partitions = config.streams.partitions;
  options.age_max = config.streams.keep;
  options.bytes_max = config.streams.bytes_max;
  return stream::RocksStream::open(db, "updates", options, system_clock());
}

// Lets a profile stage that has nothing to read do it. Serve reads the tables when it starts.
Status forget_in_folder(const Config& config, const std::string& id) {
  LVP_DO(check_folder(config.data.dir));
  LVP_TRY(const auto db, rocks::Db::open(config.data.dir));
  const auto store = store::make_rocks_store(*db);
  LVP_TRY(const stages::Tables tables, stages::open_tables(*store));
  const auto request = db->unit();
  LVP_DO(stages::ask_to_forget(tables, *request, id, system_clock().now()));
  LVP_DO(request->commit());

  const auto nothing = stream::make_memory_stream("nothing", {}, system_clock());
  LVP_TRY(const auto reader, nothing->reader("forget"));
  LVP_TRY(const auto updates, updates_of(config, *db));
  LVP_TRY(const auto writer, updates->writer());
  const auto unread = stream::make_memory_stream("unread", {}, system_clock());
  LVP_TRY(const auto bad, unread->writer());
  stages::Progress progress;
  stages::ProfileSettings settings;
  settings.mode = config.profile.mode == "exact" ? stages::Mode::exact : stages::Mode::mapped;
  settings.told_after = settings.told_after_max = Duration(0);
  LVP_TRY(const auto stage, stages::make_profile_stage({*reader,
                                                        *writer,
                                                        *bad,
                                                        *store,
                                                        [&] { return db->unit(); },
                                                        system_clock(),
                                                        {},
                                                        progress},
                                                       settings));
  for (bool done = false; !done;) {
    LVP_DO(stage->step(0ms));
    LVP_TRY(done, is_done(tables, id));
  }
  const auto last = db->unit();
  last->durably();
  return last->commit();
}

}  // namespace

int forget(const std::vector<std::string>& arguments) {
  Options options("forget",
                  "Deletes all that is kept of a viewer: the profile, its past, and what is still "
                  "to come of before. What the viewer does afterwards is new.");
  std::string id;
  std::string url;
  options.required("id", id, "viewer id");
  options.option("--url", url, "private address of a running lvp");
  options.configuration();
  if (const auto end = options.parse(arguments)) return *end;
  const auto config = options.config();
  if (!config) return complain(config.error());

  if (url.empty()) url = find_running(config->data.dir);
  const Status forgotten = url.empty() ? forget_in_folder(*config, id)
                                       : forget_running(url, id, config->private_api.token);
  if (!forgotten) {
    complain(forgotten.error());
    return failed;
  }
  fmt::print("{} is forgotten\n", id);
  return done;
}

}  // namespace lvp::app
