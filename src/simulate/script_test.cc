#include "simulate/script.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "simulate/ids.h"
#include "simulate/payload.h"
#include "wire/json.h"

namespace lvp::simulate {
namespace {

using namespace std::chrono_literals;
using enum MediaKind;

Plan long_evening(std::uint64_t seed) {
  Plan plan;
  plan.seed = seed;
  plan.viewers = 5;
  plan.duration = 20min;
  plan.activity = 20s;
  plan.deaths = 0.2;
  return plan;
}

std::vector<Event> events_of(Script script) {
  std::vector<Event> events;
  while (script.next()) {
    const Duration at = *script.next();
    events.push_back(script.take());
    RC_ASSERT(events.back().at == at);
  }
  return events;
}

bool is_of_ad(MediaKind kind) {
  return kind == ad_start || kind == ad_quartile || kind == ad_click || kind == ad_complete ||
         kind == ad_skip;
}

// Calls `check(script's device, events)` for the lives of some viewers of any plan.
template <class Check>
void for_lives(Check check) {
  EXPECT_TRUE(rc::check([&](std::uint64_t seed, bool slow_pings) {
    Plan plan = long_evening(seed);
    plan.ping = slow_pings ? 30s : 2s;
    const Catalogue catalogue(plan.seed, plan.contents);
    for (std::uint32_t viewer = 0; viewer < plan.viewers; ++viewer) {
      const Script script(plan, catalogue, viewer);
      check(plan, script.device(), events_of(script));
    }
  }));
}

TEST(Script, IsTheSameForTheSameSeed) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const Plan plan = long_evening(seed);
    const Catalogue catalogue(plan.seed, plan.contents);
    const Ids ids(seed);
    const auto bytes = [&] {
      Script script(plan, catalogue, 3);
      const Tracker tracker{3, &script.device(), script.clock_error()};
      const std::vector<Event> events = events_of(std::move(script));
      return body_text(tracker, events, ids, plan.ping, {from_ms(1'700'000'000'000), 1h});
    };
    RC_ASSERT(bytes() == bytes());
  }));
}

TEST(Script, IsNotTheSameForAnother) {
  const Plan plan = long_evening(1);
  const Catalogue catalogue(plan.seed, plan.contents);
  const auto kinds = [&](std::uint32_t viewer) {
    std::vector<std::pair<Duration, MediaKind>> told;
    for (const Event& event : events_of(Script(plan, catalogue, viewer)))
      told.emplace_back(event.at, event.kind);
    return told;
  };
  std::set<std::vector<std::pair<Duration, MediaKind>>> lives;
  for (std::uint32_t viewer = 0; viewer < plan.viewers; ++viewer) lives.insert(kinds(viewer));
  EXPECT_EQ(lives.size(), plan.viewers);
}

TEST(Script, CountsItsEventsAndNeverGoesBack) {
  for_lives([](const Plan& plan, const DeviceKind&, const std::vector<Event>& events) {
    Duration last{};
    std::uint32_t number = 0;
    for (const Event& event : events) {
      RC_ASSERT(event.at >= last);
      RC_ASSERT(event.at < plan.duration);
      RC_ASSERT(event.number == number++);
      last = event.at;
    }
  });
}

// A media session is the time since it began: played, paused and in ads.
TEST(Script, TimesOfAPlayAddUp) {
  for_lives([](const Plan&, const DeviceKind&, const std::vector<Event>& events) {
    for (const Event& event : events) {
      const Figures& f = event.figures;
      RC_ASSERT(f.played + f.paused + f.in_ads == event.at - event.play_began);
    }
  });
}

// docs/state-machine.md#transitions: what state each kind of event may leave.
TEST(Script, StatesFitTheirEvents) {
  using enum State;
  for_lives([](const Plan&, const DeviceKind&, const std::vector<Event>& events) {
    State before = State::left;
    bool started = false;
    std::uint32_t play_number = 0;
    for (const Event& event : events) {
      if (event.play != play_number) started = false;
      play_number = event.play;
      const bool in_break = event.ad_break.number != 0 && event.kind != ad_break_end;
      const State state = event.state;
      if (in_break) RC_ASSERT(state == playing_ad);
      if (event.ended) RC_ASSERT(state == ended);
      if (event.kind == MediaKind::ready) RC_ASSERT(state == State::ready);
      if (event.kind == play || event.kind == seek_end || event.kind == buffer_end)
        RC_ASSERT(state == playing);
      if (event.kind == pause && !in_break && !event.ended) RC_ASSERT(state == paused);
      if (event.kind == seek_start) RC_ASSERT(state == seeking);
      if (event.kind == buffer_start) RC_ASSERT(state == buffering);
      if (event.kind == ad_break_end) RC_ASSERT(state == (started ? playing : State::ready));
      if (event.kind == ping) RC_ASSERT(state == (before == seeking ? playing : before));
      started = started || event.kind == play;
      before = state;
    }
  });
}

TEST(Script, AdsComeInBreaksOneAfterTheOther) {
  for_lives([](const Plan&, const DeviceKind&, const std::vector<Event>& events) {
    std::uint32_t in_break = 0;
    std::uint32_t in_ad = 0;
    int quartile = 0;
    for (const Event& event : events) {
      if (event.kind == ad_break_start) {
        RC_ASSERT(in_break == 0u);
        in_break = event.ad_break.number;
      }
      RC_ASSERT(event.ad_break.number == in_break);
      if (event.kind == ad_start) {
        RC_ASSERT(in_ad == 0u);
        in_ad = event.ad.number;
        quartile = 0;
      }
      RC_ASSERT(event.ad.number == in_ad);
      if (is_of_ad(event.kind)) RC_ASSERT(in_break != 0u && in_ad != 0u);
      if (event.kind == ad_quartile) RC_ASSERT(event.percent == (quartile += 25));
      if (event.kind == ad_complete) RC_ASSERT(quartile == 75);
      if (event.kind == ad_complete || event.kind == ad_skip) in_ad = 0;
      if (event.kind == ad_break_end) in_break = 0;
    }
  });
}

// Timers of trackers: every interval from the beginning of the play, once while it is paused; and a
// Roku's follow the position.
TEST(Script, PingsAreThoseOfTheTracker) {
  for_lives([](const Plan& plan, const DeviceKind& device, const std::vector<Event>& events) {
    int paused_pings = 0;
    std::uint32_t play_number = 0;
    for (const Event& event : events) {
      if (event.play != play_number || !event.paused) paused_pings = 0;
      play_number = event.play;
      if (event.kind != ping) continue;
      RC_ASSERT((event.at - event.play_began) % plan.ping == 0ms);
      paused_pings += event.paused;
      RC_ASSERT(paused_pings <= (device.family == Family::tv ? 0 : 1));
    }
  });
}

TEST(Script, PositionsAreWithinTheContentAndMoveWithTheClock) {
  for_lives([](const Plan&, const DeviceKind&, const std::vector<Event>& events) {
    const Event* before = nullptr;
    for (const Event& event : events) {
      RC_ASSERT(event.position_s >= 0);
      if (!event.content->live()) RC_ASSERT(event.position_s <= event.content->duration_s);
      if (before != nullptr && before->play == event.play && event.kind != seek_end) {
        const double moved = event.position_s - before->position_s;
        const double passed = to_seconds(event.at - before->at);
        const bool plays = before->state == State::playing && !before->paused;
        RC_ASSERT(std::abs(moved - (plays ? passed : 0)) < 0.01);
      }
      before = &event;
    }
  });
}

// docs/state-machine.md#what-an-event-does: or it would be no seek. Between two pings of a quarter
// of an hour nothing may be told for long.
TEST(Script, NoJumpCanBeTakenForPlayingOn) {
  int jumps = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    Plan plan = long_evening(seed);
    plan.duration = 12h;
    plan.activity = 15min;
    plan.ping = 15min;
    const Catalogue catalogue(plan.seed, plan.contents);
    const Event* from = nullptr;  // before the jump
    const std::vector<Event> events = events_of(Script(plan, catalogue, 0));
    for (const Event& event : events) {
      if (event.kind == seek_end && from->state == State::playing) {
        const double played_on = to_seconds(event.at - from->at);
        const double jump = event.position_s - (from->position_s + played_on);
        EXPECT_GT(std::abs(jump), 2 + 0.05 * played_on) << "seed " << seed;
        ++jumps;
      }
      if (event.kind != seek_start) from = &event;
    }
  }
  EXPECT_GT(jumps, 1000);
}

// docs/state-machine.md#patience, for pings of 2 s and of 30 s.
TEST(Script, PatienceIsThatOfTheTable) {
  for_lives([](const Plan& plan, const DeviceKind&, const std::vector<Event>& events) {
    const bool slow = plan.ping == 30s;
    for (const Event& event : events) {
      Duration expected = 30min;
      if (event.state == State::playing || event.state == State::seeking)
        expected = slow ? 105s : 21s;
      if (event.state == State::buffering || event.state == State::ended) expected = 5min;
      if (event.state == State::playing_ad) {
        const bool ad_runs =
            event.ad.number != 0 && event.kind != ad_complete && event.kind != ad_skip;
        const Duration ad = 2 * std::chrono::seconds(event.ad.length_s) + 15s;
        expected = ad_runs ? std::max<Duration>(ad, slow ? 105s : 21s) : 3min;
      }
      RC_ASSERT(event.patience == expected);
    }
  });
}

TEST(Script, EverythingHappensInALongEvening) {
  std::set<MediaKind> kinds;
  std::set<std::string_view> devices;
  bool logged_in = false;
  std::uint32_t plays = 0;
  Plan plan = long_evening(1);
  plan.viewers = 200;
  plan.duration = 2h;
  const Catalogue catalogue(plan.seed, plan.contents);
  for (std::uint32_t viewer = 0; viewer < plan.viewers; ++viewer) {
    Script script(plan, catalogue, viewer);
    devices.insert(script.device().name);
    while (script.next()) {
      const Event event = script.take();
      kinds.insert(event.kind);
      logged_in = logged_in || event.logged_in;
      plays = std::max(plays, event.play + 1);
    }
  }
  EXPECT_EQ(kinds.size(), 16u);  // all that event_name() knows
  EXPECT_EQ(devices.size(), device_kinds().size());
  EXPECT_TRUE(logged_in);
  EXPECT_GT(plays, 1u);
}

TEST(Ids, LeadBackToTheViewer) {
  EXPECT_TRUE(rc::check([](std::uint64_t salt, std::uint32_t viewer) {
    const Ids ids(salt);
    const auto device = ids.viewer_of(ids.device(viewer));
    RC_ASSERT(device && device->number == viewer && !device->logged_in);
    const auto user = ids.viewer_of(ids.user(viewer));
    RC_ASSERT(user && user->number == viewer && user->logged_in);
    RC_ASSERT(!Ids(salt + 1).viewer_of(ids.device(viewer)));
    RC_ASSERT(!Ids(salt + 1).viewer_of(ids.user(viewer)));
  }));
}

TEST(Ids, OfOthersAreNobodys) {
  const Ids ids(1);
  for (const std::string_view id : {"", "viewer-", "viewer-00000001-", "viewer-00000001-x",
                                    "somebody", "143f9cb9-3db9-4e99-8d67-c8aea075d190"})
    EXPECT_FALSE(ids.viewer_of(id)) << id;
}

}  // namespace
}  // namespace lvp::simulate
