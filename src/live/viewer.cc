#include "live/viewer.h"

#include <array>
#include <tuple>

#include "live/device_name.h"

namespace lvp::live {
namespace {

// The place of each state in the order of the enumerators: left, ready, playing, paused, buffering,
// seeking, playing_ad, ad_paused, ended, failed.
constexpr std::array<int, profile::state_count> places{9, 6, 0, 5, 2, 3, 1, 4, 8, 7};

int place_of(profile::State state) {
  return places[static_cast<std::size_t>(state)];
}

auto standing(const OpenPlay& open) {
  return std::tuple(place_of(open.state), -to_ms(open.last_event), open.device,
                    std::string_view(open.id), open.started_at);
}

}  // namespace

bool is_open(const profile::Play& play) {
  return !play.historic && play.state() != profile::State::left;
}

OpenPlay open_play(std::string_view device, Duration clock_offset, const profile::Play& play) {
  const profile::Session& s = play.session;
  OpenPlay open{.device = device,
                .id = play.id,
                .started_at = play.started_at,
                .state = play.state(),
                .since = (s.timeline.empty() ? s.first : s.timeline.back().at) + clock_offset,
                .last_event = s.last + clock_offset,
                .content = s.runs.empty() ? "" : s.runs.back().label,
                .position_s = s.position_s,
                .position_at = (s.position_s ? s.position_at : s.last) + clock_offset,
                .rate = s.rate,
                .duration_s = s.duration_s,
                .livestream = s.livestream,
                .platform = s.platform,
                .device_name = device_name(s.platform, s.useragent),
                .ad = {}};
  if (s.ad) open.ad = {s.ad->id, s.ad->name, s.ad->quartile};
  return open;
}

bool BetterPlay::operator()(const OpenPlay* a, const OpenPlay* b) const {
  return standing(*a) < standing(*b);
}

}  // namespace lvp::live
