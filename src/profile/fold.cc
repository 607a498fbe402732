#include "profile/fold.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "profile/accounting.h"
#include "profile/ads.h"
#include "profile/bounded.h"
#include "profile/clock.h"
#include "profile/order.h"

namespace lvp::profile {
namespace {

// What a tracker says may be anything.
constexpr int ping_interval_s_max = 3600;

// ---- State ----

struct StateRow {
  State state;
  bool (*holds)(const Session&);
};

// The first row that holds is the state.
constexpr std::array<StateRow, 9> states{{
    {State::ad_paused, [](const Session& s) { return in_ads(s) && s.ad && s.ad->paused; }},
    {State::playing_ad, [](const Session& s) { return in_ads(s); }},
    {State::ended, [](const Session& s) { return s.ended; }},
    {State::failed, [](const Session& s) { return s.failed; }},
    {State::ready, [](const Session& s) { return !s.started; }},
    {State::buffering, [](const Session& s) { return s.buffering; }},
    {State::paused, [](const Session& s) { return s.paused; }},
    {State::seeking, [](const Session& s) { return s.seeking; }},
    {State::playing, [](const Session&) { return true; }},
}};

// ---- Small steps that several events share ----

void start_run(Session& s, Timestamp at) {
  ContentRun run;
  run.since = at;
  append_bounded(s.runs, std::move(run), runs_max);
}

void complete(Session& s) {
  if (!s.ended) ++s.completions;
  s.ended = true;
}

// ---- What each kind of event does ----

void on_ready(Session& s, const Step& step) {
  const bool again = std::exchange(s.ready_seen, true);
  if (!again || !step.has_player() || !step.event.player->paused ||
      step.event.player->position >= 1)
    return;
  // The player loaded something new.
  end_stall(s, step.at);
  close_break(s, AdOutcome::unknown, step.at);
  s.started = s.ended = s.buffering = s.seeking = s.failed = s.first_frame = false;
  s.paused = true;
  s.intent.reset();
  s.startup = Startup::unknown;
  s.seek_from.reset();
  start_run(s, step.at);
}

void on_play(Session& s, const Step& step) {
  ++s.play_events;
  s.failed = s.seeking = s.ended = s.buffering = false;
  end_stall(s, step.at);
  if (in_linear_break(s)) {
    s.ad_break->paused_before = false;
  } else if (in_lone_ad(s)) {
    s.ad->paused_before = false;
  } else {
    s.paused = false;
  }
  s.started = true;
  set_intent(s, step);
}

void on_pause(Session& s, const Step& step) {
  if (in_ads(s)) return;  // the player pauses its content for the ad
  const bool at_end = step.has_player() && step.event.player->ended;
  if (s.started && !s.paused && !at_end) ++s.pauses;
  s.paused = true;
  s.buffering = s.seeking = false;
  end_stall(s, step.at);
  if (at_end) complete(s);
}

void on_end(Session& s, const Step& step) {
  complete(s);
  s.paused = true;
  s.buffering = s.seeking = false;
  end_stall(s, step.at);
}

Session::Anchor last_point(const Session& s, const Step& step) {
  return {s.position_at, s.position_s.value_or(0), step.before == State::playing};
}

void on_seek_start(Session& s, const Step& step) {
  s.sought = true;
  if (!s.seek_from) s.seek_from = last_point(s, step);
  s.seeking = true;
  end_stall(s, step.at);
}

void classify_seek(Session& s, const Step& step) {
  if (!step.has_player()) {
    ++s.seeks;
    return;
  }
  const Session::Anchor from = s.seek_from.value_or(last_point(s, step));
  const double position = step.event.player->position;
  const double travelled =
      from.playing ? s.rate * to_seconds(std::max(step.at - from.at, Duration(0))) : 0;
  const double expected = from.position_s + travelled;
  const bool looped =
      s.loop && position < 1 && s.duration_s && std::abs(expected - *s.duration_s) <= 2;
  if (looped) {
    ++s.loops;
    ++s.completions;
  } else if (from.playing && std::abs(position - expected) <= 2 + 0.05 * travelled) {
    ++s.false_seeks;  // a slow poll took playing on for a jump
    s.runs.back().watched.add(from.position_s, position);
  } else {
    ++s.seeks;
  }
}

void on_seek_end(Session& s, const Step& step) {
  s.sought = true;
  classify_seek(s, step);
  s.seeking = false;
  s.seek_from.reset();
  if (s.stall_since) {  // the buffering that began here belongs to the seek
    --s.stalls;
    s.stall_since.reset();
  }
  if (s.ended && step.has_player() && s.duration_s &&
      step.event.player->position < *s.duration_s - 1) {
    s.ended = false;
    s.paused = true;
  }
}

void on_buffer_start(Session& s, const Step& step) {
  if (!s.started) {
    s.started = true;
    set_intent(s, step);
  }
  const double expected = step.before == State::playing ? step.expected : 0;
  const bool jumped = step.moved && std::abs(*step.moved - expected) > 2 + 0.1 * expected;
  if (!s.buffering && s.first_frame && !s.seeking && !s.ad_break && !jumped) {
    ++s.stalls;
    s.stall_since = step.at;
  }
  s.buffering = true;
}

void on_buffer_end(Session& s, const Step& step) {
  s.buffering = false;
  end_stall(s, step.at);
}

void on_error(Session& s, const Step& step) {
  ++s.errors;
  s.failed = true;
  s.last_error = step.event.error_code.value_or("");
}

void on_rate_change(Session& s, const Step& step) {
  s.rate = step.event.new_rate.value_or(s.rate);
}

void on_volume_change(Session& s, const Step& step) {
  if (step.event.new_volume) s.volume = step.event.new_volume;
}

void on_quality_change(Session& s, const Step& step) {
  ++s.quality_changes;
  s.quality = step.event.new_quality.value_or(s.quality);
}

struct EffectRow {
  MediaKind kind;
  void (*act)(Session&, const Step&);
};

// Kinds without a row are evidence only: ping, percent progress, custom events, and those whose
// news is in the player entity (fullscreen, picture in picture).
constexpr std::array<EffectRow, 21> effects{{
    {MediaKind::ready, on_ready},
    {MediaKind::play, on_play},
    {MediaKind::pause, on_pause},
    {MediaKind::end, on_end},
    {MediaKind::seek_start, on_seek_start},
    {MediaKind::seek_end, on_seek_end},
    {MediaKind::buffer_start, on_buffer_start},
    {MediaKind::buffer_end, on_buffer_end},
    {MediaKind::error, on_error},
    {MediaKind::playback_rate_change, on_rate_change},
    {MediaKind::volume_change, on_volume_change},
    {MediaKind::quality_change, on_quality_change},
    {MediaKind::ad_break_start, on_ad_break_start},
    {MediaKind::ad_break_end, on_ad_break_end},
    {MediaKind::ad_start, on_ad_start},
    {MediaKind::ad_quartile, on_ad_quartile},
    {MediaKind::ad_complete, on_ad_complete},
    {MediaKind::ad_skip, on_ad_skip},
    {MediaKind::ad_click, on_ad_click},
    {MediaKind::ad_pause, on_ad_pause},
    {MediaKind::ad_resume, on_ad_resume},
}};

// ---- Evidence: what the player entity says, whatever the event was about ----

void observe_unpaused(Session& s, const Step& step) {
  const MediaKind kind = step.event.kind;
  s.paused = false;
  if (kind == MediaKind::ping || kind == MediaKind::percent_progress) {
    s.started = true;
    s.seeking = false;
  }
  if (!step.event.player->ended) s.ended = false;
  const double moved = std::abs(step.moved.value_or(0));
  if (moved > 0.25 && kind != MediaKind::buffer_start) {
    s.buffering = false;
    end_stall(s, step.at);
  }
  if (moved > 0.5) s.failed = false;
}

void observe(Session& s, const Step& step) {
  if (!is_evidence(step.event.kind) || !step.has_player() || in_ads(s)) return;
  const Player& player = *step.event.player;
  if (!player.paused) {
    observe_unpaused(s, step);
  } else if (step.event.kind == MediaKind::ping && s.started &&
             !paused_may_mean_buffering(step.event)) {
    s.paused = true;
    s.buffering = false;
    end_stall(s, step.at);
  }
  // The generic web plugin leaves `ended` true during a replay, so only its rise counts.
  if (player.ended && !s.entity_ended) complete(s);
}

// ---- What the event says beside its own news ----

template <class T>
void take(std::optional<T>& value, const std::optional<T>& news) {
  if (news) value = news;
}

void take(std::string& value, const std::string& news) {
  if (!news.empty()) value = news;
}

// Flags that the effects below ask for: set before them.
void learn_player(Session& s, const Step& step) {
  const Player& player = *step.event.player;
  take(s.duration_s, player.duration);
  s.livestream = player.livestream.value_or(s.livestream);
  s.loop = player.loop.value_or(s.loop);
  if (!player.label.empty()) {
    if (!s.runs.back().label.empty() && s.runs.back().label != player.label) start_run(s, step.at);
    s.runs.back().label = player.label;
  }
  take(s.runs.back().duration_s, player.duration);
}

void learn_values(Session& s, const Step& step) {
  const MediaEvent& event = step.event;
  if (event.player) {
    const Player& player = *event.player;
    s.position_s = player.position;
    s.position_at = step.at;
    s.rate = player.rate.value_or(s.rate);
    take(s.muted, player.muted);
    take(s.volume, player.volume);
    take(s.fullscreen, player.fullscreen);
    take(s.picture_in_picture, player.picture_in_picture);
    take(s.media_type, player.media_type);
    take(s.player_type, player.player_type);
    take(s.quality, player.quality);
    s.entity_ended = player.ended;
  } else if (!event.session) {  // the eight fields alone
    s.position_s = event.video_ts;
    s.position_at = step.at;
  }
  if (event.session && event.session->ping_interval_s.value_or(0) > 0) {
    s.ping_interval =
        std::chrono::seconds(std::min(*event.session->ping_interval_s, ping_interval_s_max));
  }
  if (!event.viewer.empty() && event.viewer != s.viewer) {
    s.viewer_before = std::exchange(s.viewer, event.viewer);
  }
  take(s.platform, event.platform);
  take(s.tracker, event.tracker);
  take(s.app_id, event.app_id);
  take(s.useragent, event.useragent);
}

void note_percent(Session& s, const MediaEvent& event) {
  const auto percent = percent_of(event);
  if (!percent) return;
  insert_percent(s, *percent);
  if (!s.sought) s.percent_before_seek = std::max(s.percent_before_seek, *percent);
}

// The app went to the background or came back. It says nothing of the player, but shows that
// somebody is there.
void apply_lifecycle(Session& s, const MediaEvent& event) {
  const Step step = measure(s, event);
  if (s.any && step.elapsed > patience(s)) return;
  if (s.any) {
    Step silent = step;
    silent.before = state_of(s);
    book(s, silent);
    s.last = std::max(s.last, step.at);
  }
  s.background = event.event_name == background_event;
}

void record(Session& s, State state, Timestamp at, const MediaEvent* event) {
  if (!s.timeline.empty() && s.timeline.back().state == state) return;
  Transition transition{state, at, {}};
  if (event != nullptr) {
    transition.cause = cause_of(*event);
  } else if (!s.timeline.empty()) {
    transition.cause = s.timeline.back().cause;
  }
  append_bounded(s.timeline, std::move(transition), timeline_max);
}

}  // namespace

State state_of(const Session& session) {
  return std::ranges::find_if(states, [&](const StateRow& row) { return row.holds(session); })
      ->state;
}

void apply(Session& session, const MediaEvent& event) {
  follow_clock(session, event);
  if (is_lifecycle(event)) return apply_lifecycle(session, event);
  Step step = measure(session, event);
  if (!session.any) {
    session.any = true;
    session.first = session.last = step.at;
    start_run(session, step.at);
  } else if (step.elapsed > patience(session)) {
    session = left(std::move(session));
    ++session.resumes;
    step.before = State::left;
  } else {
    step.before = state_of(session);
    book(session, step);
  }

  repair_breaks(session, step);
  observe_startup(session, step);
  if (event.player) learn_player(session, step);
  const auto effect = std::ranges::find(effects, event.kind, &EffectRow::kind);
  if (effect != effects.end()) effect->act(session, step);
  observe(session, step);

  note_percent(session, event);
  learn_values(session, step);
  session.pinged |= event.kind == MediaKind::ping;
  if (is_numbered(event)) {
    session.session_index = event.client_session->session_index;
    session.event_index = *event.client_session->event_index;
  }
  if (event.session) raise_figures(session.tracker_figures, *event.session);
  session.last = std::max(session.last, step.at);
  record(session, state_of(session), step.at, &event);
}

Session left(Session session) {
  const Timestamp gone = session.last + patience(session);
  end_stall(session, session.last);
  close_break(session, AdOutcome::abandoned, session.last);
  record(session, State::left, gone, nullptr);
  return session;
}

double position_at(const Session& session, Timestamp now) {
  const double position = session.position_s.value_or(0);
  if (state_of(session) != State::playing || now <= session.position_at) return position;
  const double moved = position + session.rate * to_seconds(now - session.position_at);
  return session.duration_s ? std::min(moved, std::max(*session.duration_s, position)) : moved;
}

}  // namespace lvp::profile
