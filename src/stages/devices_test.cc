// The devices of the stage against devices that are simply kept: random audiences whose events come
// late, twice and out of order, in steps that fail, with hardly any memory, through restarts.
#include "stages/devices.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "profile/audience.h"
#include "profile/codec.h"
#include "profile/describe.h"
#include "profile/notation.h"
#include "store/memory.h"

namespace lvp::stages {
namespace {

using namespace profile::audience;

struct Arrival {
  Timestamp at;
  MediaEvent event;
};

/// What a whole audience sent, as it arrives: nearly in order, now and then much later.
std::vector<Arrival> arrivals_of(const Audience& audience) {
  std::vector<Arrival> arrivals;
  for (const auto& [device, events] : audience.sent()) {
    for (const MediaEvent& event : events) {
      const int late = *rc::gen::weightedElement<int>({{30, 0}, {4, 20}, {2, 400}, {1, 5000}});
      arrivals.push_back({event.collected + seconds(late), event});
    }
  }
  std::ranges::stable_sort(arrivals, {}, &Arrival::at);
  return arrivals;
}

// For whoever reads a failure.
std::string text_of(std::string_view profile) {
  return profile::describe(*profile::decode_profile(profile), base);
}

// What is to be shown at once, of each play.
std::string face_of(const profile::Profile& profile) {
  std::string all;
  for (const profile::Play& play : profile.plays) {
    const profile::Session& s = play.session;
    all +=
        fmt::format("{} {} {} {} {} {} {} {}\n", play.id, profile::name_of(play.state()),
                    s.play_events, s.pauses, s.completions, s.stalls, s.ads_completed, s.quality);
  }
  return all;
}

class World {
 public:
  World()
      : tables_(*open_tables(*store_)),
        settings_{.limits = {.window_events_max = 12, .lateness_max = minutes(70), .ids_max = 40},
                  .bytes_max = static_cast<std::size_t>(*rc::gen::inRange(18'000, 30'000)),
                  .told_after = seconds(*rc::gen::inRange(0, 60))} {
    start();
  }

  void start() {
    devices_ = std::make_unique<Devices>(tables_, settings_);
    RC_ASSERT(devices_->restore(wall_).has_value());
    RC_ASSERT(devices_->stale().empty());
  }

  /// Events that arrive together. Then silence is judged, by the wall clock or by what was read.
  void step(const std::vector<Arrival>& arrivals, Duration silence, bool caught_up, int failures) {
    std::vector<std::pair<const MediaEvent*, Timestamp>> events;
    for (const Arrival& arrival : arrivals) {
      wall_ = std::max(wall_, arrival.at);
      now_ = std::max(now_, arrival.event.collected);
      events.emplace_back(&arrival.event, now_);
      profile::Device& device = kept_[arrival.event.device_key];
      device.profile.device = arrival.event.device_key;
      apply(device, arrival.event, now_, settings_.limits, habits_);
    }
    wall_ += silence;
    if (caught_up) now_ = wall_;
    for (auto& [key, device] : kept_) expire(device, now_);
    while (failures-- > 0) attempt(events, caught_up, /*succeeds=*/false);
    attempt(events, caught_up, /*succeeds=*/true);
    RC_ASSERT(devices_->bytes_in_memory() <= settings_.bytes_max + 3'000);
    for (const auto& [key, device] : kept_)
      RC_ASSERT(face_of(device.profile) == face_of(*profile::decode_profile(shown_.at(key))));
  }

  /// Everybody was told, and it is what was kept.
  void settle() {
    step({}, settings_.told_after_max, /*caught_up=*/false, 0);
    step({}, settings_.told_after_max, /*caught_up=*/false, 0);
    for (const auto& [key, device] : kept_) {
      const auto row = *tables_.devices->get(key);
      RC_ASSERT(row.has_value());
      RC_ASSERT(profile::profile_of(*row) == encode(device.profile));
    }
    int entries = 0;
    RC_ASSERT(
        tables_.journal->scan("", [&](auto, auto) { return ++entries, Status(); }).has_value());
    RC_ASSERT(entries <= 1);
  }

 private:
  using Events = std::vector<std::pair<const MediaEvent*, Timestamp>>;

  void attempt(const Events& events, bool keeps_up, bool succeeds) {
    Work work;
    for (const auto& [event, now] : events) {
      const auto touched = devices_->touch(event->device_key, work);
      RC_ASSERT(touched.has_value());
      RC_ASSERT(devices_->take(**touched, *event, now, habits_).has_value());
    }
    const auto due = devices_->touch_due(now_, 1000, work);
    RC_ASSERT(due.has_value());
    for (Touched* const touched : *due) RC_ASSERT(devices_->expire(*touched, now_).has_value());
    RC_ASSERT(devices_->touch_waiting(wall_, false, 1000, work).has_value());
    UnitOfWork unit;
    std::map<std::string, std::string> shown;
    RC_ASSERT(devices_
                  ->write(unit, work, wall_, keeps_up,
                          [&](const std::string& key, std::string_view profile) {
                            RC_ASSERT(text_of(profile) == text_of(encode(kept_.at(key).profile)));
                            RC_ASSERT(profile == encode(kept_.at(key).profile));
                            shown[key] = profile;
                          })
                  .has_value());
    if (!succeeds) return devices_->abandon(work);
    RC_ASSERT(unit.commit().has_value());
    devices_->keep(work, wall_);
    for (auto& [key, profile] : shown) shown_[key] = std::move(profile);
  }

  std::unique_ptr<store::Store> store_ = store::make_memory_store();
  Tables tables_;
  DevicesSettings settings_;
  profile::PingHabits habits_;
  std::unique_ptr<Devices> devices_;
  std::map<std::string, profile::Device> kept_;
  std::map<std::string, std::string> shown_;
  Timestamp wall_ = base;
  Timestamp now_;
};

TEST(Devices, AreWhatTheyWouldBeIfEachWereSimplyKept) {
  setenv("RC_PARAMS", "seed=20241117 max_success=150", /*overwrite=*/0);
  EXPECT_TRUE(rc::check([] {
    const std::vector<Arrival> arrivals = arrivals_of(Audience(*any_audience()));
    World world;
    for (std::size_t i = 0; i < arrivals.size();) {
      const auto count = static_cast<std::size_t>(*rc::gen::inRange(1, 6));
      const std::size_t end = std::min(arrivals.size(), i + count);
      const std::vector<Arrival> batch(arrivals.begin() + static_cast<std::ptrdiff_t>(i),
                                       arrivals.begin() + static_cast<std::ptrdiff_t>(end));
      world.step(batch, seconds(*rc::gen::weightedElement<int>({{20, 0}, {2, 20}, {1, 100}})),
                 *rc::gen::arbitrary<bool>(), *rc::gen::weightedElement<int>({{10, 0}, {1, 2}}));
      if (*rc::gen::weightedElement<bool>({{8, false}, {1, true}})) world.start();
      i = end;
    }
    world.settle();
  }));
}

// One step for each event, by a stage that lags. Returns the row that is stored then.
std::string steps(Devices& devices, const Tables& tables, std::span<const MediaEvent> events,
                  Timestamp& wall) {
  for (const MediaEvent& event : events) {
    Work work;
    wall = std::max(wall, event.collected);
    Touched* const touched = devices.touch(event.device_key, work).value();
    EXPECT_TRUE(devices.take(*touched, event, event.collected, {}));
    UnitOfWork unit;
    EXPECT_TRUE(devices.write(unit, work, wall, /*keeps_up=*/false, [](auto&, auto) {}));
    EXPECT_TRUE(unit.commit());
    devices.keep(work, wall);
  }
  return tables.devices->get("viewer")->value();
}

TEST(Devices, AreWholeWhereARowCannotFollowTheJournal) {
  // Play A is kept by the first limits, and by the others not while B goes on.
  const DevicesSettings first{.limits = {}, .bytes_max = 1 << 20};
  const DevicesSettings then{.limits = {.lateness_max = minutes(40)}, .bytes_max = 1 << 20};
  const auto events = profile::notation::read(
      "A:0 play@0 dur=600; A:10 end@10e; B:3000 play@0 dur=600; B:3010 ping@10;"
      "B:3020 ping@20; B:3028 ping@28;"
      "B:3024 pause@24p !3040");
  const auto before = std::span(events).first(3);
  const auto in_journal = std::span(events).subspan(3, 3);
  const auto late = std::span(events).last(1);
  profile::Device kept;
  for (const MediaEvent& event : before) apply(kept, event, event.collected, first.limits);
  ASSERT_EQ(kept.profile.plays.size(), 2u);

  const auto store = store::make_memory_store();
  const Tables tables = *open_tables(*store);
  Timestamp wall;
  {
    Devices devices(tables, first);
    steps(devices, tables, before, wall);
    const std::string row = steps(devices, tables, in_journal, wall);
    EXPECT_EQ(profile::profile_of(row), encode(kept.profile)) << "or the journal has nothing";
  }
  for (const MediaEvent& event : in_journal) apply(kept, event, event.collected, then.limits);
  ASSERT_EQ(kept.profile.plays.size(), 1u);

  Devices devices(tables, then);
  ASSERT_TRUE(devices.restore(wall));
  Work work;
  ASSERT_TRUE(devices.touch_waiting(wall + then.told_after_max, /*keeps_up=*/false, 1, work));
  UnitOfWork unit;
  std::string told;
  ASSERT_TRUE(devices.write(unit, work, wall, /*keeps_up=*/false,
                            [&](auto&, std::string_view profile) { told = profile; }));
  ASSERT_TRUE(unit.commit());
  devices.keep(work, wall);
  EXPECT_EQ(told, encode(kept.profile));

  // What comes late finds the events of the journal in their window.
  for (const MediaEvent& event : late) apply(kept, event, event.collected, then.limits);
  EXPECT_EQ(profile::profile_of(steps(devices, tables, late, wall)), encode(kept.profile));
}

// An entry is a record of the changelog, and of no broker larger than it takes.
TEST(Devices, AreToldWhereAnEntryOfTheJournalWouldBeTooLarge) {
  constexpr int viewers = 6'000;
  const auto store = store::make_memory_store();
  const Tables tables = *open_tables(*store);
  Devices devices(tables, {.limits = {}, .bytes_max = 1 << 30});
  const auto events = profile::notation::read("0 play@0 dur=600; 10 pause@10p");
  for (MediaEvent event : events) {
    Work work;
    for (int i = 0; i < viewers; ++i) {
      event.device_key = fmt::format("viewer-{:0100}", i);
      ASSERT_TRUE(
          devices.take(*devices.touch(event.device_key, work).value(), event, event.collected, {}));
    }
    UnitOfWork unit;
    int shown = 0;
    ASSERT_TRUE(devices.write(unit, work, event.collected, /*keeps_up=*/false,
                              [&](auto&, auto) { ++shown; }));
    EXPECT_EQ(shown, viewers);
    ASSERT_TRUE(unit.commit());
    devices.keep(work, event.collected);
  }
  std::size_t largest = 0;
  ASSERT_TRUE(tables.journal->scan("", [&](auto, std::string_view entry) {
    largest = std::max(largest, entry.size());
    return Status();
  }));
  EXPECT_GT(largest, 500'000u);
  EXPECT_LT(largest, 530'000u);
  int told = 0;
  ASSERT_TRUE(tables.devices->scan("", [&](auto, std::string_view row) {
    told += profile::version_of(row) == 2;
    return Status();
  }));
  EXPECT_GT(told, 0);
  EXPECT_LT(told, viewers);
}

// A table that counts who asks for a row.
class Counting final : public store::Table {
 public:
  Counting(std::unique_ptr<store::Table> table, int& asked)
      : table_(std::move(table)), asked_(asked) {}

  Result<std::optional<std::string>> get(std::string_view key) const override {
    ++asked_;
    return table_->get(key);
  }
  Status scan(std::string_view prefix, const Visit& visit) const override {
    return table_->scan(prefix, visit);
  }
  Status put(UnitOfWork& unit, std::string_view key, std::string value) override {
    return table_->put(unit, key, std::move(value));
  }
  Status erase(UnitOfWork& unit, std::string_view key) override { return table_->erase(unit, key); }

 private:
  std::unique_ptr<store::Table> table_;
  int& asked_;
};

TEST(Devices, AreLookedForInTheTableOnceOneOfThemIsNotInMemory) {
  const auto store = store::make_memory_store();
  Tables tables = *open_tables(*store);
  int asked = 0;
  tables.devices = std::make_unique<Counting>(std::move(tables.devices), asked);
  Timestamp wall;
  const auto touch = [](Devices& devices, std::string_view key) {
    Work work;
    return devices.touch(key, work).value()->is_new;
  };
  {
    Devices devices(tables, {.limits = {}, .bytes_max = 1 << 20});
    ASSERT_TRUE(devices.restore(wall));
    steps(devices, tables, profile::notation::read("0 play@0 dur=600"), wall);
    asked = 0;
    EXPECT_FALSE(touch(devices, "viewer"));
    EXPECT_TRUE(touch(devices, "somebody"));
    EXPECT_EQ(asked, 0);
  }
  {
    Devices again(tables, {.limits = {}, .bytes_max = 1 << 20});
    ASSERT_TRUE(again.restore(wall));
    EXPECT_FALSE(touch(again, "viewer"));
    EXPECT_TRUE(touch(again, "somebody"));
    EXPECT_EQ(asked, 0) << "a start reads them all";
  }
  Devices narrow(tables, {.limits = {}, .bytes_max = 1});
  ASSERT_TRUE(narrow.restore(wall));
  EXPECT_FALSE(touch(narrow, "viewer")) << "it is in the table alone";
  EXPECT_TRUE(touch(narrow, "somebody"));
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace lvp::stages
