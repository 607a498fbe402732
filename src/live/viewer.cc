#include "live/viewer.h"

#include <array>
#include <tuple>
#include <utility>

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
                    std::string_view(open.play.id), open.play.started_at);
}

}  // namespace

std::string_view OpenPlay::content() const {
  if (play.session.runs.empty()) return {};
  return play.session.runs.back().label;
}

bool is_open(const profile::Play& play) {
  return !play.historic && play.state() != profile::State::left;
}

OpenPlay open_play(std::string_view device, Duration clock_offset, profile::Play play) {
  const profile::Session& session = play.session;
  const Timestamp since = session.timeline.empty() ? session.first : session.timeline.back().at;
  const profile::State state = play.state();
  const Timestamp last = session.last;
  return {.device = device,
          .play = std::move(play),
          .clock_offset = clock_offset,
          .state = state,
          .since = since + clock_offset,
          .last_event = last + clock_offset};
}

bool BetterPlay::operator()(const OpenPlay* a, const OpenPlay* b) const {
  return standing(*a) < standing(*b);
}

}  // namespace lvp::live
