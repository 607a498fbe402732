#include "simulate/run.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "simulate/load.h"

namespace lvp::simulate {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr nanoseconds longest_wait = std::chrono::milliseconds(50);

class Run {
 public:
  explicit Run(const Settings& settings)
      : settings_(settings),
        catalogue_(settings.plan.seed, settings.plan.contents),
        truth_(settings.plan.viewers, settings.settle),
        audience_(settings.plan, catalogue_, truth_),
        ids_(mixed(settings.plan.seed, static_cast<std::uint64_t>(to_ms(system_clock().now())))) {}

  Result<Report> operator()() {
    LVP_TRY(const auto sender, net::Sender::connect({.address = settings_.collector,
                                                     .connections = settings_.connections}));
    std::unique_ptr<Check> check;
    if (settings_.check) {
      LVP_TRY(check, Check::begin(*settings_.check, ids_, truth_));
    }

    began_ = std::chrono::steady_clock::now();
    Load load(settings_.plan, ids_, audience_, truth_, *sender, settings_.collector.text(),
              system_clock().now());
    LVP_DO(act(load, *sender, check.get()));

    Report report;
    report.plan = settings_.plan;
    report.took = std::chrono::floor<Duration>(now());
    report.traffic = load.traffic();
    if (check) {
      LVP_DO(check->finish(
          report.traffic, [this] { return now(); },
          [this](const std::string& words) { show(words); }));
      report.verification = check->result();
    }
    if (settings_.progress) fmt::print(stderr, "\n");
    return report;
  }

 private:
  nanoseconds now() const { return std::chrono::steady_clock::now() - began_; }

  Status act(Load& load, const net::Sender& sender, Check* check) {
    nanoseconds second = seconds(1);
    while (!load.is_over()) {
      const nanoseconds step = now();
      load.step(step, [check, step](const Request& request) {
        if (check != nullptr) check->sent(request, step);
      });
      if (check != nullptr) LVP_DO(check->listen([this] { return now(); }));
      if (now() >= second) {
        second += seconds(1);
        tick(load, check);
      }
      const bool may_send = sender.is_free();
      wait(std::min(second, may_send ? load.next() : second), sender, check);
    }
    return {};
  }

  void tick(const Load& load, Check* check) {
    if (check != nullptr) check->sample(std::chrono::floor<Duration>(now()));
    show(load.traffic(), check);
  }

  // Until then, or until something arrives.
  void wait(nanoseconds until, const net::Sender& sender, const Check* check) const {
    const nanoseconds left = std::clamp(until - now(), nanoseconds(0), longest_wait);
    const timespec limit{0, left.count()};
    std::array<pollfd, 2> ready{{{sender.descriptor(), POLLIN, 0}, {-1, POLLIN, 0}}};
    if (check != nullptr) ready[1].fd = check->descriptor();
    ::ppoll(ready.data(), ready.size(), &limit, nullptr);
  }

  void show(const Traffic& t, const Check* check) {
    if (!settings_.progress) return;
    const Truth::Band band = truth_.watching(std::chrono::floor<Duration>(now()));
    std::string line = fmt::format(
        "{:>5.0f} s  {} here, {} watching  {} requests ({}/s), p99 {:.1f} ms",
        to_seconds(std::chrono::floor<Duration>(now())), audience_.arrived() - audience_.over(),
        band.most, t.acknowledged, t.acknowledged - shown_, t.answer.percentile_ms(0.99));
    shown_ = t.acknowledged;
    if (check != nullptr)
      line += fmt::format("  shown: {} watching, p99 {:.1f} ms", check->view().watching(),
                          check->sightings().latency().percentile_ms(0.99));
    show(line);
  }

  // In place of the line before.
  void show(const std::string& line) const {
    if (!settings_.progress) return;
    fmt::print(stderr, "\r{}\x1b[K", line);
    std::fflush(stderr);
  }

  const Settings& settings_;
  const Catalogue catalogue_;
  Truth truth_;
  Audience audience_;
  const Ids ids_;
  std::chrono::steady_clock::time_point began_;
  std::uint64_t shown_ = 0;  // acknowledged requests, a second ago
};

}  // namespace

Result<Report> run(const Settings& settings) {
  return Run(settings)();
}

}  // namespace lvp::simulate
