// bench_load: sends tracker requests to a collector and times the answers (docs/benchmarks.md).
#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>

#include <charconv>
#include <cstdio>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>

#include "bench/generator.h"

namespace lvp::bench {
namespace {

constexpr std::string_view usage =
    R"(Usage: bench_load [OPTIONS]
Sends POSTs of a browser tracker to a collector and times the answers.

  --host ADDRESS       IPv4 address of the collector (127.0.0.1)
  --port PORT          its port (9090)
  --url URL            both: http://ADDRESS:PORT
  --connections N      kept alive, each with one request at a time (64)
  --rate N             requests a second, sent when due (0: each when the last one is answered)
  --events N           events in a request (1)
  --seconds N          how long (10)
  --cpu N              the processor to stay on
  --acknowledged FILE  writes the ids of all events answered 200, one a line
  --json               the outcome as one line of JSON
)";

struct Options {
  Plan plan;
  std::optional<unsigned> cpu;
  std::string acknowledged_file;
  bool json = false;
};

template <class T>
T number(std::string_view name, std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < T{})
    throw std::invalid_argument(fmt::format("{}: \"{}\" does not fit", name, text));
  return value;
}

void set_url(Plan& plan, std::string_view url) {
  constexpr std::string_view scheme = "http://";
  const std::size_t colon = url.rfind(':');
  if (!url.starts_with(scheme) || colon < scheme.size())
    throw std::invalid_argument(fmt::format("--url: \"{}\" is not http://ADDRESS:PORT", url));
  plan.host = url.substr(scheme.size(), colon - scheme.size());
  plan.port = number<std::uint16_t>("--url", url.substr(colon + 1));
}

void set(Options& options, std::string_view name, std::string_view value) {
  Plan& plan = options.plan;
  if (name == "--host") {
    plan.host = value;
  } else if (name == "--port") {
    plan.port = number<std::uint16_t>(name, value);
  } else if (name == "--url") {
    set_url(plan, value);
  } else if (name == "--connections") {
    plan.connections = std::max<std::size_t>(number<std::size_t>(name, value), 1);
  } else if (name == "--rate") {
    plan.rate = number<double>(name, value);
  } else if (name == "--events") {
    plan.events = std::max<std::size_t>(number<std::size_t>(name, value), 1);
  } else if (name == "--seconds") {
    plan.time = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(number<double>(name, value)));
  } else if (name == "--cpu") {
    options.cpu = number<unsigned>(name, value);
  } else if (name == "--acknowledged") {
    options.acknowledged_file = value;
    plan.keeps_acknowledged = true;
  } else {
    throw std::invalid_argument(fmt::format("there is no option {}", name));
  }
}

Options parse(std::span<char*> words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view name = words[i];
    if (name == "--json") {
      options.json = true;
      continue;
    }
    if (i + 1 == words.size()) throw std::invalid_argument(fmt::format("{}: needs a value", name));
    set(options, name, words[++i]);
  }
  return options;
}

void pin_to(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0)
    throw std::invalid_argument(fmt::format("--cpu: there is no processor {}", cpu));
}

// As many connections as the system allows.
void raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void write_ids(const std::string& file, const std::vector<Uuid>& ids) {
  std::FILE* const out = std::fopen(file.c_str(), "w");
  if (out == nullptr) throw std::runtime_error(fmt::format("{}: cannot be written", file));
  std::array<char, uuid_text_bytes + 1> line{};
  line.back() = '\n';
  for (const Uuid& id : ids) {
    write_text(id, line.data());
    std::fwrite(line.data(), 1, line.size(), out);
  }
  if (std::fclose(out) != 0) throw std::runtime_error(fmt::format("{}: cannot be written", file));
}

std::string answers_text(const Outcome& outcome, std::string_view form, std::string_view between) {
  std::vector<std::string> parts;
  for (const auto& [status, count] : outcome.answers)
    parts.push_back(fmt::format(fmt::runtime(form), status, count));
  return fmt::format("{}", fmt::join(parts, between));
}

struct Summary {
  double seconds = 0;
  double good_per_second = 0;
};

Summary summary_of(const Outcome& outcome) {
  const double seconds = std::chrono::duration<double>(outcome.time).count();
  const auto good = static_cast<double>(outcome.latency.count());
  return {seconds, seconds > 0 ? good / seconds : 0};
}

double percentile_us(const Outcome& outcome, double share) {
  return 1000 * outcome.latency.percentile_ms(share);
}

void print_json(const Plan& plan, const Outcome& o) {
  const Summary summary = summary_of(o);
  fmt::print(
      R"({{"seconds":{:.3f},"request_bytes":{},"events":{},"sent":{},"answers":{{{}}},"ok":{},)"
      R"("ok_per_second":{:.1f},"broken":{},"unanswered":{},"late":{},)"
      R"("latency_us":{{"p50":{:.1f},"p90":{:.1f},"p99":{:.1f},"p99.9":{:.1f},"max":{:.1f}}}}})"
      "\n",
      summary.seconds, o.request_bytes, plan.events, o.sent, answers_text(o, R"("{}":{})", ","),
      o.latency.count(), summary.good_per_second, o.broken, o.unanswered, o.late,
      percentile_us(o, 0.5), percentile_us(o, 0.9), percentile_us(o, 0.99), percentile_us(o, 0.999),
      1000 * o.latency.max_ms());
}

void print_text(const Plan& plan, const Outcome& o) {
  const Summary summary = summary_of(o);
  fmt::print("{} requests of {} bytes and {} events in {:.2f} s\n", o.sent, o.request_bytes,
             plan.events, summary.seconds);
  fmt::print("answers     {}\n", answers_text(o, "{}: {}", ", "));
  fmt::print("answered 200 {:.0f} requests/s, {:.0f} events/s\n", summary.good_per_second,
             summary.good_per_second * static_cast<double>(plan.events));
  fmt::print("lost        {} with their connection, {} unanswered, {} due but never sent\n",
             o.broken, o.unanswered, o.late);
  fmt::print("latency µs  p50 {:.0f}  p90 {:.0f}  p99 {:.0f}  p99.9 {:.0f}  max {:.0f}\n",
             percentile_us(o, 0.5), percentile_us(o, 0.9), percentile_us(o, 0.99),
             percentile_us(o, 0.999), 1000 * o.latency.max_ms());
}

void run(const Options& options) {
  if (options.cpu) pin_to(*options.cpu);
  raise_file_limit();
  const Outcome outcome = generate(options.plan);
  if (!options.acknowledged_file.empty())
    write_ids(options.acknowledged_file, outcome.acknowledged);
  if (options.json) {
    print_json(options.plan, outcome);
  } else {
    print_text(options.plan, outcome);
  }
}

}  // namespace
}  // namespace lvp::bench

int main(int argc, char** argv) {
  const std::span<char*> words(argv + 1, static_cast<std::size_t>(argc - 1));
  if (words.size() == 1 &&
      (words[0] == std::string_view("--help") || words[0] == std::string_view("-h"))) {
    fmt::print("{}", lvp::bench::usage);
    return 0;
  }
  try {
    lvp::bench::run(lvp::bench::parse(words));
    return 0;
  } catch (const std::invalid_argument& wrong) {
    fmt::print(stderr, "bench_load: {}\n\n{}", wrong.what(), lvp::bench::usage);
    return 2;
  } catch (const std::runtime_error& failure) {
    fmt::print(stderr, "bench_load: {}\n", failure.what());
    return 1;
  }
}
