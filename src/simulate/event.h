// One media event of a made-up viewer: what its tracker says, and what is true after it. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "simulate/catalogue.h"
#include "wire/media_event.h"

namespace lvp::simulate {

/// What a viewer does, in the words of docs/state-machine.md. Deliberately not profile::State: what
/// is true here must not come from the code that is tested.
enum class State : std::uint8_t {
  left,
  ready,
  playing,
  paused,
  buffering,
  seeking,
  playing_ad,
  ended,
  other,  ///< one that no made-up viewer is ever in
};

std::string_view name_of(State state);        ///< "PLAYING_AD"
State parse_state(std::string_view name);     ///< `other` for a name that is none of these
bool is_watching(State state);                ///< counts as a concurrent viewer
std::string_view event_name(MediaKind kind);  ///< "play_event"; of the kinds that viewers send

/// The running break and ad, as their entities tell them.
struct AdBreakNow {
  std::uint32_t number = 0;  ///< of the play's breaks, from 1; 0: none
  double position_s = 0;     ///< of the content
  bool preroll = false;
};
struct AdNow {
  std::uint32_t number = 0;  ///< of the play's ads, from 1; 0: none
  std::uint32_t pod_position = 0;
  int length_s = 0;
};

/// What the session entity counts (cumulative within a play).
struct Figures {
  Duration played{};
  Duration paused{};
  Duration in_ads{};
  int ad_breaks = 0;
  int ads = 0;
  int ads_skipped = 0;
  int ads_clicked = 0;
};

/// Of a patience, what is for the way of an event (docs/state-machine.md#patience).
inline constexpr Duration grace = std::chrono::seconds(15);

struct Event {
  Duration at{};  ///< since the run began, by a right clock
  MediaKind kind = MediaKind::ping;
  std::uint32_t number = 0;  ///< of the viewer's events, from 0
  std::uint32_t play = 0;    ///< of the viewer's plays, from 0
  Duration play_began{};     ///< when the tracker was attached to the player
  const Content* content = nullptr;
  double position_s = 0;  ///< whole milliseconds
  bool paused = false;
  bool ended = false;
  bool logged_in = false;
  AdBreakNow ad_break;
  AdNow ad;
  int percent = 0;  ///< of ad_quartile, ad_skip and ad_click
  Figures figures;

  // The truth.
  State state = State::ready;  ///< after it
  Duration patience{};         ///< how long the viewer may be silent after it, `grace` included
  bool moves = false;      ///< state, patience, play or viewer are not those of the event before
  bool completes = false;  ///< the content came to its end with it
};

/// Events that a profile counts, of one viewer.
struct Tally {
  int plays = 0;
  int pauses = 0;  ///< not for an ad, and not at the end
  int stalls = 0;
  int seeks = 0;
  int completions = 0;
  int ad_breaks = 0;
  int impressions = 0;
  int ads_completed = 0;
  int ads_skipped = 0;
  int ad_clicks = 0;

  bool operator==(const Tally&) const = default;
};

/// Adds what a profile is to count for the event.
void count(Tally& tally, const Event& event);

}  // namespace lvp::simulate
