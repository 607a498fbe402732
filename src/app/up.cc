// lvp up: the stages of the pipeline in one process, until SIGINT or SIGTERM; by --stages some of
// them. lvp collect, enrich, profile, serve, sink: one alone.
#include <fmt/core.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>

#include "app/commands.h"
#include "app/options.h"
#include "app/running.h"
#include "app/wiring.h"
#include "base/log.h"
#include "wire/json.h"

namespace lvp::app {
namespace {

log::Level level_of(std::string_view name) {
  if (name == "debug") return log::Level::debug;
  if (name == "warn") return log::Level::warn;
  if (name == "error") return log::Level::error;
  return log::Level::info;
}

// Blocked in every thread that is started after, so that wait_for_stop() gets them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int wait_for_stop(const sigset_t& signals, Pipeline& pipeline) {
  while (true) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) return signal;
    if (const Status done = pipeline.reload(); done)
      log::info("certificate, key, resolver and enrichments were read again");
    else
      log::error("{}; what was read before stays", done.error().what);
  }
}

void print_ready(const Addresses& addresses) {
  json::Writer out;
  out.begin_object();
  out.key("ready").boolean(true);
  out.key("collector").string(addresses.collector);
  out.key("player").string(addresses.player);
  out.key("private").string(addresses.private_api);
  fmt::print("{}\n", out.end_object().take());
  std::fflush(stdout);
}

// `stages`: names of roles, which go before `roles`; with neither it is what the configuration
// wants.
int run(Options& options, Roles roles, const std::vector<std::string>& arguments,
        std::string* stages = nullptr) {
  options.configuration();
  if (const auto end = options.parse(arguments)) return *end;
  const auto config = options.config();
  if (!config) return complain(config.error());
  log::set_level(level_of(config->log.level));
  if (stages != nullptr && !stages->empty()) {
    const auto named = parse_roles(*stages);
    if (!named) return complain(named.error());
    roles = *named;
  }
  if (roles == Roles{}) roles = wanted_roles(*config);

  signal(SIGPIPE, SIG_IGN);
  const sigset_t signals = block_signals();
  std::atomic<bool> broken = false;
  auto pipeline = Pipeline::start(*config, roles, [&broken](const Error&) {
    broken = true;
    kill(getpid(), SIGTERM);
  });
  if (!pipeline) return complain(pipeline.error());
  const Addresses& addresses = (*pipeline)->addresses();
  const auto note = RunningNote::leave(config->data.dir, addresses.private_api);
  if (!note) return complain(note.error());
  const auto shown = [](const std::string& url) { return url.empty() ? "off" : url.c_str(); };
  log::info("collector {}  {} {}  player {}", shown(addresses.collector),
            roles.serve ? "dashboard" : "health and metrics", addresses.private_api,
            shown(addresses.player));
  print_ready(addresses);

  const int signal = wait_for_stop(signals, **pipeline);
  if (!broken) log::info("stopping on {}", signal == SIGINT ? "SIGINT" : "SIGTERM");
  pipeline->reset();
  return broken ? failed : done;
}

}  // namespace

int up(const std::vector<std::string>& arguments) {
  Options options("up", "Runs the pipeline in one process, with dashboard and player page.");
  std::string stages;
  options.option("--stages", stages,
                 "only these, with commas between: collect, enrich, bridge, profile, serve, sink");
  return run(options, {}, arguments, &stages);
}

int collect(const std::vector<std::string>& arguments) {
  Options options("collect",
                  "Runs the collector alone. What it takes waits in its stream until another "
                  "process reads it: `lvp up` on the same folder, or, on Kafka or Kinesis, "
                  "`lvp enrich` anywhere.");
  return run(options, {.collect = true}, arguments);
}

int enrich(const std::vector<std::string>& arguments) {
  Options options("enrich", "Runs enrich alone, with resolve: raw → enriched.");
  return run(options, {.enrich = true}, arguments);
}

int profile(const std::vector<std::string>& arguments) {
  Options options("profile", "Runs the profile stage alone: media → updates.");
  return run(options, {.profile = true}, arguments);
}

int serve(const std::vector<std::string>& arguments) {
  Options options("serve", "Runs dashboard, API and WebSockets alone, from updates.");
  return run(options, {.serve = true}, arguments);
}

int sink(const std::vector<std::string>& arguments) {
  Options options("sink", "Runs the sink alone: updates → the tables of sink.table.");
  return run(options, {.sink = true}, arguments);
}

}  // namespace lvp::app
