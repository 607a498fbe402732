#include "profile/history.h"

#include <algorithm>

#include "profile/metrics.h"

namespace lvp::profile {
namespace {

// Of the content, at the end of the list.
ContentTotals& touch(History& history, const std::string& content) {
  std::vector<ContentTotals>& contents = history.contents;
  const auto found = std::ranges::find(contents, content, &ContentTotals::content);
  if (found == contents.end()) {
    contents.emplace_back().content = content;
  } else {
    std::rotate(found, found + 1, contents.end());
  }
  return contents.back();
}

void add_runs(History& history, const Profile& profile, const Session& s) {
  for (const ContentRun& run : s.runs) {
    const bool last = &run == &s.runs.back();
    const Timestamp touched = profile.wall(s, last ? s.last : run.since);
    ContentTotals& totals = touch(history, run.label);
    totals.plays += is_play(s);
    totals.play_time += run.play_time;
    totals.percent = std::max(totals.percent, watched_percent(run).value_or(0));
    totals.completions += is_complete_play(run);
    if (touched < totals.last) continue;
    totals.last = touched;
    if (last) {
      totals.position_s = s.position_s.value_or(0);
    } else if (!run.watched.intervals().empty()) {
      totals.position_s = run.watched.intervals().back().end;
    }
  }
  std::ranges::stable_sort(history.contents, {}, &ContentTotals::last);
  const std::size_t size = history.contents.size();
  if (size > contents_max) {
    history.contents.erase(history.contents.begin(),
                           history.contents.end() - static_cast<std::ptrdiff_t>(contents_max));
  }
}

void add_day(History& history, const Profile& profile, const Session& s) {
  const auto day =
      std::chrono::floor<std::chrono::days>(profile.wall(s, s.first)).time_since_epoch().count();
  auto place = std::ranges::lower_bound(history.days, day, {}, &DayTotals::day);
  if (place == history.days.end() || place->day != day) {
    place = history.days.insert(place, DayTotals{.day = static_cast<int>(day)});
  }
  place->plays += is_play(s);
  place->completions += s.completions;
  place->stalls += s.stalls;
  place->impressions += s.impressions;
  place->play_time += s.play_time;
  place->ad_time += s.ad_time;
  for (const ContentRun& run : s.runs) place->watched_s += run.watched.seconds();
  if (history.days.size() > days_max) history.days.erase(history.days.begin());
}

}  // namespace

void add_to_history(History& history, const Profile& profile, const Play& play) {
  add_runs(history, profile, play.session);
  add_day(history, profile, play.session);
}

History history_of(const Profile& profile) {
  History history = profile.history;
  for (const Play& play : profile.plays) add_to_history(history, profile, play);
  return history;
}

}  // namespace lvp::profile
