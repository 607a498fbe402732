// What the profile stage's devices cost: events a second, bytes of a viewer, time to start again.
//
//   bench_profile [--viewers N] [--rounds N] [--memory-bytes N] [--engine fold|memory|rocks|floor]
//
// Every viewer starts a play, and then pings every ten seconds of a made-up clock; one event in
// twenty changes what the viewer does instead. Events come to stages/devices.h in steps of 2000, as
// the stage reads them when it is behind. Making and decoding them is not counted. They are made a
// hundred at a time: the stage, too, folds an event when it has just been decoded. Four engines:
//
//   floor    a hash table of rows of that size: each is found, copied out and copied in
//   fold     all that is done for an event, but what goes to tables is thrown away
//   memory   all that is done for an event, with tables in memory
//   rocks    the same, and every step is a unit of work in RocksDB with the updates it publishes;
//            afterwards everything is closed and opened again, and the board filled
//
// Seconds are those in which the one thread had a processor; RocksDB's own threads do the rest of
// its work beside it. Those of a start are what passed on the wall.
#include <fmt/core.h>
#include <sys/resource.h>
#include <time.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/temporary_folder.h"
#include "base/text.h"
#include "bench/scratch.h"
#include "live/board.h"
#include "profile/codec.h"
#include "rocks/db.h"
#include "stages/devices.h"
#include "stages/fill.h"
#include "store/memory.h"
#include "store/rocks.h"
#include "stream/rocks.h"
#include "wire/update.h"

namespace lvp::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t step_events = 2'000;
constexpr std::size_t group_events = 100;   // made at once
constexpr std::size_t expected_before = 8;  // events before that of a device, as the stage does
constexpr Duration ping_every = 10s;
constexpr std::size_t changes_one_in = 20;

struct Plan {
  std::size_t viewers = 1'000'000;
  std::size_t rounds = 3;  ///< events of each viewer after the first
  std::size_t memory_bytes = std::size_t{4} << 30;
  std::string engine;  ///< empty: all of them
};

// Time that this thread had a processor, in seconds: others may want it, too.
double processor_s() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9;
}
double seconds_since(double start) {
  return processor_s() - start;
}

// What passed on the wall, in seconds: at a start several threads share the work.
using Clock = std::chrono::steady_clock;
double passed_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// ---- The load ----

std::string uuid_like(std::string_view what, std::size_t n) {
  const std::uint64_t a = fnv1a(what, n);
  const std::uint64_t b = fnv1a(what, a);
  return fmt::format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", a >> 32, a >> 16 & 0xffff, a & 0xfff,
                     b >> 52, b & 0xffffffffffff);
}

// What a browser sends of a viewer who is logged in.
MediaEvent event_of(std::size_t viewer, std::size_t round, Timestamp at) {
  MediaEvent event;
  const bool change = round > 0 && (viewer + round) % changes_one_in == 0;
  event.kind = round == 0 ? MediaKind::play : change ? MediaKind::pause : MediaKind::ping;
  event.event_name = round == 0 ? "play_event" : change ? "pause_event" : "ping_event";
  event.event_id = uuid_like("event", viewer * 1'000 + round);
  event.created = at;
  event.sent = at + 3ms;
  event.collected = at + 50ms;
  event.device_key = uuid_like("device", viewer);
  event.viewer = event.accelerator_viewer = fmt::format("user-{:07}", viewer);
  event.platform = "web";
  event.tracker = "js-4.6.6";
  event.app_id = "streaming-site";
  event.page_view_id = uuid_like("page", viewer);
  event.useragent =
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
      "Safari/537.36";
  Player& player = event.player.emplace();
  player.position = event.video_ts = 10.0 * static_cast<double>(round) + 0.25;
  player.paused = change;
  player.duration = 2700;
  player.rate = 1;
  player.muted = player.loop = player.fullscreen = player.picture_in_picture = false;
  player.volume = 100;
  player.label = "Season 2, episode 7";
  player.media_type = "video";
  player.player_type = "html5";
  MediaSession& session = event.session.emplace();
  session.id = uuid_like("play", viewer);
  session.ping_interval_s = 10;
  session.time_played_s = session.content_watched_s = 10.0 * static_cast<double>(round);
  event.fingerprint = fnv1a(event.event_id);
  return event;
}

// Calls `take` with some events, and `end_step` with the time after those of a step.
using Take = std::function<void(std::span<const MediaEvent>)>;
using EndStep = std::function<void(Timestamp)>;
void load(const Plan& plan, std::size_t first_round, std::size_t end_round, const Take& take,
          const EndStep& end_step) {
  const Timestamp start = from_ms(1'800'000'000'000);
  std::vector<MediaEvent> events;
  std::size_t in_step = 0;
  for (std::size_t round = first_round; round < end_round; ++round) {
    for (std::size_t viewer = 0; viewer < plan.viewers; ++viewer) {
      const Timestamp at = start + ping_every * round +
                           ping_every * viewer / static_cast<std::int64_t>(plan.viewers);
      const bool is_last = viewer + 1 == plan.viewers;
      events.push_back(event_of(viewer, round, at));
      if (events.size() < group_events && !is_last) continue;
      take(events);
      in_step += events.size();
      events.clear();
      if (in_step < step_events && !is_last) continue;
      end_step(at + 60ms);
      in_step = 0;
    }
  }
}

// ---- The floor ----

void run_floor(const Plan& plan, std::size_t row_bytes) {
  std::unordered_map<std::uint64_t, std::string> rows;
  std::string row(row_bytes, 'x');
  double spent = 0;
  const auto pass = [&](std::span<const MediaEvent> events) {
    const auto start = processor_s();
    for (const MediaEvent& event : events) {
      std::string& found = rows[stages::hash_of(event.device_key)];
      if (!found.empty()) row = found;
      ++row[0];
      found = row;
    }
    spent += seconds_since(start);
  };
  const auto nothing = [](Timestamp) {};
  load(plan, 0, 1, pass, nothing);
  spent = 0;
  load(plan, 1, plan.rounds + 1, pass, nothing);
  fmt::print("floor: {:.0f} rows of {} bytes found and copied twice a second\n",
             static_cast<double>(plan.viewers * plan.rounds) / spent, row_bytes);
}

// ---- Devices ----

// Where they are kept.
struct Engine {
  std::unique_ptr<store::Store> store;
  std::function<std::unique_ptr<UnitOfWork>()> unit;
  stream::Writer* updates = nullptr;  ///< none: what is published is thrown away
};

class Run {
 public:
  Run(const Plan& plan, Engine engine)
      : plan_(plan),
        engine_(std::move(engine)),
        tables_(must(stages::open_tables(*engine_.store))),
        devices_(tables_, {.limits = {}, .bytes_max = plan.memory_bytes}) {}

  double restore() {
    const auto start = Clock::now();
    must(devices_.restore(from_ms(1'800'000'000'000)));
    return passed_since(start);
  }

  void loads(std::string_view what, std::size_t first_round, std::size_t end_round) {
    spent_ = 0;
    published_ = 0;
    load(
        plan_, first_round, end_round, [&](auto events) { take(events); },
        [&](Timestamp now) { end_step(now); });
    const std::size_t events = plan_.viewers * (end_round - first_round);
    fmt::print("  {}: {:.0f} events a processor second, {:.2f} updates an event\n", what,
               static_cast<double>(events) / spent_,
               static_cast<double>(published_) / static_cast<double>(events));
  }

  void tell_size() const {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    fmt::print(
        "  {} devices in memory, {:.0f} bytes each with timers; process {} MB at most\n",
        devices_.in_memory(),
        static_cast<double>(devices_.bytes_in_memory()) / static_cast<double>(devices_.in_memory()),
        usage.ru_maxrss / 1024);
  }

  double fill(live::Board& board) const {
    const auto start = Clock::now();
    must(stages::fill(board, *tables_.devices));
    return passed_since(start);
  }

  std::size_t bytes_each() const { return devices_.bytes_in_memory() / devices_.in_memory(); }

 private:
  void take(std::span<const MediaEvent> events) {
    const auto start = processor_s();
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (i + expected_before < events.size())
        devices_.expect(events[i + expected_before].device_key);
      auto* const touched = must(devices_.touch(events[i].device_key, work_));
      must(devices_.take(*touched, events[i], events[i].collected, habits_));
    }
    spent_ += seconds_since(start);
  }

  void end_step(Timestamp now) {
    const auto start = processor_s();
    stages::Work& work = work_;
    for (stages::Touched* const due : must(devices_.touch_due(now, 2'000, work)))
      must(devices_.expire(*due, now));
    must(devices_.touch_waiting(now, /*keeps_up=*/false, 4'000, work));
    const auto unit = engine_.unit();
    std::vector<stream::Entry> updates;
    must(devices_.write(*unit, work, now, /*keeps_up=*/false,
                        [&](const std::string& key, std::string_view profile) {
                          ++published_;
                          updates.push_back(
                              {key, encode_update(UpdateKind::profile, "0", "1", profile)});
                        }));
    if (engine_.updates != nullptr) must(engine_.updates->append(*unit, std::move(updates)));
    must(unit->commit());
    devices_.keep(work, now);
    work.clear();
    spent_ += seconds_since(start);
  }

  const Plan& plan_;
  Engine engine_;
  stages::Tables tables_;
  stages::Devices devices_;
  stages::Work work_;
  profile::PingHabits habits_;
  double spent_ = 0;
  std::size_t published_ = 0;
};

// Tables that keep nothing.
class Nowhere final : public store::Store {
  class Nothing final : public store::Table {
    Result<std::optional<std::string>> get(std::string_view) const override { return std::nullopt; }
    Status scan(std::string_view, const Visit&) const override { return {}; }
    Status put(UnitOfWork&, std::string_view, std::string) override { return {}; }
    Status erase(UnitOfWork&, std::string_view) override { return {}; }
  };

 public:
  Result<std::unique_ptr<store::Table>> table(std::string_view) override {
    return std::make_unique<Nothing>();
  }
};

std::size_t run_memory(const Plan& plan, std::string_view name,
                       std::unique_ptr<store::Store> store) {
  fmt::print("{}:\n", name);
  Run run(plan, {std::move(store), [] { return std::make_unique<UnitOfWork>(); }});
  run.loads("first events", 0, 1);
  run.loads("watching", 1, plan.rounds + 1);
  run.tell_size();
  return run.bytes_each();
}

void run_rocks(const Plan& plan) {
  fmt::print("rocks:\n");
  const TemporaryFolder folder;
  {
    const auto db = must(rocks::Db::open(folder.path() + "/db"));
    const auto updates =
        must(stream::RocksStream::open(*db, "updates", stream::RocksOptions(), system_clock()));
    const auto writer = must(updates->writer());
    Run run(plan, {store::make_rocks_store(*db), [&] { return db->unit(); }, writer.get()});
    run.loads("first events", 0, 1);
    run.loads("watching", 1, plan.rounds + 1);
    run.tell_size();
  }
  live::Board board;
  const auto start = Clock::now();
  const auto db = must(rocks::Db::open(folder.path() + "/db"));
  Run run(plan, {store::make_rocks_store(*db), [&] { return db->unit(); }});
  const double opened = passed_since(start);
  const double restored = run.restore();
  const double filled = run.fill(board);
  fmt::print("  start again: {:.1f} s, of which database {:.1f}, devices {:.1f}, board {:.1f}\n",
             passed_since(start), opened, restored, filled);
}

Plan plan_of(std::span<char*> arguments) {
  Plan plan;
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    const std::string_view name = arguments[i];
    if (i + 1 == arguments.size()) throw std::runtime_error("a value is missing");
    const char* const value = arguments[i + 1];
    if (name == "--viewers") {
      plan.viewers = std::strtoull(value, nullptr, 10);
    } else if (name == "--rounds") {
      plan.rounds = std::strtoull(value, nullptr, 10);
    } else if (name == "--memory-bytes") {
      plan.memory_bytes = std::strtoull(value, nullptr, 10);
    } else if (name == "--engine") {
      plan.engine = value;
    } else {
      throw std::runtime_error(fmt::format("there is no option {}", name));
    }
  }
  return plan;
}

void run(const Plan& plan) {
  const auto wanted = [&](std::string_view engine) {
    return plan.engine.empty() || plan.engine == engine;
  };
  std::size_t row_bytes = 800;
  if (wanted("fold")) row_bytes = run_memory(plan, "fold", std::make_unique<Nowhere>());
  if (wanted("memory")) row_bytes = run_memory(plan, "memory", store::make_memory_store());
  if (wanted("floor")) run_floor(plan, row_bytes);
  if (wanted("rocks")) run_rocks(plan);
}

}  // namespace
}  // namespace lvp::bench

int main(int argc, char** argv) {
  try {
    lvp::bench::run(lvp::bench::plan_of({argv, static_cast<std::size_t>(argc)}));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_profile: {}\n", error.what());
    return 1;
  }
}
