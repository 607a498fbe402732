#include "profile/metrics.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

namespace lvp::profile {
namespace {

using enum Sourced::Source;

// The highest boundary that `percent` reaches, or 0.
int boundary(int percent, std::span<const int> boundaries) {
  int reached = 0;
  for (const int b : boundaries) {
    if (b <= percent) reached = std::max(reached, b);
  }
  return reached;
}

}  // namespace

std::string_view name_of(Sourced::Source source) {
  return source == tracker ? "tracker" : "engine";
}

bool is_play(const Session& session) {
  return session.play_events > 0;
}

Sourced play_time_s(const Session& session) {
  if (session.tracker_figures.time_played_s > 0)
    return {session.tracker_figures.time_played_s, tracker};
  return {to_seconds(session.play_time), engine};
}

Sourced ad_time_s(const Session& session) {
  if (session.tracker_figures.time_spent_ads_s > 0)
    return {session.tracker_figures.time_spent_ads_s, tracker};
  return {to_seconds(session.ad_time), engine};
}

Sourced content_watched_s(const Session& session) {
  double ours = 0;
  for (const ContentRun& run : session.runs) ours += run.watched.seconds();
  const double theirs = session.tracker_figures.content_watched_s;
  if (theirs > 0 && std::abs(theirs - ours) <= 0.05 * theirs) return {theirs, tracker};
  return {ours, engine};
}

bool is_valid_play(const Session& session) {
  return is_play(session) && play_time_s(session).value > valid_play_s;
}

std::optional<double> watched_percent(const ContentRun& run) {
  if (run.duration_s.value_or(0) <= 0) return std::nullopt;
  return std::min(run.watched.seconds() / *run.duration_s, 1.0) * 100;
}

bool is_complete_play(const ContentRun& run) {
  return run.duration_s.value_or(0) > 0 &&
         run.watched.seconds() / *run.duration_s >= complete_play_rate;
}

std::vector<int> percents_reached(const Session& session, std::span<const int> boundaries) {
  std::vector<int> reached;
  for (const int percent : session.percents) {
    const int b = boundary(percent, boundaries);
    if (b > 0 && (reached.empty() || reached.back() != b)) reached.push_back(b);
  }
  return reached;
}

double retention_rate(const Session& session, std::span<const int> boundaries) {
  return boundary(session.percent_before_seek, boundaries) / 100.0;
}

int ad_views(const Session& session) {
  std::set<std::pair<std::string_view, std::string_view>> views;
  for (const AdView& ad : session.ads) views.emplace(ad.break_id, ad.id);
  if (session.ad) views.emplace(session.ad->break_id, session.ad->id);
  return static_cast<int>(views.size());
}

}  // namespace lvp::profile
