// What holds for every audience (audience.h).
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "profile/audience.h"
#include "profile/codec.h"
#include "profile/device.h"
#include "profile/fold.h"
#include "profile/order.h"

namespace lvp::profile {
namespace {

using namespace audience;

// When it happened, whatever the device's clock said.
Timestamp true_time(const MediaEvent& event) {
  return event.collected - Duration(37) - (*event.sent - *event.created);
}

Device fold_all(const Events& arrivals, const Limits& limits = {}) {
  Device device;
  for (const MediaEvent& event : arrivals) apply(device, event, event.collected, limits);
  return device;
}

// All has been read by then, in whatever order.
void settle(Device& device, const Events& events) {
  expire(device, std::ranges::max(events, {}, &MediaEvent::collected).collected + minutes(8));
}

TEST(Property, AnyOrderInsideTheWindowGivesTheSameBytes) {
  for_every_device([](const Events& events) {
    Device device = fold_all(events);
    Device other = fold_all(disordered(events));
    RC_ASSERT(encode(other.profile).size() == encode(device.profile).size());
    RC_ASSERT(encode(other.profile) == encode(device.profile));
  });
}

TEST(Property, WhatIsReadTwiceCountsOnce) {
  for_every_device([](const Events& events) {
    Events twice;
    for (std::size_t i = 0; i < events.size(); ++i) {
      twice.push_back(events[i]);
      // Again at once, or from some way back.
      const auto back = static_cast<std::size_t>(*rc::gen::inRange(0, 20));
      if (back <= i) twice.push_back(events[i - back]);
    }
    Device device = fold_all(events);
    Device other = fold_all(twice);
    RC_ASSERT(other.profile.duplicates == device.profile.duplicates + twice.size() - events.size());
    other.profile.duplicates = device.profile.duplicates;
    RC_ASSERT(encode(other.profile) == encode(device.profile));
  });
}

TEST(Property, AStopBetweenAnyTwoEventsLeavesNoTrace) {
  for_every_device([](const Events& events) {
    const Events arrivals = disordered(events);
    const Device device = fold_all(arrivals);
    Device stopped;
    for (const MediaEvent& event : arrivals) {
      auto resumed = decode_device(encode(stopped));
      RC_ASSERT(resumed.has_value());
      stopped = *std::move(resumed);
      apply(stopped, event, event.collected);
    }
    RC_ASSERT(encode(stopped) == encode(device));
  });
}

TEST(Property, FoldingAgainGivesWhatFoldingInOrderGives) {
  for_every_device([](const Events& events) {
    const Device device = fold_all(disordered(events));
    for (const Play& play : device.profile.plays) {
      std::map<std::string, MediaEvent> own;  // by id: once each
      for (const MediaEvent& event : events) {
        if (event.session->id == play.id) own.emplace(event.event_id, event);
      }
      Events in_order;
      for (const auto& [id, event] : own) in_order.push_back(event);
      const bool numbered = std::ranges::all_of(in_order, is_numbered);
      const auto key = [&](const MediaEvent& event) {
        OrderKey made = order_key(event, numbered);
        made.created = true_time(event);
        return made;
      };
      std::ranges::sort(in_order,
                        [&](const MediaEvent& a, const MediaEvent& b) { return key(a) < key(b); });
      Session session;
      for (const MediaEvent& event : in_order) apply(session, event);
      if (play.left) session = left(std::move(session));
      RC_ASSERT(session == play.session);
    }
  });
}

TEST(Property, TimesAddUp) {
  for_every_device([](const Events& events) {
    Device device = fold_all(disordered(events));
    settle(device, events);
    for (const Play& play : device.profile.plays) {
      const Session& s = play.session;
      for (const Duration d : {s.play_time, s.paused_time, s.stall_time, s.ad_time})
        RC_ASSERT(d >= Duration(0));
      RC_ASSERT(s.play_time + s.paused_time + s.stall_time <= s.last - s.first);
      Duration in_runs{};
      for (const ContentRun& run : s.runs) in_runs += run.play_time;
      RC_ASSERT(s.runs.size() == runs_max || in_runs == s.play_time);

      // State after state, without a gap, from the first event to the last or to the leave.
      const Timestamp end = play.left ? s.timeline.back().at : s.last;
      Duration in_states{};
      for (std::size_t i = 0; i < s.timeline.size(); ++i) {
        const Timestamp next = i + 1 < s.timeline.size() ? s.timeline[i + 1].at : end;
        RC_ASSERT(next >= s.timeline[i].at);
        in_states += next - s.timeline[i].at;
      }
      RC_ASSERT(s.timeline.size() == timeline_max || in_states == end - s.first);
    }
  });
}

TEST(Property, VersionsOnlyGrowAndLeavingIsSaidOnce) {
  for_every_device([](const Events& events) {
    Device device;
    std::uint64_t version = 0;
    for (const MediaEvent& event : disordered(events)) {
      const Verdict verdict = apply(device, event, event.collected);
      const bool counts = verdict == Verdict::applied || verdict == Verdict::late;
      RC_ASSERT(device.profile.version == version + (counts ? 1 : 0));
      version = device.profile.version;
    }
    const bool left = expire(device, base + std::chrono::hours(1000));
    RC_ASSERT(device.profile.version == version + (left ? 1 : 0));
    RC_ASSERT(!expire(device, base + std::chrono::hours(2000)));
    RC_ASSERT(!deadline(device.profile).has_value());
  });
}

}  // namespace
}  // namespace lvp::profile
