#include "profile/fold.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "profile/accounting.h"
#include "profile/order.h"

namespace lvp::profile {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

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

// ---- Patience ----

constexpr Duration grace = seconds(15);  // transport, batching, pipeline

// What a tracker says may be anything; nobody is waited for longer than this.
constexpr int ping_interval_s_max = 3600;
constexpr double ad_duration_s_max = 3600;

// Pings come every interval while content plays. Three of them may be missing: browsers slow the
// timers of hidden tabs to one a minute, and a ping may be lost.
Duration three_pings(const Session& s) {
  return 3 * s.ping_interval + grace;
}

// ---- Small steps that several events share ----

template <class T>
void append_bounded(std::vector<T>& items, T item, std::size_t items_max) {
  items.push_back(std::move(item));
  if (items.size() > items_max) items.erase(items.begin());
}

void start_run(Session& s, Timestamp at) {
  ContentRun run;
  run.since = at;
  append_bounded(s.runs, std::move(run), runs_max);
}

void set_intent(Session& s, const Step& step) {
  if (s.intent) return;
  s.intent = step.at;
  s.intent_position_s = step.has_player() ? step.event.player->position : s.position_s.value_or(0);
  s.ads_since_intent = Duration(0);
}

void complete(Session& s) {
  if (!s.ended) ++s.completions;
  s.ended = true;
}

// ---- Ads ----

void stop_ad_clock(AdView& ad, Timestamp at) {
  if (ad.clock_since) ad.played += std::max(at - *ad.clock_since, Duration(0));
  ad.clock_since.reset();
}

void close_ad(Session& s, AdOutcome outcome, Timestamp at) {
  if (!s.ad) return;
  AdView ad = *std::exchange(s.ad, std::nullopt);
  stop_ad_clock(ad, at);
  ad.outcome = outcome;
  ad.paused = false;
  if (outcome == AdOutcome::complete) ad.quartile = 100;
  s.ads_completed += outcome == AdOutcome::complete;
  s.ads_skipped += outcome == AdOutcome::skip;
  s.ad_time += ad.played;
  if (!s.ad_break) {
    s.paused = ad.paused_before;
    s.ads_since_intent += std::max(at - ad.since, Duration(0));
  }
  append_bounded(s.ads, std::move(ad), ads_max);
}

void open_ad(Session& s, const Step& step, bool inferred) {
  // A second ad of a pod without a break knows what the first one found.
  const bool paused_before = in_lone_ad(s) ? s.ad->paused_before : s.paused;
  close_ad(s, AdOutcome::unknown, step.at);
  AdView ad;
  if (step.event.ad) {
    const Ad& from = *step.event.ad;
    ad.id = from.id;
    ad.name = from.name;
    ad.creative_id = from.creative_id;
    ad.pod_position = from.pod_position;
    ad.duration_s = from.duration_s;
  }
  if (s.ad_break) ad.break_id = s.ad_break->id;
  ad.since = step.at;
  ad.clock_since = step.at;
  ad.inferred = inferred;
  ad.paused_before = paused_before;
  s.ad = std::move(ad);
  ++s.impressions;
}

void close_break(Session& s, AdOutcome running_ad, Timestamp at) {
  close_ad(s, running_ad, at);
  if (!s.ad_break) return;
  const BreakView ended = *std::exchange(s.ad_break, std::nullopt);
  if (ended.type != BreakType::linear) return;
  s.paused = ended.paused_before;
  s.ads_since_intent += std::max(at - ended.since, Duration(0));
}

void open_break(Session& s, const Step& step, bool inferred) {
  BreakView opened;
  opened.position_s = step.has_player() ? step.event.player->position : s.position_s.value_or(0);
  if (step.event.ad_break) {
    const AdBreak& from = *step.event.ad_break;
    opened.id = from.id;
    opened.name = from.name;
    opened.type = from.type;
    opened.position_s = from.start_time_s;
  }
  opened.since = step.at;
  opened.inferred = inferred;
  opened.paused_before = in_lone_ad(s) ? s.ad->paused_before : s.paused;
  s.ad_break = std::move(opened);
  ++s.ad_breaks;
}

// ---- Repair: what lost events broke, put right by what this event carries ----

// Web and mobile trackers attach the break to every event while it lasts; Roku's does not. A record
// with the eight fields alone carries no entities at all.
bool attaches_breaks(const MediaEvent& event) {
  return event.player && !event.tracker.starts_with("roku");
}

void repair(Session& s, const Step& step) {
  const MediaEvent& event = step.event;
  if (is_ad_event(event.kind)) return;
  if (s.ad_break && !event.ad_break && attaches_breaks(event)) {
    close_break(s, AdOutcome::unknown, step.at);
  } else if (in_linear_break(s) && step.unpaused() &&
             event.player->position >= s.ad_break->position_s + 5) {
    close_break(s, AdOutcome::unknown, step.at);
    s.paused = false;
  } else if (!s.ad_break && event.ad_break) {
    open_break(s, step, /*inferred=*/true);
  }
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

void on_ad_break_start(Session& s, const Step& step) {
  const std::string_view id =
      step.event.ad_break ? std::string_view(step.event.ad_break->id) : std::string_view();
  if (s.ad_break && s.ad_break->inferred && s.ad_break->id == id) {
    s.ad_break->inferred = false;
    return;
  }
  if (s.ad_break) {
    close_break(s, AdOutcome::unknown, step.at);
  } else if (s.ad) {
    close_ad(s, AdOutcome::unknown, step.at);
  }
  if (!s.started) set_intent(s, step);
  open_break(s, step, /*inferred=*/false);
}

void on_ad_start(Session& s, const Step& step) {
  if (!s.started) set_intent(s, step);
  open_ad(s, step, /*inferred=*/false);
}

void on_ad_quartile(Session& s, const Step& step) {
  if (!s.ad) open_ad(s, step, /*inferred=*/true);
  s.ad->quartile = std::max(s.ad->quartile, step.event.percent_progress.value_or(0));
  s.ad->paused = false;
  if (!s.ad->clock_since) s.ad->clock_since = step.at;
}

void on_ad_click(Session& s, const Step&) {
  ++s.ad_clicks;
  if (s.ad) ++s.ad->clicks;
}

void on_ad_pause(Session& s, const Step& step) {
  if (!s.ad) return;
  stop_ad_clock(*s.ad, step.at);
  s.ad->paused = true;
}

void on_ad_resume(Session& s, const Step& step) {
  if (!s.ad) return;
  if (!s.ad->clock_since) s.ad->clock_since = step.at;
  s.ad->paused = false;
}

void finish_ad(Session& s, const Step& step, AdOutcome outcome) {
  if (!s.ad) open_ad(s, step, /*inferred=*/true);
  close_ad(s, outcome, step.at);
}

void on_ad_complete(Session& s, const Step& step) {
  finish_ad(s, step, AdOutcome::complete);
}
void on_ad_skip(Session& s, const Step& step) {
  finish_ad(s, step, AdOutcome::skip);
}
void on_ad_break_end(Session& s, const Step& step) {
  close_break(s, AdOutcome::unknown, step.at);
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
    s.ping_interval = seconds(std::min(*event.session->ping_interval_s, ping_interval_s_max));
  }
  take(s.viewer, event.viewer);
  take(s.platform, event.platform);
  take(s.tracker, event.tracker);
  take(s.app_id, event.app_id);
  take(s.useragent, event.useragent);
}

// The tracker's counters only rise, so the largest is the newest, whatever was lost or came twice.
void learn_tracker_figures(MediaSession& figures, const MediaSession& news) {
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

Duration patience(const Session& session) {
  switch (state_of(session)) {
    case State::playing:
    case State::seeking:
      return three_pings(session);
    case State::buffering:
      return std::max<Duration>(three_pings(session), minutes(5));
    case State::playing_ad: {  // pings are silent in ads
      const bool known = session.ad && session.ad->duration_s;
      const double ad_s = known ? std::clamp(*session.ad->duration_s, 0.0, ad_duration_s_max) : 0;
      const Duration ad = known ? Duration(std::llround(ad_s * 2000)) + grace : minutes(3);
      return std::max(three_pings(session), ad);
    }
    case State::ended:
      return minutes(5);
    case State::paused:  // pings stop soon after a pause, so silence is normal
    case State::ad_paused:
    case State::ready:
    case State::failed:
    case State::left:
      return minutes(30);
  }
  return minutes(30);
}

void apply(Session& session, const MediaEvent& event) {
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

  repair(session, step);
  observe_startup(session, step);
  if (event.player) learn_player(session, step);
  const auto effect = std::ranges::find(effects, event.kind, &EffectRow::kind);
  if (effect != effects.end()) effect->act(session, step);
  observe(session, step);

  learn_values(session, step);
  if (event.session) learn_tracker_figures(session.tracker_figures, *event.session);
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

void merge(Session& session, const MediaEvent& event) {
  session.first = std::min(session.first, device_time(event));
  if (event.session) learn_tracker_figures(session.tracker_figures, *event.session);
  session.play_events += event.kind == MediaKind::play;
  session.errors += event.kind == MediaKind::error;
  session.quality_changes += event.kind == MediaKind::quality_change;
  session.ad_clicks += event.kind == MediaKind::ad_click;
  if (event.kind == MediaKind::end) session.completions = std::max(session.completions, 1);
}

double position_at(const Session& session, Timestamp now) {
  const double position = session.position_s.value_or(0);
  if (state_of(session) != State::playing || now <= session.position_at) return position;
  const double moved = position + session.rate * to_seconds(now - session.position_at);
  return session.duration_s ? std::min(moved, std::max(*session.duration_s, position)) : moved;
}

}  // namespace lvp::profile
