#include "simulate/event.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lvp::simulate {
namespace {

constexpr std::array<std::pair<State, std::string_view>, 8> states{
    {{State::left, "LEFT"},
     {State::ready, "READY"},
     {State::playing, "PLAYING"},
     {State::paused, "PAUSED"},
     {State::buffering, "BUFFERING"},
     {State::seeking, "SEEKING"},
     {State::playing_ad, "PLAYING_AD"},
     {State::ended, "ENDED"}}};

struct KindRow {
  MediaKind kind;
  std::string_view name;
  int Tally::* counts;  // null: nothing
};

constexpr std::array<KindRow, 16> kinds{{
    {MediaKind::ready, "ready_event", nullptr},
    {MediaKind::play, "play_event", &Tally::plays},
    {MediaKind::pause, "pause_event", &Tally::pauses},
    {MediaKind::end, "end_event", nullptr},
    {MediaKind::seek_start, "seek_start_event", nullptr},
    {MediaKind::seek_end, "seek_end_event", &Tally::seeks},
    {MediaKind::ping, "ping_event", nullptr},
    {MediaKind::buffer_start, "buffer_start_event", &Tally::stalls},
    {MediaKind::buffer_end, "buffer_end_event", nullptr},
    {MediaKind::ad_break_start, "ad_break_start_event", &Tally::ad_breaks},
    {MediaKind::ad_break_end, "ad_break_end_event", nullptr},
    {MediaKind::ad_start, "ad_start_event", &Tally::impressions},
    {MediaKind::ad_quartile, "ad_quartile_event", nullptr},
    {MediaKind::ad_complete, "ad_complete_event", &Tally::ads_completed},
    {MediaKind::ad_skip, "ad_skip_event", &Tally::ads_skipped},
    {MediaKind::ad_click, "ad_click_event", &Tally::ad_clicks},
}};

}  // namespace

std::string_view name_of(State state) {
  const auto found = std::ranges::find(states, state, &decltype(states)::value_type::first);
  return found == states.end() ? "another" : found->second;
}

State parse_state(std::string_view name) {
  const auto found = std::ranges::find(states, name, &decltype(states)::value_type::second);
  return found == states.end() ? State::other : found->first;
}

bool is_watching(State state) {
  return state == State::playing || state == State::playing_ad || state == State::buffering ||
         state == State::seeking;
}

std::string_view event_name(MediaKind kind) {
  const auto row = std::ranges::find(kinds, kind, &KindRow::kind);
  return row == kinds.end() ? std::string_view() : row->name;
}

void count(Tally& tally, const Event& event) {
  tally.completions += event.completes;
  const bool for_an_ad = event.ad_break.number != 0;
  if (event.kind == MediaKind::pause && (for_an_ad || event.ended)) return;
  const auto row = std::ranges::find(kinds, event.kind, &KindRow::kind);
  if (row->counts != nullptr) ++(tally.*row->counts);
}

}  // namespace lvp::simulate
