#include "profile/accounting.h"

#include <algorithm>
#include <cmath>

#include "profile/ads.h"
#include "profile/clock.h"

namespace lvp::profile {
namespace {

using enum MediaKind;
using std::chrono::seconds;

Duration from_seconds(double s) {
  return Duration(std::llround(s * 1000));
}

ContentRun& run(Session& session) {
  return session.runs.back();
}

// The content played for part of the silence although nobody said so: how much of it.
Duration unannounced_play(const Session& session, const Step& step) {
  const double rate = session.rate > 0 ? session.rate : 1;
  return std::min(from_seconds(*step.moved / rate), step.elapsed);
}

// Evidence of playing on, and content that moved no further than it can have.
bool played_unannounced(const Step& step) {
  return is_evidence(step.event.kind) && step.unpaused() && step.moved && *step.moved > 0.5 &&
         *step.moved <= step.expected + tolerance(step.expected);
}

void watch(Session& session, const Step& step) {
  const double to = step.event.player->position;
  run(session).watched.add(to - *step.moved, to);
}

void add_play_time(Session& session, Duration played) {
  session.play_time += played;
  run(session).play_time += played;
}

void book_playing(Session& session, const Step& step) {
  Duration played = step.elapsed;
  if (step.moved && step.event.kind == seek_end) {
    // Only the end of the seek is known, so what came before it is booked by the clock.
    const double from = *session.position_s;
    run(session).watched.add(from,
                             std::min(from + step.expected, session.duration_s.value_or(HUGE_VAL)));
  } else if (step.plays_on()) {
    watch(session, step);
  } else if (step.moved && *step.moved >= 0 && *step.moved < step.expected) {
    watch(session, step);
    const bool says_paused = step.event.player->paused && !paused_may_mean_buffering(step.event) &&
                             (step.event.kind == pause || is_evidence(step.event.kind));
    if (says_paused && !is_ad_event(step.event.kind)) {
      played = unannounced_play(session, step);
      session.paused_time += step.elapsed - played;
    }
  } else if (step.moved && is_evidence(step.event.kind)) {
    ++session.jumps;  // without a word: play time, but nothing seen
  }
  add_play_time(session, played);
}

void book_unannounced(Session& session, const Step& step) {
  add_play_time(session, unannounced_play(session, step));
  watch(session, step);
}

}  // namespace

double tolerance(double expected) {
  return 1.5 + 0.05 * expected;
}

bool is_ad_event(MediaKind kind) {
  switch (kind) {
    case ad_break_start:
    case ad_break_end:
    case ad_start:
    case ad_quartile:
    case ad_complete:
    case ad_skip:
    case ad_click:
    case ad_pause:
    case ad_resume:
      return true;
    default:
      return false;
  }
}

bool is_evidence(MediaKind kind) {
  switch (kind) {
    case play:
    case pause:
    case end:
    case seek_start:
    case seek_end:
    case error:
      return false;
    default:
      return !is_ad_event(kind);
  }
}

bool paused_may_mean_buffering(const MediaEvent& event) {
  return event.player && (event.player->player_type.starts_with("com.youtube") ||
                          event.player->player_type.starts_with("com.roku"));
}

bool Step::plays_on() const {
  return moved && std::abs(*moved - expected) <= tolerance(expected);
}

Step measure(const Session& session, const MediaEvent& event) {
  // State and silence are those before the event; apply() has dealt with a viewer who left.
  Step step{.event = event, .at = session_time(session, event), .before = State::ready};
  if (!session.any) return step;
  step.elapsed = std::max(step.at - session.last, Duration(0));
  if (event.player && session.position_s) {
    step.moved = event.player->position - *session.position_s;
    step.expected = session.rate * to_seconds(std::max(step.at - session.position_at, Duration(0)));
  }
  return step;
}

void book(Session& session, const Step& step) {
  switch (step.before) {
    case State::playing:
      book_playing(session, step);
      return;
    case State::paused:
      session.paused_time += step.elapsed;
      if (played_unannounced(step)) {
        session.paused_time -= unannounced_play(session, step);
        book_unannounced(session, step);
      }
      return;
    case State::buffering:
    case State::failed:
      if (played_unannounced(step)) {
        end_stall(session, step.at - unannounced_play(session, step));
        book_unannounced(session, step);
      }
      return;
    default:
      return;
  }
}

void observe_startup(Session& session, const Step& step) {
  const MediaKind kind = step.event.kind;
  if (session.startup != Startup::unknown || !session.intent || is_ad_event(kind) ||
      !step.has_player())
    return;

  const Player& player = *step.event.player;
  const bool advanced = player.position > session.intent_position_s;
  const bool is_seek = kind == seek_start || kind == seek_end;
  if (is_seek && !(step.before == State::playing && step.plays_on() && advanced)) {
    if (step.at - *session.intent > seconds(2)) {
      session.startup = Startup::undefined;
      session.first_frame = true;
    } else {
      session.intent_position_s = player.position;  // resumed where it was left the last time
    }
    return;
  }
  if (kind == pause && !advanced && !in_ads(session)) {
    session.startup = Startup::undefined;
    return;
  }
  if (!advanced && !(kind == buffer_end && !player.paused)) return;
  if (player.paused && kind != pause && kind != end) {
    if (in_ads(session) || paused_may_mean_buffering(step.event)) return;
    session.startup = Startup::undefined;  // it played, and who knows when it stopped
    session.first_frame = true;
    return;
  }
  Duration ads = session.ads_since_intent;
  if (in_linear_break(session)) ads += step.at - std::max(session.ad_break->since, *session.intent);
  const double content =
      (player.position - session.intent_position_s) / (session.rate > 0 ? session.rate : 1);
  session.startup_time =
      std::max(step.at - *session.intent - from_seconds(content) - ads, Duration(0));
  session.startup = Startup::known;
  session.first_frame = true;
}

void set_intent(Session& session, const Step& step) {
  if (session.intent) return;
  session.intent = step.at;
  session.intent_position_s =
      step.has_player() ? step.event.player->position : session.position_s.value_or(0);
  session.ads_since_intent = Duration(0);
}

void end_stall(Session& session, Timestamp at) {
  if (session.stall_since) session.stall_time += std::max(at - *session.stall_since, Duration(0));
  session.stall_since.reset();
}

std::optional<int> percent_of(const MediaEvent& event) {
  if (event.kind == end) return 100;
  if (event.kind != percent_progress) return std::nullopt;
  if (!event.player || event.player->duration.value_or(0) <= 0) return event.percent_progress;
  const double percent = 100 * event.player->position / *event.player->duration;
  return static_cast<int>(std::lround(std::clamp(percent, 0.0, 100.0)));
}

void insert_percent(Session& session, int percent) {
  std::vector<int>& percents = session.percents;
  const auto place = std::ranges::lower_bound(percents, percent);
  if (place == percents.end() || *place != percent) percents.insert(place, percent);
}

// Only rises, so the largest is the newest, whatever was lost or came twice.
void raise_figures(MediaSession& figures, const MediaSession& news) {
  const auto raise = [](auto& value, auto candidate) { value = std::max(value, candidate); };
  figures.id = news.id;
  if (news.started_at) figures.started_at = news.started_at;
  raise(figures.time_played_s, news.time_played_s);
  raise(figures.time_paused_s, news.time_paused_s);
  raise(figures.time_buffering_s, news.time_buffering_s);
  raise(figures.time_spent_ads_s, news.time_spent_ads_s);
  raise(figures.content_watched_s, news.content_watched_s);
  raise(figures.ads, news.ads);
  raise(figures.ads_clicked, news.ads_clicked);
  raise(figures.ads_skipped, news.ads_skipped);
  raise(figures.ad_breaks, news.ad_breaks);
}

}  // namespace lvp::profile
