#include "profile/ads.h"

#include <algorithm>
#include <utility>

#include "profile/bounded.h"

namespace lvp::profile {
namespace {

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
  if (step.event.ad) describe_ad(ad, *step.event.ad);
  if (s.ad_break) ad.break_id = s.ad_break->id;
  ad.since = step.at;
  ad.clock_since = step.at;
  ad.inferred = inferred;
  ad.paused_before = paused_before;
  s.ad = std::move(ad);
  ++s.impressions;
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

// Web and mobile trackers attach the break to every event while it lasts; Roku's does not. A record
// with the eight fields alone carries no entities at all.
bool attaches_breaks(const MediaEvent& event) {
  return event.player && !event.tracker.starts_with("roku");
}

void finish_ad(Session& s, const Step& step, AdOutcome outcome) {
  if (!s.ad) open_ad(s, step, /*inferred=*/true);
  close_ad(s, outcome, step.at);
}

}  // namespace

bool in_linear_break(const Session& session) {
  return session.ad_break && session.ad_break->type == BreakType::linear;
}
bool in_lone_ad(const Session& session) {
  return session.ad && !session.ad_break;
}
bool in_ads(const Session& session) {
  return in_linear_break(session) || in_lone_ad(session);
}

void describe_ad(AdView& view, const Ad& from) {
  view.id = from.id;
  view.name = from.name;
  view.creative_id = from.creative_id;
  view.pod_position = from.pod_position;
  view.duration_s = from.duration_s;
}

void close_break(Session& s, AdOutcome running_ad, Timestamp at) {
  close_ad(s, running_ad, at);
  if (!s.ad_break) return;
  const BreakView ended = *std::exchange(s.ad_break, std::nullopt);
  if (ended.type != BreakType::linear) return;
  s.paused = ended.paused_before;
  s.ads_since_intent += std::max(at - ended.since, Duration(0));
}

void repair_breaks(Session& s, const Step& step) {
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

void on_ad_complete(Session& s, const Step& step) {
  finish_ad(s, step, AdOutcome::complete);
}
void on_ad_skip(Session& s, const Step& step) {
  finish_ad(s, step, AdOutcome::skip);
}
void on_ad_break_end(Session& s, const Step& step) {
  close_break(s, AdOutcome::unknown, step.at);
}

}  // namespace lvp::profile
