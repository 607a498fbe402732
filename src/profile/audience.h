// For tests: random audiences. Several viewers on several devices, with sessions, ads, pauses,
// seeks, errors and clocks that are wrong, some of whose events are lost, late or sent twice.
//
// RapidCheck makes them and shrinks those that break a rule. Its seed is fixed here; RC_PARAMS
// ("seed=… max_success=…") in the environment tries others.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "wire/media_event.h"

namespace lvp::profile::audience {

using std::chrono::minutes;
using std::chrono::seconds;

inline constexpr Timestamp base = from_ms(1'731'764'003'000);

inline constexpr std::array kinds{
    MediaKind::ready,          MediaKind::play,
    MediaKind::pause,          MediaKind::end,
    MediaKind::seek_start,     MediaKind::seek_end,
    MediaKind::ping,           MediaKind::ping,
    MediaKind::ping,           MediaKind::buffer_start,
    MediaKind::buffer_end,     MediaKind::error,
    MediaKind::ad_start,       MediaKind::ad_quartile,
    MediaKind::ad_complete,    MediaKind::ad_skip,
    MediaKind::ad_click,       MediaKind::ad_pause,
    MediaKind::ad_resume,      MediaKind::ad_break_start,
    MediaKind::ad_break_end,   MediaKind::percent_progress,
    MediaKind::quality_change, MediaKind::other,
};

/// A step of the audience, small numbers that shrink to nothing.
struct Happening {
  int device = 0;
  int session = 0;
  int viewer = 0;
  int kind = 0;
  int pause_s = 0;  // since the device's last
  int silence = 0;  // 1: a long one, 2: one that nobody waits for
  int moved_s = 0;  // of the content, beside playing on
  int delay_s = 0;  // of the request
  int ad = 0;
  bool paused = false;
  bool in_break = false;
  bool again = false;  // delivered twice
  bool lost = false;
  bool clock_set = false;
};

inline rc::Gen<Happening> any_happening() {
  const auto below = [](int end) { return rc::gen::inRange(0, end); };
  const auto one_in = [](std::size_t n) {
    return rc::gen::weightedElement<bool>({{n - 1, false}, {1, true}});
  };
  return rc::gen::build<Happening>(
      rc::gen::set(&Happening::device, below(3)), rc::gen::set(&Happening::session, below(3)),
      rc::gen::set(&Happening::viewer, rc::gen::weightedElement<int>({{12, 0}, {1, 1}, {1, 2}})),
      rc::gen::set(&Happening::kind, below(static_cast<int>(kinds.size()))),
      rc::gen::set(&Happening::pause_s, below(40)),
      rc::gen::set(&Happening::silence, rc::gen::weightedElement<int>({{40, 0}, {2, 1}, {1, 2}})),
      rc::gen::set(&Happening::moved_s,
                   rc::gen::weightedOneOf<int>({{6, rc::gen::just(0)}, {1, below(300)}})),
      rc::gen::set(&Happening::delay_s, below(30)), rc::gen::set(&Happening::ad, below(4)),
      rc::gen::set(&Happening::paused, one_in(4)), rc::gen::set(&Happening::in_break, one_in(5)),
      rc::gen::set(&Happening::again, one_in(10)), rc::gen::set(&Happening::lost, one_in(12)),
      rc::gen::set(&Happening::clock_set, one_in(40)));
}

/// What one device sent, in order of collection.
using Events = std::vector<MediaEvent>;

class Audience {
 public:
  explicit Audience(const std::vector<Happening>& happenings) {
    for (const Happening& happening : happenings) happens(happening);
    for (auto& [device, events] : sent_)
      std::ranges::stable_sort(events, {}, &MediaEvent::collected);
  }
  const std::map<std::string, Events>& sent() const { return sent_; }

 private:
  struct Clock {
    Timestamp now = base;
    double counted_s = 0;
    int number = 0;
    double position_s = 0;
    Duration ahead = std::chrono::hours(1);
  };

  void happens(const Happening& h) {
    const std::string device = "d" + std::to_string(h.device);
    Clock& clock = clocks_[device];
    const Duration passed = h.silence == 1   ? minutes(3)
                            : h.silence == 2 ? minutes(40)
                                             : Duration(seconds(h.pause_s));
    clock.now += passed;
    clock.counted_s += to_seconds(passed);
    clock.position_s += to_seconds(passed) + h.moved_s;
    ++clock.number;
    if (h.clock_set)
      clock.ahead = clock.ahead == Duration(0) ? Duration(minutes(-90)) : Duration(0);
    if (h.lost) return;
    sent_[device].push_back(event(h, device, clock));
    if (h.again) sent_[device].push_back(sent_[device].back());
  }

  static MediaEvent event(const Happening& h, const std::string& device, const Clock& clock) {
    MediaEvent made;
    made.kind = kinds[static_cast<std::size_t>(h.kind)];
    made.event_id = device + '-' + std::to_string(clock.number);
    made.event_name = "event_" + std::to_string(h.kind);
    // The first device's clock is wrong and is set, and the second's tracker numbers its events.
    made.created = clock.now + (h.device == 0 ? clock.ahead : Duration(0));
    made.sent = *made.created + seconds(h.delay_s / 2);
    made.collected = clock.now + seconds(h.delay_s / 2) + Duration(37);
    made.device_key = device;
    made.viewer = h.viewer == 0 ? device : "u" + std::to_string(h.viewer);
    made.tracker = h.device == 2 ? "roku-0.3.0" : "js-4.0.1";
    if (h.device == 1) made.client_session = ClientSession{device, 1, clock.number};
    made.player = Player{};
    made.player->position = clock.position_s;
    made.player->paused = h.paused;
    made.player->ended = made.kind == MediaKind::end;
    made.player->duration = 5000;
    made.player->label = h.session == 2 && h.ad > 1 ? "news" : "film";
    made.session = MediaSession{};
    made.session->id = "s" + std::to_string(h.session);
    made.session->time_played_s = clock.counted_s;
    if (h.in_break || made.kind == MediaKind::ad_break_start) {
      made.ad_break = AdBreak{};
      made.ad_break->id = "b" + std::to_string(h.ad / 2);
      if (h.ad == 3) made.ad_break->type = BreakType::nonlinear;
    }
    if (made.kind >= MediaKind::ad_start) {
      made.ad = Ad{};
      made.ad->id = made.ad_id = "a" + std::to_string(h.ad);
      made.ad->duration_s = 15;
    }
    if (made.kind == MediaKind::ad_quartile) made.percent_progress = 25 * (1 + h.ad % 3);
    made.fingerprint = fnv1a(made.event_id);
    return made;
  }

  std::map<std::string, Clock> clocks_;
  std::map<std::string, Events> sent_;
};

/// Long enough that windows fill and empty.
inline rc::Gen<std::vector<Happening>> any_audience() {
  return rc::gen::scale(2.0, rc::gen::container<std::vector<Happening>>(any_happening()));
}

/// Calls `rule` with what each device of many audiences sent.
template <class Rule>
void for_every_device(Rule&& rule) {
  setenv("RC_PARAMS", "seed=20241116 max_success=150", /*overwrite=*/0);
  EXPECT_TRUE(rc::check([&] {
    const Audience audience(*any_audience());
    for (const auto& [device, events] : audience.sent()) rule(events);
  }));
}

/// Read up to eight minutes out of order.
inline Events disordered(const Events& events) {
  std::vector<std::pair<Timestamp, std::size_t>> order;
  const auto delays =
      *rc::gen::container<std::vector<int>>(events.size(), rc::gen::inRange(0, 480));
  for (std::size_t i = 0; i < events.size(); ++i)
    order.emplace_back(events[i].collected + seconds(delays[i]), i);
  std::ranges::sort(order);
  Events arrivals;
  for (const auto& [time, i] : order) arrivals.push_back(events[i]);
  return arrivals;
}

}  // namespace lvp::profile::audience
