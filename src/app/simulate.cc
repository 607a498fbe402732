// lvp simulate: an audience that does not exist, against a system that does.
#include "simulate/run.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>

#include "app/commands.h"
#include "app/options.h"

namespace lvp::app {
namespace {

// The options as they are given; what is left empty keeps its default.
struct Given {
  std::string collector, viewers, duration, seed, curve, ramp, ping, activity, contents,
      deaths, duplicates, disorder, logins, connections, private_url, token, settle, catch_up,
      concurrency_error, p99;
  bool verify = false;
};

template <class T>
Status set_number(T& value, std::string_view name, std::string_view text) {
  if (text.empty()) return {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < T{})
    return invalid(fmt::format("{}: \"{}\" is no number that fits", name, text));
  return {};
}

// "5%" or "0.05".
Status set_share(double& value, std::string_view name, std::string_view text) {
  const bool percent = text.ends_with('%');
  LVP_DO(set_number(value, name, percent ? text.substr(0, text.size() - 1) : text));
  if (percent) value /= 100;
  if (value > 1) return invalid(fmt::format("{}: \"{}\" is more than all", name, text));
  return {};
}

Status set_duration(Duration& value, std::string_view name, std::string_view text) {
  if (text.empty()) return {};
  const auto duration = parse_duration(text);
  if (!duration || *duration <= Duration(0))
    return invalid(fmt::format("{}: \"{}\" is no length of time", name, text));
  value = *duration;
  return {};
}

Result<simulate::Plan> plan_of(const Given& given) {
  simulate::Plan plan;
  LVP_DO(set_number(plan.viewers, "--viewers", given.viewers));
  LVP_DO(set_duration(plan.duration, "--duration", given.duration));
  LVP_DO(set_duration(plan.ramp, "--ramp", given.ramp));
  LVP_DO(set_number(plan.seed, "--seed", given.seed));
  LVP_DO(set_duration(plan.ping, "--ping", given.ping));
  LVP_DO(set_duration(plan.activity, "--activity", given.activity));
  LVP_DO(set_number(plan.contents, "--contents", given.contents));
  LVP_DO(set_share(plan.deaths, "--deaths", given.deaths));
  LVP_DO(set_share(plan.duplicates, "--duplicates", given.duplicates));
  LVP_DO(set_share(plan.disorder, "--disorder", given.disorder));
  LVP_DO(set_share(plan.logins, "--logins", given.logins));
  if (!given.curve.empty()) {
    const auto curve = simulate::parse_curve(given.curve);
    if (!curve) return invalid("--curve: is flat, kickoff or evening");
    plan.curve = *curve;
  }
  if (plan.viewers == 0 || plan.contents == 0)
    return invalid("--viewers, --contents: one at least");
  if (plan.ramp > plan.duration) return invalid("--ramp: is longer than --duration");
  if (plan.ping % std::chrono::seconds(1) != Duration(0))
    return invalid("--ping: trackers tell it in whole seconds");
  return plan;
}

Result<simulate::Settings> settings_of(const Given& given) {
  simulate::Settings settings;
  LVP_TRY(settings.plan, plan_of(given));
  LVP_TRY(settings.collector, net::parse_address(given.collector));
  LVP_DO(set_number(settings.connections, "--connections", given.connections));
  LVP_DO(set_duration(settings.settle, "--settle", given.settle));
  if (settings.connections == 0) return invalid("--connections: one at least");
  settings.progress = isatty(STDERR_FILENO) == 1;
  if (!given.verify) return settings;
  if (given.private_url.empty()) return invalid("--verify: needs --private");
  LVP_TRY(net::Address address, net::parse_address(given.private_url));
  settings.check = simulate::CheckSettings{.address = std::move(address), .token = given.token};
  LVP_DO(set_duration(settings.check->catch_up, "--catch-up", given.catch_up));
  return settings;
}

Result<simulate::Bounds> bounds_of(const Given& given) {
  simulate::Bounds bounds;
  LVP_DO(set_share(bounds.concurrency_error, "--max-concurrency-error", given.concurrency_error));
  if (!given.p99.empty()) LVP_DO(set_duration(bounds.update_p99.emplace(), "--max-p99", given.p99));
  return bounds;
}

// As many connections as the system allows.
void raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void declare(Options& options, Given& given) {
  options.required("--collector", given.collector, "http://HOST:PORT of the collector");
  options.option("--viewers", given.viewers, "how many (1000)");
  options.option("--duration", given.duration, "how long (60s)");
  options.option("--seed", given.seed, "the same seed makes the same audience (1)");
  options.option("--curve", given.curve, "when they arrive: flat, kickoff or evening (flat)");
  options.option("--ramp", given.ramp, "within which they arrive (all of --duration)");
  options.option("--ping", given.ping, "ping interval of trackers (10s)");
  options.option("--activity", given.activity,
                 "mean time between two things that a viewer does (30s)");
  options.option("--contents", given.contents, "how many there are to watch (200)");
  options.option("--deaths", given.deaths, "viewers that vanish without a word (5%)");
  options.option("--duplicates", given.duplicates, "requests that are sent twice (1%)");
  options.option("--disorder", given.disorder, "requests that later ones overtake (5%)");
  options.option("--logins", given.logins, "viewers that log in while they watch (10%)");
  options.option("--connections", given.connections, "kept alive to the collector (64)");
  options.flag("--verify", given.verify, "compare what the system says with what is true");
  options.option("--private", given.private_url, "http://HOST:PORT of the private API");
  options.option("--token", given.token, "its token");
  options.option("--settle", given.settle, "within it what was acknowledged must be shown (1s)");
  options.option("--catch-up", given.catch_up,
                 "in the end, for the stages to read all that was acknowledged (15m)");
  options.option("--max-concurrency-error", given.concurrency_error, "else it fails (0.1%)");
  options.option("--max-p99", given.p99, "of the time until something is shown; else it fails");
}

}  // namespace

int simulate(const std::vector<std::string>& arguments) {
  Options options("simulate",
                  "Plays an audience over the tracker protocol, and checks what becomes of it.");
  Given given;
  declare(options, given);
  if (const auto end = options.parse(arguments)) return *end;
  const auto settings = settings_of(given);
  if (!settings) return complain(settings.error());
  const auto bounds = bounds_of(given);
  if (!bounds) return complain(bounds.error());
  raise_file_limit();
  const auto report = lvp::simulate::run(*settings);
  if (!report) {
    complain(report.error());
    return failed;
  }
  fmt::print("{}{}\n", lvp::simulate::text(*report, *bounds),
             lvp::simulate::json_line(*report, *bounds));
  return lvp::simulate::broken(*report, *bounds).empty() ? done : failed;
}

}  // namespace lvp::app
