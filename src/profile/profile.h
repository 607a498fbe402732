// What we know of a device: its media sessions, each with its state and its figures.
//
// A device is folded by one owner from its media events (fold.h, device.h). A viewer is the union
// of the sessions, on whatever devices, that carry its id; that union is made where it is read
// (live/). Times are the device's own clock unless a name says wall: order and durations come from
// the device, where they are right even when its clock is not (docs/state-machine.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "profile/watched.h"
#include "wire/media_event.h"

namespace lvp::profile {

/// What a session is doing. Which one holds is decided by state_of() in fold.h. Stored: append
/// only.
enum class State : std::uint8_t {
  left,     ///< no evidence of presence
  ready,    ///< player attached, nothing played yet
  playing,  ///< content is moving
  paused,
  buffering,  ///< waiting for data; before the first frame too
  seeking,
  playing_ad,  ///< in a linear break, or in an ad without a break; slate between ads included
  ad_paused,
  ended,
  failed,  ///< an error, and no progress since
};

inline constexpr std::size_t state_count = 10;

std::string_view name_of(State state);  ///< "PLAYING_AD"
std::optional<State> parse_state(std::string_view name);

/// The event that moved a session, as far as the accelerator's messages show it.
struct Cause {
  std::string event_id;
  std::string event_name;
  Timestamp collected;
  double video_ts = 0;
  int ads_clicked = 0;
  int ads_skipped = 0;
  std::string ad_id;

  bool operator==(const Cause&) const = default;
};

Cause cause_of(const MediaEvent& event);

struct Transition {
  State state = State::left;
  Timestamp at;
  Cause cause;

  bool operator==(const Transition&) const = default;
};

enum class AdOutcome : std::uint8_t {
  open,
  complete,
  skip,
  abandoned,  ///< the viewer left during it
  unknown,    ///< another ad, the content or the end of the break came without a word of its end
};

std::string_view name_of(AdOutcome outcome);

struct AdView {
  std::string id;
  std::string name;
  std::string creative_id;
  std::string break_id;
  std::optional<int> pod_position;
  std::optional<double> duration_s;
  Timestamp since;
  std::optional<Timestamp> clock_since;  ///< the ad clock runs
  Duration played{};
  int quartile = 0;  ///< 0, 25, 50, 75, 100
  int clicks = 0;
  bool paused = false;
  bool inferred = false;       ///< its start was lost
  bool paused_before = false;  ///< of the content, for an ad without a break
  AdOutcome outcome = AdOutcome::open;

  bool operator==(const AdView&) const = default;
};

struct BreakView {
  std::string id;
  std::string name;
  BreakType type = BreakType::linear;
  double position_s = 0;  ///< of the content
  Timestamp since;
  bool inferred = false;
  bool paused_before = false;  ///< whether the content was paused before the break paused it

  bool operator==(const BreakView&) const = default;
};

/// One content, or one play-through of it, within a session.
struct ContentRun {
  std::string label;
  std::optional<double> duration_s;
  Timestamp since;
  Watched watched;
  Duration play_time{};  ///< of the engine

  bool operator==(const ContentRun&) const = default;
};

/// What an event that came too late for its place says of the player (late.cc).
struct LatePoint {
  Timestamp at;
  double position_s = 0;
  double rate = 1;
  bool playing = false;  ///< the player was unpaused, outside ads

  auto operator<=>(const LatePoint&) const = default;
};

enum class Startup : std::uint8_t {
  unknown,  ///< no first frame yet
  known,
  undefined,  ///< a seek or a pause came first: never averaged as zero
};

/// A session after some events: what fold.h's apply() makes of them, in order.
struct Session {
  bool any = false;  ///< at least one event was applied
  Timestamp first;
  Timestamp last;

  // The flags that the state follows from.
  bool started = false;
  bool paused = true;
  bool ended = false;
  bool buffering = false;
  bool seeking = false;
  bool failed = false;
  std::optional<BreakView> ad_break;
  std::optional<AdView> ad;

  // What the last events said of the player.
  std::optional<double> position_s;
  Timestamp position_at;
  double rate = 1;
  std::optional<double> duration_s;
  std::optional<bool> muted;
  std::optional<int> volume;
  std::optional<bool> fullscreen;
  std::optional<bool> picture_in_picture;
  bool livestream = false;
  bool loop = false;
  bool entity_ended = false;  ///< `ended` of the last player entity
  bool ready_seen = false;
  std::string media_type;
  std::string player_type;
  std::string quality;
  Duration ping_interval = std::chrono::seconds(30);

  bool background = false;    ///< the app is in the background (mobile)
  bool pinged = false;        ///< a ping was seen
  bool pingless_app = false;  ///< others of its kind never ping (ping_habits.h)

  // The device's clock, which may be set while the session goes on. Times of a session are those of
  // the clock it began with.
  Duration clock_shift{};             ///< add it to a time of the clock as it is now
  std::optional<Duration> clock_lag;  ///< of the newest event (clock.h)
  int clock_changes = 0;
  double counted_s = 0;  ///< seconds that the tracker counted: a clock that nobody sets
  int session_index = 0;
  int event_index = 0;  ///< of the newest event that has numbers (order.h)

  // Who and where.
  std::string viewer;
  std::string viewer_before;  ///< the last one before a login or logout in mid-session
  std::string platform;
  std::string tracker;
  std::string app_id;
  std::string useragent;

  // Seek in progress: the last point before it.
  struct Anchor {
    Timestamp at;
    double position_s = 0;
    bool playing = false;
    bool operator==(const Anchor&) const = default;
  };
  std::optional<Anchor> seek_from;

  // Start-up.
  std::optional<Timestamp> intent;  ///< when the viewer asked for playback
  double intent_position_s = 0;
  Duration ads_since_intent{};
  Startup startup = Startup::unknown;
  Duration startup_time{};
  bool first_frame = false;

  // Stall in progress, if it counts as one.
  std::optional<Timestamp> stall_since;

  // Figures of the engine.
  int play_events = 0;
  int pauses = 0;
  int completions = 0;
  int seeks = 0;
  int false_seeks = 0;
  int loops = 0;
  int stalls = 0;
  int errors = 0;
  int quality_changes = 0;
  int jumps = 0;  ///< of the content, without a seek
  int resumes = 0;
  int ad_breaks = 0;
  int impressions = 0;
  int ads_completed = 0;
  int ads_skipped = 0;
  int ad_clicks = 0;
  Duration play_time{};
  Duration paused_time{};
  Duration stall_time{};
  Duration ad_time{};
  std::string last_error;
  std::vector<ContentRun> runs;      ///< oldest first, bounded
  std::vector<AdView> ads;           ///< finished ones, oldest first, bounded
  std::vector<Transition> timeline;  ///< newest last, bounded
  std::vector<int> percents;         ///< told by percent_progress events, rising; 100 for an end
  int percent_before_seek = 0;       ///< the largest of them before the first seek
  bool sought = false;               ///< there was a seek, be it false or a loop
  std::vector<LatePoint> late;       ///< in order, bounded

  // Figures of the tracker: each the largest seen.
  MediaSession tracker_figures;

  bool operator==(const Session&) const = default;
};

/// One media session on the device: a run of a media tracker, from its first event to its last.
struct Play {
  std::string id;                       ///< mediaSessionId, or what stands for it
  std::optional<Timestamp> started_at;  ///< tells apart the runs of an id that is used again
  Session session;
  bool left = false;       ///< silent for longer than its patience; an event brings it back
  bool historic = false;   ///< left, and was so before anything of it arrived: never seen live
  Timestamp last_arrival;  ///< newest collector time
  Duration delay_min = Duration::max();  ///< least of collector time minus device time
  bool clock_suspect = false;            ///< an event says that it was created after it was sent

  State state() const;  ///< left, or what the session's flags amount to

  bool operator==(const Play&) const = default;
};

/// A viewer id that the device has had, and when: a login, a household.
struct Identity {
  std::string viewer;
  Timestamp first;
  Timestamp last;

  bool operator==(const Identity&) const = default;
};

/// What is left of plays that are no longer kept, by content and by day (history.h).
struct ContentTotals {
  std::string content;
  double position_s = 0;  ///< where it was left the last time
  double percent = 0;     ///< most of it watched in one play
  int plays = 0;
  int completions = 0;
  Duration play_time{};
  Timestamp last;  ///< wall time

  bool operator==(const ContentTotals&) const = default;
};

struct DayTotals {
  int day = 0;  ///< since 1970, of the wall time at which the plays began
  int plays = 0;
  int completions = 0;
  int stalls = 0;
  int impressions = 0;
  Duration play_time{};
  Duration ad_time{};
  double watched_s = 0;

  bool operator==(const DayTotals&) const = default;
};

struct History {
  std::vector<ContentTotals> contents;  ///< the newest last, bounded
  std::vector<DayTotals> days;          ///< rising, bounded

  bool operator==(const History&) const = default;
};

/// What is known of a device: what the store keeps, the `updates` stream carries and people see.
struct Profile {
  std::string device;         ///< the key it is folded by
  std::uint64_t version = 0;  ///< grows with every change
  Duration clock_offset{};    ///< add it to a device time to get the wall time
  Timestamp last_arrival;     ///< newest collector time
  std::vector<Play> plays;    ///< in the order in which they began, bounded

  // Events that did not count, by reason.
  std::uint64_t duplicates = 0;
  std::uint64_t reused_ids = 0;  ///< counted, and applied: same id, another event
  std::uint64_t late = 0;        ///< older than the re-fold window: merged monotonically
  std::uint64_t dead = 0;        ///< older than 72 h
  std::uint64_t foreign = 0;

  std::vector<Identity> viewers;  ///< in the order in which they were first seen, bounded
  History history;                ///< of the plays that are no longer in `plays`

  /// Add it to a time of the session to get the wall time.
  Duration wall_offset(const Session& session) const;
  Timestamp wall(const Session& session, Timestamp at) const { return at + wall_offset(session); }

  bool operator==(const Profile&) const = default;
};

inline constexpr std::size_t plays_max = 32;
inline constexpr std::size_t runs_max = 16;
inline constexpr std::size_t ads_max = 16;
inline constexpr std::size_t timeline_max = 64;
inline constexpr std::size_t late_points_max = 64;
inline constexpr std::size_t viewers_max = 16;
inline constexpr std::size_t contents_max = 64;
inline constexpr std::size_t days_max = 31;

}  // namespace lvp::profile
