// What an event adds that came too late for its place: only what does not depend on order.
#include <algorithm>
#include <cmath>

#include "profile/accounting.h"
#include "profile/ads.h"
#include "profile/bounded.h"
#include "profile/clock.h"
#include "profile/fold.h"
#include "profile/order.h"

namespace lvp::profile {
namespace {

// An ad's events lie together; the same ad id may come again later.
constexpr Duration ad_length_max = std::chrono::hours(1);

// ---- Ads ----

bool is_of(const AdView& view, const MediaEvent& event) {
  const bool same_break =
      view.break_id.empty() || !event.ad_break || view.break_id == event.ad_break->id;
  return same_break && view.id == (event.ad ? event.ad->id : event.ad_id);
}

AdView made_from(const MediaEvent& event, Timestamp at, bool inferred) {
  AdView view;
  if (event.ad) describe_ad(view, *event.ad);
  if (event.ad_break) view.break_id = event.ad_break->id;
  view.since = at;
  view.inferred = inferred;
  view.outcome = AdOutcome::unknown;
  return view;
}

// The newest are kept: nothing if it is too old for that.
AdView* insert(Session& s, AdView view) {
  const auto place = std::ranges::upper_bound(s.ads, view.since, {}, &AdView::since);
  if (s.ads.size() < ads_max) return &*s.ads.insert(place, std::move(view));
  if (place == s.ads.begin()) return nullptr;
  std::rotate(s.ads.begin(), s.ads.begin() + 1, place);
  *std::prev(place) = std::move(view);
  return &*std::prev(place);
}

void raise_played(Session& s, AdView& view, Duration played) {
  if (played <= view.played) return;
  s.ad_time += played - view.played;
  view.played = played;
}

bool has_ended(const AdView& view) {
  return view.outcome == AdOutcome::complete || view.outcome == AdOutcome::skip;
}

// It began at `at` at the latest.
void begin_by(Session& s, AdView& view, Timestamp at) {
  if (view.since <= at) return;
  if (has_ended(view)) raise_played(s, view, view.played + (view.since - at));
  view.since = at;
}

// The finished ad that an event at `at` belongs to: the last one begun before it, or one that
// seemed to begin after it only because its start is missing.
AdView* find_ad(Session& s, const MediaEvent& event, Timestamp at) {
  AdView* found = nullptr;
  for (AdView& view : s.ads) {
    if (std::chrono::abs(at - view.since) > ad_length_max || !is_of(view, event)) continue;
    if (view.since <= at) found = &view;
    if (view.since > at && view.inferred && found == nullptr) found = &view;
  }
  if (found != nullptr) begin_by(s, *found, at);
  return found;
}

AdView* find_or_infer(Session& s, const MediaEvent& event, Timestamp at) {
  if (AdView* view = find_ad(s, event, at)) return view;
  ++s.impressions;
  return insert(s, made_from(event, at, /*inferred=*/true));
}

void on_late_start(Session& s, const MediaEvent& event, Timestamp at) {
  const auto without_start = std::ranges::find_if(s.ads, [&](const AdView& view) {
    return view.inferred && view.since >= at && view.since - at <= ad_length_max &&
           is_of(view, event);
  });
  if (without_start == s.ads.end()) {
    ++s.impressions;
    insert(s, made_from(event, at, /*inferred=*/false));
    return;
  }
  without_start->inferred = false;
  begin_by(s, *without_start, at);
}

void on_late_end(Session& s, const MediaEvent& event, Timestamp at) {
  AdView* const view = find_or_infer(s, event, at);
  if (view != nullptr && has_ended(*view)) return;
  const bool complete = event.kind == MediaKind::ad_complete;
  s.ads_completed += complete;
  s.ads_skipped += !complete;
  if (view == nullptr) return;
  view->outcome = complete ? AdOutcome::complete : AdOutcome::skip;
  if (complete) view->quartile = 100;
  raise_played(s, *view, at - view->since);
}

void merge_ad(Session& s, const MediaEvent& event, Timestamp at) {
  switch (event.kind) {
    case MediaKind::ad_start:
      return on_late_start(s, event, at);
    case MediaKind::ad_complete:
    case MediaKind::ad_skip:
      return on_late_end(s, event, at);
    case MediaKind::ad_quartile:
      if (AdView* view = find_or_infer(s, event, at))
        view->quartile = std::max(view->quartile, event.percent_progress.value_or(0));
      return;
    case MediaKind::ad_click:
      ++s.ad_clicks;
      if (AdView* view = find_ad(s, event, at)) ++view->clicks;
      return;
    default:
      return;
  }
}

// ---- Content seen ----

// Content moved between the two as it does when it plays.
bool played_between(const LatePoint& a, const LatePoint& b, Duration silence_max) {
  if (!a.playing || b.at - a.at > silence_max) return false;
  const double expected = a.rate * to_seconds(b.at - a.at);
  return std::abs(b.position_s - a.position_s - expected) <= tolerance(expected);
}

ContentRun* run_of(Session& s, const MediaEvent& event) {
  for (auto run = s.runs.rbegin(); run != s.runs.rend(); ++run) {
    if (event.player->label.empty() || run->label == event.player->label) return &*run;
  }
  return nullptr;
}

// Late events seldom come alone. Two that followed each other prove what was seen between them.
void watch_late(Session& s, const MediaEvent& event, Timestamp at) {
  ContentRun* const run = run_of(s, event);
  if (run == nullptr) return;
  const LatePoint point{at, event.player->position, event.player->rate.value_or(s.rate),
                        !event.player->paused && !event.ad_break && !is_ad_event(event.kind)};
  const auto next = std::ranges::lower_bound(s.late, point);
  const Duration silence_max = 3 * s.ping_interval;
  const auto credit = [&](const LatePoint& a, const LatePoint& b) {
    if (played_between(a, b, silence_max)) run->watched.add(a.position_s, b.position_s);
  };
  if (next != s.late.begin()) credit(*std::prev(next), point);
  if (next != s.late.end()) credit(point, *next);
  s.late.insert(next, point);
  if (s.late.size() > late_points_max) s.late.erase(s.late.begin());
}

}  // namespace

void merge(Session& session, const MediaEvent& event) {
  if (is_lifecycle(event)) return;
  const Timestamp at = session_time(session, event);
  session.first = std::min(session.first, at);
  session.pinged |= event.kind == MediaKind::ping;
  if (event.session) raise_figures(session.tracker_figures, *event.session);
  session.play_events += event.kind == MediaKind::play;
  session.errors += event.kind == MediaKind::error;
  session.quality_changes += event.kind == MediaKind::quality_change;
  if (event.kind == MediaKind::end) session.completions = std::max(session.completions, 1);
  if (const auto percent = percent_of(event)) insert_percent(session, *percent);
  if (is_ad_event(event.kind)) {
    merge_ad(session, event, at);
    std::ranges::stable_sort(session.ads, {}, &AdView::since);
  }
  if (event.player && session.any) watch_late(session, event, at);
}

}  // namespace lvp::profile
