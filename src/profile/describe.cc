#include "profile/describe.h"

#include "profile/fold.h"
#include "profile/history.h"
#include "profile/metrics.h"
#include "wire/json.h"

namespace lvp::profile {
namespace {

// Writes members whose value may be absent: those are null, so that every object has the same keys.
class Members {
 public:
  explicit Members(json::Writer& out) : out_(out) {}

  void add(std::string_view key, std::string_view value) { out_.key(key).string(value); }
  void add(std::string_view key, bool value) { out_.key(key).boolean(value); }
  void add(std::string_view key, int value) { out_.key(key).integer(value); }
  void add(std::string_view key, std::uint64_t value) {
    out_.key(key).integer(static_cast<std::int64_t>(value));
  }
  void add(std::string_view key, double value) { out_.key(key).number(value); }
  void add(std::string_view key, Duration value) { add(key, to_seconds(value)); }
  template <class T>
  void add(std::string_view key, const std::optional<T>& value) {
    if (value) {
      add(key, *value);
    } else {
      out_.key(key).null();
    }
  }

 private:
  json::Writer& out_;
};

class Description {
 public:
  Description(const Profile& profile, Timestamp now) : profile_(profile), now_(now) {}

  std::string write() {
    out_.begin_object();
    m_.add("device", profile_.device);
    m_.add("version", profile_.version);
    out_.key("clock_offset_ms").integer(profile_.clock_offset.count());
    m_.add("last_arrival", iso_text(profile_.last_arrival));
    out_.key("plays").begin_array();
    for (const Play& play : profile_.plays) write(play);
    out_.end_array();
    viewers();
    history(history_of(profile_));
    out_.key("counters").begin_object();
    m_.add("duplicates", profile_.duplicates);
    m_.add("reused_ids", profile_.reused_ids);
    m_.add("late", profile_.late);
    m_.add("dead", profile_.dead);
    m_.add("foreign", profile_.foreign);
    out_.end_object();
    return out_.end_object().take();
  }

  std::string write_one(const Play& play) {
    write(play);
    return out_.take();
  }

 private:
  std::string wall(const Session& s, Timestamp at) const { return iso_text(profile_.wall(s, at)); }

  void viewers() {
    out_.key("viewers").begin_array();
    for (const Identity& identity : profile_.viewers) {
      out_.begin_object();
      m_.add("viewer", identity.viewer);
      m_.add("first_event", iso_text(identity.first + profile_.clock_offset));
      m_.add("last_event", iso_text(identity.last + profile_.clock_offset));
      out_.end_object();
    }
    out_.end_array();
  }

  void history(const History& history) {
    out_.key("history").begin_object();
    out_.key("contents").begin_array();
    for (const ContentTotals& totals : history.contents) {
      out_.begin_object();
      m_.add("content", totals.content);
      m_.add("position_s", totals.position_s);
      m_.add("watched_percent", totals.percent);
      m_.add("plays", totals.plays);
      m_.add("completions", totals.completions);
      m_.add("play_s", totals.play_time);
      m_.add("last_event", iso_text(totals.last));
      out_.end_object();
    }
    out_.end_array();
    out_.key("days").begin_array();
    for (const DayTotals& totals : history.days) day(totals);
    out_.end_array();
    out_.end_object();
  }

  void day(const DayTotals& totals) {
    out_.begin_object();
    const Timestamp begin{std::chrono::days(totals.day)};
    m_.add("day", iso_text(begin).substr(0, 10));
    m_.add("plays", totals.plays);
    m_.add("completions", totals.completions);
    m_.add("stalls", totals.stalls);
    m_.add("impressions", totals.impressions);
    m_.add("play_s", totals.play_time);
    m_.add("ad_s", totals.ad_time);
    m_.add("watched_s", totals.watched_s);
    out_.end_object();
  }

  void write(const Play& play) {
    const Session& s = play.session;
    out_.begin_object();
    m_.add("device", profile_.device);
    m_.add("play", play.id);
    started_at(play);
    m_.add("viewer", s.viewer);
    m_.add("viewer_before", s.viewer_before);
    m_.add("state", name_of(play.state()));
    m_.add("since", wall(s, s.timeline.empty() ? s.first : s.timeline.back().at));
    m_.add("first_event", wall(s, s.first));
    m_.add("last_event", wall(s, s.last));
    m_.add("historic", play.historic);
    m_.add("background", s.background);
    m_.add("confidence", std::string_view(is_pingless(s) ? "low" : "normal"));
    m_.add("clock_suspect", play.clock_suspect);
    m_.add("clock_changes", s.clock_changes);
    player(play);
    m_.add("platform", s.platform);
    m_.add("tracker", s.tracker);
    m_.add("app_id", s.app_id);
    m_.add("ping_interval_s", s.ping_interval);
    m_.add("startup_s", s.startup == Startup::known ? std::optional(s.startup_time) : std::nullopt);
    m_.add("last_error", s.last_error);
    figures(s);
    ads(s);
    timeline(s);
    runs(s);
    out_.end_object();
  }

  void started_at(const Play& play) {
    if (play.started_at) return m_.add("started_at", wall(play.session, *play.started_at));
    out_.key("started_at").null();
  }

  void player(const Play& play) {
    const Session& s = play.session;
    const bool known = s.position_s.has_value();
    // Who has left is where they were last seen.
    const Timestamp then = play.left ? s.position_at : now_ - profile_.wall_offset(s);
    m_.add("content", s.runs.empty() ? std::string_view() : std::string_view(s.runs.back().label));
    m_.add("position_s", known ? std::optional(position_at(s, then)) : std::nullopt);
    m_.add("duration_s", s.duration_s);
    m_.add("rate", s.rate);
    m_.add("live", s.livestream);
    m_.add("muted", s.muted);
    m_.add("volume", s.volume);
    m_.add("fullscreen", s.fullscreen);
    m_.add("picture_in_picture", s.picture_in_picture);
    m_.add("quality", s.quality);
    m_.add("media_type", s.media_type);
    m_.add("player_type", s.player_type);
  }

  // Two sources, never mixed: what we computed, and what the tracker said; and which to believe.
  void figures(const Session& s) {
    out_.key("figures").begin_object();
    out_.key("engine").begin_object();
    engine(s);
    out_.end_object();
    out_.key("tracker").begin_object();
    tracker(s.tracker_figures);
    out_.end_object();
    out_.key("best").begin_object();
    best("play_s", play_time_s(s));
    best("watched_s", content_watched_s(s));
    best("ad_s", ad_time_s(s));
    out_.end_object();
    out_.end_object();
  }

  void best(std::string_view key, const Sourced& figure) {
    out_.key(key).begin_object();
    m_.add("value", figure.value);
    m_.add("source", name_of(figure.source));
    out_.end_object();
  }

  void engine(const Session& s) {
    m_.add("play_s", s.play_time);
    m_.add("paused_s", s.paused_time);
    double watched_s = 0;
    for (const ContentRun& run : s.runs) watched_s += run.watched.seconds();
    m_.add("watched_s", watched_s);
    out_.key("watched");
    intervals(s.runs.empty() ? Watched() : s.runs.back().watched);
    m_.add("stalls", s.stalls);
    m_.add("stall_s", s.stall_time);
    m_.add("seeks", s.seeks);
    m_.add("false_seeks", s.false_seeks);
    m_.add("loops", s.loops);
    m_.add("pauses", s.pauses);
    m_.add("plays", s.play_events);
    m_.add("completions", s.completions);
    m_.add("errors", s.errors);
    m_.add("quality_changes", s.quality_changes);
    m_.add("jumps", s.jumps);
    m_.add("resumes", s.resumes);
    m_.add("ad_breaks", s.ad_breaks);
    m_.add("impressions", s.impressions);
    m_.add("ads_completed", s.ads_completed);
    m_.add("ads_skipped", s.ads_skipped);
    m_.add("ad_clicks", s.ad_clicks);
    m_.add("ad_s", s.ad_time);
    m_.add("ad_views", ad_views(s));
    out_.key("percents").begin_array();
    for (const int percent : percents_reached(s)) out_.integer(percent);
    out_.end_array();
    m_.add("retention_rate", retention_rate(s));
  }

  void tracker(const MediaSession& t) {
    m_.add("play_s", t.time_played_s);
    m_.add("paused_s", t.time_paused_s);
    m_.add("buffering_s", t.time_buffering_s);
    m_.add("watched_s", t.content_watched_s);
    m_.add("ad_s", t.time_spent_ads_s);
    m_.add("ad_breaks", t.ad_breaks);
    m_.add("ads", t.ads);
    m_.add("ads_skipped", t.ads_skipped);
    m_.add("ad_clicks", t.ads_clicked);
  }

  void intervals(const Watched& watched) {
    out_.begin_array();
    for (const Interval& i : watched.intervals()) {
      out_.begin_array().number(i.begin).number(i.end).end_array();
    }
    out_.end_array();
  }

  void ads(const Session& s) {
    out_.key("ad_break");
    if (s.ad_break) {
      ad_break(s, *s.ad_break);
    } else {
      out_.null();
    }
    out_.key("ad");
    if (s.ad) {
      ad(s, *s.ad);
    } else {
      out_.null();
    }
    out_.key("ads").begin_array();
    for (const AdView& view : s.ads) ad(s, view);
    out_.end_array();
  }

  void ad_break(const Session& s, const BreakView& view) {
    out_.begin_object();
    m_.add("break", view.id);
    m_.add("name", view.name);
    m_.add("type", type_name(view.type));
    m_.add("position_s", view.position_s);
    m_.add("since", wall(s, view.since));
    m_.add("inferred", view.inferred);
    out_.end_object();
  }

  void ad(const Session& s, const AdView& view) {
    out_.begin_object();
    m_.add("ad", view.id);
    m_.add("name", view.name);
    m_.add("creative", view.creative_id);
    m_.add("break", view.break_id);
    m_.add("pod_position", view.pod_position);
    m_.add("duration_s", view.duration_s);
    m_.add("since", wall(s, view.since));
    m_.add("played_s", view.played);
    m_.add("quartile", view.quartile);
    m_.add("clicks", view.clicks);
    m_.add("paused", view.paused);
    m_.add("inferred", view.inferred);
    m_.add("outcome", name_of(view.outcome));
    out_.end_object();
  }

  void timeline(const Session& s) {
    out_.key("timeline").begin_array();
    for (const Transition& t : s.timeline) {
      out_.begin_object();
      m_.add("state", name_of(t.state));
      m_.add("at", wall(s, t.at));
      m_.add("event_name", t.cause.event_name);
      m_.add("event_id", t.cause.event_id);
      out_.end_object();
    }
    out_.end_array();
  }

  void runs(const Session& s) {
    out_.key("runs").begin_array();
    for (const ContentRun& run : s.runs) {
      out_.begin_object();
      m_.add("content", run.label);
      m_.add("duration_s", run.duration_s);
      m_.add("since", wall(s, run.since));
      m_.add("play_s", run.play_time);
      m_.add("watched_s", run.watched.seconds());
      m_.add("watched_percent", watched_percent(run));
      out_.key("watched");
      intervals(run.watched);
      out_.end_object();
    }
    out_.end_array();
  }

  static std::string_view type_name(BreakType type) {
    switch (type) {
      case BreakType::linear:
        return "linear";
      case BreakType::nonlinear:
        return "nonlinear";
      case BreakType::companion:
        return "companion";
    }
    return "";
  }

  const Profile& profile_;
  Timestamp now_;
  json::Writer out_;
  Members m_{out_};
};

}  // namespace

std::string describe(const Profile& profile, Timestamp now) {
  return Description(profile, now).write();
}

std::string describe(const Profile& profile, const Play& play, Timestamp now) {
  return Description(profile, now).write_one(play);
}

}  // namespace lvp::profile
