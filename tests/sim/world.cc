#include "world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/metrics.h"
#include "bridge/bridge.h"
#include "enrich/enrich.h"
#include "enrich/record_ids.h"
#include "iglu/resolver.h"
#include "net/request_parser.h"
#include "simulate/audience.h"
#include "simulate/comparison.h"
#include "stages/stages.h"
#include "tests/engines.h"
#include "wire/bad_row.h"
#include "wire/json.h"

namespace lvp::tests {
namespace {

using namespace std::chrono_literals;
using simulate::Random;
using stages::Progress;

constexpr Duration retry_after = 1s;
constexpr Duration settle = 1s;            // within it what was acknowledged must be shown
constexpr Duration start_settle = 2s;      // profile.settle
constexpr Duration outage_max = 6s;        // shorter than any viewer's patience
constexpr Duration long_outage_max = 60s;  // longer than most viewers'
constexpr double long_outages = 0.2;       // of those that no tracker notices
constexpr Duration longest_patience = 1h;  // docs/state-machine.md#patience
constexpr int drains_max = 1000;

// What may go wrong in a world, each with its own likelihood in a second. Some worlds have fine
// weather in some respects, so that faults are also seen alone.
struct Weather {
  double failing = 0;   // a stage's commits begin to fail
  double standing = 0;  // a stage begins to stand still
  double crash = 0;
  double lost_answer = 0;        // of each answer
  bool publishes_first = false;  // streams are not part of the unit

  explicit Weather(Random& random) {
    const auto draw = [&random](double most) {
      return random.chance(0.6) ? random.between(0, most) : 0;
    };
    failing = draw(0.3);
    standing = draw(0.2);
    crash = draw(0.08);
    lost_answer = draw(0.1);
    publishes_first = random.chance(0.5);
  }
};

simulate::Plan make_plan(std::uint64_t seed, Random& random) {
  simulate::Plan plan;
  plan.seed = seed;
  plan.viewers = 1 + static_cast<std::uint32_t>(random.below(8));
  plan.duration = random.between(Duration(20s), Duration(90s));
  plan.ping = Duration(std::chrono::seconds(5 + random.below(6)));
  plan.activity = random.between(Duration(2s), Duration(20s));
  plan.contents = 5;
  plan.deaths = 0.2;
  plan.duplicates = 0.1;
  plan.disorder = 0.2;
  plan.logins = 0.2;
  return plan;
}

// A unit whose atomic part is refused while `fails` holds.
class SimulatedUnit final : public UnitOfWork {
 public:
  SimulatedUnit(const bool& fails, std::uint64_t& failed) : fails_(fails), failed_(failed) {}

 private:
  Status write() override {
    if (!fails_) return {};
    ++failed_;
    return unavailable("the disk is full");
  }

  const bool& fails_;
  std::uint64_t& failed_;
};

// Appends before the unit's atomic part, whatever becomes of that.
class EagerWriter final : public stream::Writer {
 public:
  explicit EagerWriter(stream::Writer& writer) : writer_(writer) {}

  Status append(UnitOfWork& unit, std::vector<stream::Entry> entries) override {
    const auto shared = std::make_shared<std::vector<stream::Entry>>(std::move(entries));
    unit.before([this, shared]() -> Status {
      UnitOfWork own;
      LVP_DO(writer_.append(own, *shared));
      return own.commit();
    });
    return {};
  }
  std::size_t record_bytes_max() const override { return writer_.record_bytes_max(); }

 private:
  stream::Writer& writer_;
};

class Exchange final : public net::Responder::Exchange {
 public:
  explicit Exchange(std::function<void(const http::Response&)> taken) : taken_(std::move(taken)) {}
  void send(http::Response response) override { taken_(response); }

 private:
  std::function<void(const http::Response&)> taken_;
};

// A stage with what may happen to it.
struct Running {
  std::unique_ptr<stages::Stage> stage;
  Progress progress;
  bool fails = false;         // its commits, until `better`
  bool stands_still = false;  // until `better`
  Duration better{};
};

enum Name : std::uint8_t { collect, enrich, bridge, profile, serve, stage_count };

iglu::Resolver& resolver() {
  static iglu::Resolver schemas(must(iglu::Registry::embedded()), {});
  return schemas;
}

class World {
 public:
  explicit World(std::uint64_t seed)
      : random_(seed),
        weather_(random_),
        plan_(make_plan(seed, random_)),
        catalogue_(seed, plan_.contents),
        truth_(plan_.viewers, settle),
        audience_(plan_, catalogue_, truth_),
        ids_(seed),
        began_(engine_.clock.now()) {
    for (const char* name : {"raw", "enriched", "media", "updates", "bad"}) {
      writers_.push_back(must(streams().stream(name).writer()));
      eager_.push_back(std::make_unique<EagerWriter>(*writers_.back()));
    }
    start();
  }

  Outcome run() {
    while (!outcome_.broken && (audience_.next() || under_way_ > 0)) {
      move_clock(random_.between(Duration(10ms), Duration(150ms)));
      change_weather();
      send_due();
      step_all();
      if (random_.chance(0.1)) look_for_the_gone();
      if (random_.chance(0.05)) compare_when_quiet();
    }
    if (!outcome_.broken) end();
    for (std::uint32_t viewer = 0; viewer < plan_.viewers; ++viewer)
      outcome_.events += truth_.events(viewer);
    return std::move(outcome_);
  }

 private:
  Engine& streams() { return engine_; }

  // ---- Stages ----

  stream::Writer& writer(std::size_t stream) {
    if (weather_.publishes_first) return *eager_[stream];
    return *writers_[stream];
  }

  static stages::CollectSettings collect_settings() {
    stages::CollectSettings settings;
    settings.queue_bytes_max = 64 << 10;  // so that it is full now and then
    return settings;
  }

  static stages::ProfileSettings profile_settings() {
    stages::ProfileSettings settings;
    settings.settle = start_settle;
    return settings;
  }

  NewUnitOfWork units_of(Name name) {
    return [this, name] {
      return std::make_unique<SimulatedUnit>(running_[name].fails, outcome_.failed_commits);
    };
  }

  // As a new process: nothing is left but streams and store.
  void start() {
    readers_.clear();
    const auto reader = [this](const char* stream, const char* group) -> stream::Reader& {
      readers_.push_back(must(streams().stream(stream).reader(group)));
      return *readers_.back();
    };
    auto collect_stage =
        stages::make_collect_stage({writer(0), writer(4), units_of(collect), engine_.clock,
                                    metrics_, running_[collect].progress},
                                   collect_settings());
    collector_ = collect_stage.get();
    running_[collect].stage = std::move(collect_stage);
    running_[enrich].stage = stages::make_transform_stage(
        "enrich", transform_ports(enrich, reader("raw", "enrich"), writer(1)), make_enrich());
    running_[bridge].stage = stages::make_transform_stage(
        "bridge", transform_ports(bridge, reader("enriched", "bridge"), writer(2)), make_bridge());
    running_[profile].stage = must(stages::make_profile_stage(
        {reader("media", "profile"),
         writer(3),
         writer(4),
         engine_.store(),
         units_of(profile),
         engine_.clock,
         {&running_[collect].progress, &running_[enrich].progress, &running_[bridge].progress},
         running_[profile].progress},
        profile_settings()));
    auto serve_stage = must(stages::make_serve_stage({.updates = &reader("updates", "serve"),
                                                      .store = engine_.store(),
                                                      .new_unit = units_of(serve),
                                                      .clock = engine_.clock,
                                                      .metrics = metrics_,
                                                      .streams = {},
                                                      .stages = {},
                                                      .collector_healthy = [] { return true; },
                                                      .renew_metrics = [] {},
                                                      .files = nullptr,
                                                      .progress = running_[serve].progress},
                                                     {}));
    board_ = serve_stage.get();
    running_[serve].stage = std::move(serve_stage);
    started_ = now();
    running_[collect].progress.caught_up = true;  // nothing was taken yet
  }

  stages::TransformPorts transform_ports(Name name, stream::Reader& in, stream::Writer& out) {
    return {.in = in,
            .out = out,
            .bad = writer(4),
            .new_unit = units_of(name),
            .processor = {"lvp", "sim"},
            .clock = engine_.clock,
            .metrics = metrics_,
            .progress = running_[name].progress};
  }

  void crash() {
    ++outcome_.crashes;
    ++life_;
    for (Running& each : running_) {
      each.stage.reset();
      each.progress.caught_up = false;
      each.fails = each.stands_still = false;
    }
    collector_ = nullptr;
    board_ = nullptr;
    back_at_ = now() + random_.between(Duration(100ms), outage_max);
  }

  bool is_up() const { return collector_ != nullptr; }

  static stages::Transform make_enrich() {
    const auto enricher = std::make_shared<enrich::Enricher>(
        resolver(), enrich::Settings{.processor = {"lvp-enrich", "sim"}});
    return [enricher](const stream::Record& record) {
      resolver().begin_record();
      enrich::RecordIds ids(record.value);
      enrich::Outcome made =
          enricher->enrich(record.value, record.appended_at, [&] { return ids.next(); });
      stages::Transformed out;
      for (enrich::Good& event : made.good)
        out.good.push_back({std::move(event.key), std::move(event.tsv)});
      for (std::string& row : made.bad) out.bad.push_back({"", std::move(row)});
      return out;
    };
  }

  static stages::Transform make_bridge() {
    const auto mapper = std::make_shared<bridge::Bridge>(bridge::Selection::all_media);
    return [mapper](const stream::Record& record) {
      stages::Transformed out;
      auto media = mapper->map(record.value);
      if (!media) {
        out.bad.push_back({"", media.error().what});
      } else if (*media) {
        out.good.push_back({std::move((*media)->key), std::move((*media)->value)});
      }
      return out;
    };
  }

  // As stages::run() drives it.
  std::size_t step(Running& running) {
    const Result<std::size_t> handled = running.stage->step(Duration::zero());
    if (handled) return *handled;
    running.progress.caught_up = false;
    if (handled.error().code != Error::Code::unavailable &&
        handled.error().code != Error::Code::conflict)
      break_promise(fmt::format("{} ends: {}", running.stage->name(), handled.error().what));
    return 0;
  }

  void step_all() {
    if (!is_up()) return;
    std::array<Name, stage_count> order{collect, enrich, bridge, profile, serve};
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_.below(i)]);
    for (const Name name : order) {
      if (!running_[name].stands_still) step(running_[name]);
    }
  }

  // ---- Weather ----

  Duration now() const { return engine_.clock.now() - began_; }

  void move_clock(Duration by) {
    engine_.clock.advance(by);
    seconds_ = to_seconds(by);
  }

  bool happens(double per_second) { return random_.chance(per_second * seconds_); }

  void change_weather() {
    if (!is_up()) {
      if (now() >= back_at_) start();
      return;
    }
    for (Running& each : running_) {
      if (now() >= each.better) each.fails = each.stands_still = false;
    }
    const auto name = static_cast<Name>(random_.below(stage_count));
    Running& struck = running_[name];
    if (happens(weather_.failing)) {
      const bool is_long = (name == enrich || name == bridge) && random_.chance(long_outages);
      struck.fails = true;
      struck.better = now() + random_.between(Duration(0), is_long ? long_outage_max : outage_max);
    }
    if (happens(weather_.standing)) {
      struck.stands_still = true;
      struck.better = now() + random_.between(Duration(0), outage_max);
    }
    if (happens(weather_.crash)) crash();
  }

  bool is_fine() const {
    return is_up() && std::ranges::none_of(running_, [](const Running& each) {
             return each.fails || each.stands_still;
           });
  }

  // ---- Trackers ----

  void send_due() {
    while (auto request = audience_.due(now())) send(*std::move(request));
  }

  void send(simulate::Request request) {
    if (!is_up()) return try_again(std::move(request));
    const simulate::Tracker& tracker = audience_.tracker(request.viewer);
    const std::string text = simulate::request_text(
        tracker, ids_, "collector.example",
        simulate::body_text(tracker, request.events, ids_, plan_.ping, {began_, now()}));
    net::RequestParser parser({.header_bytes_max = 16 << 10, .body_bytes_max = 1 << 20});
    LVP_CHECK(parser.take(text) == text.size() &&
              parser.state() == net::RequestParser::State::done);
    http::Request parsed = parser.request();
    parsed.peer = "192.0.2.1";
    ++under_way_;
    collector_->handle(
        parsed, net::Responder(std::make_shared<Exchange>(
                    [this, life = life_, sent = std::move(request)](const http::Response& answer) {
                      --under_way_;
                      take_answer(sent, life == life_ ? answer.status : 0);
                    })));
  }

  void take_answer(const simulate::Request& request, int status) {
    if (status != 200 || random_.chance(weather_.lost_answer)) return try_again(request);
    if (!request.copy) truth_.acknowledged(request.viewer, request.events, now());
  }

  void try_again(simulate::Request request) {
    request.due = now() + retry_after;
    ++request.attempts;
    audience_.again(std::move(request));
  }

  // ---- Promises ----

  void break_promise(std::string words) {
    if (!outcome_.broken)
      outcome_.broken = fmt::format("after {:.2f} s: {}", to_seconds(now()), words);
  }

  // Steps every stage until none has anything left; only in fine weather.
  void drain() {
    for (int round = 0; round < drains_max; ++round) {
      std::size_t handled = 0;
      for (Running& each : running_) handled += step(each);
      if (handled == 0) return;
    }
    break_promise("the pipeline never comes to rest");
  }

  std::string ask(const std::string& path) {
    std::string body;
    http::Request request{"GET", path, {{"Host", "localhost"}}, "", "127.0.0.1"};
    board_->handle(request, net::Responder(std::make_shared<Exchange>(
                                [&body](const http::Response& answer) { body = answer.body; })));
    return body;
  }

  std::string shown(std::uint32_t viewer) { return ask("/api/v1/viewers/" + ids_.device(viewer)); }

  simulate::State state_of(std::uint32_t viewer) {
    const std::string body = shown(viewer);
    const json::Value root = must(parser_.parse(body));
    return simulate::parse_state(root["state"].string().value_or("LEFT"));
  }

  // P6: whoever was shown and is still there by all that was acknowledged stays there, however the
  // pipeline fares.
  void look_for_the_gone() {
    if (!is_up()) return;
    present_.resize(plan_.viewers);
    for (std::uint32_t viewer = 0; viewer < audience_.arrived(); ++viewer) {
      const simulate::Truth::Answer right = truth_.of(viewer, now());
      const bool is_here = state_of(viewer) != simulate::State::left;
      if (present_[viewer] && !is_here && right.state != simulate::State::left && right.settled)
        break_promise(fmt::format("viewer {} is declared gone, and is {}", viewer,
                                  simulate::name_of(right.state)));
      present_[viewer] = is_here;
    }
  }

  // P1 to P3, as far as the board shows: with all read, each viewer is where it is.
  void compare_when_quiet() {
    if (!is_fine()) return;
    drain();
    for (std::uint32_t viewer = 0; viewer < audience_.arrived(); ++viewer) {
      const simulate::Truth::Answer right = truth_.of(viewer, now());
      const bool may_linger = now() < started_ + start_settle + settle;
      if (!right.settled || (right.state == simulate::State::left && may_linger)) continue;
      ++outcome_.comparisons;
      const simulate::State found = state_of(viewer);
      if (found != right.state)
        break_promise(fmt::format("viewer {} is {} and not {}", viewer, simulate::name_of(found),
                                  simulate::name_of(right.state)));
    }
  }

  // All that was made has been acknowledged.
  void end() {
    if (!is_up()) start();
    for (Running& each : running_) each.fails = each.stands_still = false;
    drain();
    move_clock(profile_settings().told_after_max);  // news of pings may wait so long
    drain();
    compare_profiles();
    for (Duration left = longest_patience; left > Duration(0); left -= 1min) {
      move_clock(1min);
      drain();
    }
    compare_profiles();
    for (std::uint32_t viewer = 0; viewer < plan_.viewers; ++viewer) {
      if (state_of(viewer) != simulate::State::left)
        break_promise(fmt::format("viewer {} never leaves", viewer));
    }
    for (const stream::Extent& extent : must(streams().stream("bad").extents())) {
      if (extent.records > 0) break_promise("good events were refused");
    }
  }

  void compare_profiles() {
    for (std::uint32_t viewer = 0; viewer < plan_.viewers; ++viewer) {
      simulate::Truth::Answer right = truth_.of(viewer, now());
      right.settled = false;  // states have been compared
      const std::string body = shown(viewer);
      const json::Value root = must(parser_.parse(body));
      const simulate::Difference difference = simulate::compare(
          root, {.answer = right,
                 .tally = truth_.tally(viewer),
                 .figures = truth_.figures(viewer),
                 .viewer = right.logged_in ? ids_.user(viewer) : ids_.device(viewer),
                 .newest_play = ids_.play(viewer, truth_.play(viewer))});
      if (difference.any()) break_promise(fmt::format("viewer {}: {}", viewer, difference.words));
    }
  }

  Random random_;
  const Weather weather_;
  const simulate::Plan plan_;
  const simulate::Catalogue catalogue_;
  simulate::Truth truth_;
  simulate::Audience audience_;
  const simulate::Ids ids_;

  MemoryEngine engine_;
  const Timestamp began_;
  double seconds_ = 0;  // that the clock moved last
  Metrics metrics_;
  std::vector<std::unique_ptr<stream::Writer>> writers_;  // raw, enriched, media, updates, bad
  std::vector<std::unique_ptr<EagerWriter>> eager_;       // the same
  std::vector<std::unique_ptr<stream::Reader>> readers_;
  std::array<Running, stage_count> running_;
  stages::CollectStage* collector_ = nullptr;  // nullptr: the process is down
  stages::ServeStage* board_ = nullptr;
  Duration started_{};
  Duration back_at_{};
  std::uint64_t life_ = 0;  // answers of an earlier one are lost
  int under_way_ = 0;       // requests without an answer
  std::vector<bool> present_;
  json::Parser parser_;
  Outcome outcome_;
};

}  // namespace

Outcome run_world(std::uint64_t seed) {
  return std::make_unique<World>(seed)->run();
}

}  // namespace lvp::tests
