// What the time since the last event is booked as: play, pause, stall, content seen, start-up.
//
// Called by apply() with the flags as they were before the event.
#pragma once

#include "base/time.h"
#include "profile/profile.h"
#include "wire/media_event.h"

namespace lvp::profile {

/// An event measured against the session so far.
struct Step {
  const MediaEvent& event;
  Timestamp at;
  State before;
  Duration elapsed{};             ///< since the last event
  std::optional<double> moved{};  ///< content seconds since the last known position
  double expected = 0;            ///< content seconds, had it played on since that position

  bool has_player() const { return event.player.has_value(); }
  bool unpaused() const { return event.player && !event.player->paused; }
  /// Content moved as it does when it plays, within the tolerance of 1.5 s + 5 %.
  bool plays_on() const;
};

Step measure(const Session& session, const MediaEvent& event);

/// Books `step.elapsed`.
void book(Session& session, const Step& step);

/// Fixes the start-up time if the event shows the first frame, or makes it undefined for good.
/// Called after repairs and before the event's own effect.
void observe_startup(Session& session, const Step& step);

/// From now on the viewer waits for the first frame, unless that was asked for already.
void set_intent(Session& session, const Step& step);

/// Ends the stall in progress, if any, as of `at`.
void end_stall(Session& session, Timestamp at);

/// By how much content may miss where it should be, and still have played on.
double tolerance(double expected_s);

/// How much of the content a percent_progress or end event says was reached, 0 to 100.
std::optional<int> percent_of(const MediaEvent& event);
void insert_percent(Session& session, int percent);

/// The tracker's counters become the larger of both.
void raise_figures(MediaSession& figures, const MediaSession& news);

// What kinds of event there are.
bool is_ad_event(MediaKind kind);
/// Proof of what the player does now: everything but ad events and those that announce a change.
bool is_evidence(MediaKind kind);

/// YouTube and Roku say paused while they buffer.
bool paused_may_mean_buffering(const MediaEvent& event);

}  // namespace lvp::profile
