// The fields of each stored struct, in their stored order. Add at the end only.
//
// One list serves the writer and the reader (archive.h), so they cannot disagree.
#pragma once

#include <concepts>
#include <type_traits>

#include "profile/device.h"
#include "profile/profile.h"
#include "wire/media_event.h"

namespace lvp::profile {

template <class T, class U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

template <class Archive, Is<Interval> T>
void fields(Archive& a, T& v) {
  a(v.begin, v.end);
}
template <class Archive, Is<Watched> T>
void fields(Archive& a, T& v) {
  a(v.intervals());
}
template <class Archive, Is<Cause> T>
void fields(Archive& a, T& v) {
  a(v.event_id, v.event_name, v.collected, v.video_ts, v.ads_clicked, v.ads_skipped, v.ad_id);
}
template <class Archive, Is<Transition> T>
void fields(Archive& a, T& v) {
  a(v.state, v.at, v.cause);
}
template <class Archive, Is<AdView> T>
void fields(Archive& a, T& v) {
  a(v.id, v.name, v.creative_id, v.break_id, v.pod_position, v.duration_s, v.since, v.clock_since,
    v.played, v.quartile, v.clicks, v.paused, v.inferred, v.paused_before, v.outcome);
}
template <class Archive, Is<BreakView> T>
void fields(Archive& a, T& v) {
  a(v.id, v.name, v.type, v.position_s, v.since, v.inferred, v.paused_before);
}
template <class Archive, Is<ContentRun> T>
void fields(Archive& a, T& v) {
  a(v.label, v.duration_s, v.since, v.watched, v.play_time);
}
template <class Archive, Is<LatePoint> T>
void fields(Archive& a, T& v) {
  a(v.at, v.position_s, v.rate, v.playing);
}
template <class Archive, Is<Session::Anchor> T>
void fields(Archive& a, T& v) {
  a(v.at, v.position_s, v.playing);
}
template <class Archive, Is<MediaSession> T>
void fields(Archive& a, T& v) {
  a(v.id, v.started_at, v.ping_interval_s, v.time_played_s, v.time_paused_s, v.time_buffering_s,
    v.time_spent_ads_s, v.content_watched_s, v.ads, v.ads_clicked, v.ads_skipped, v.ad_breaks);
}
template <class Archive, Is<Session> T>
void fields(Archive& a, T& v) {
  a(v.any, v.first, v.last);
  a(v.started, v.paused, v.ended, v.buffering, v.seeking, v.failed, v.ad_break, v.ad);
  a(v.position_s, v.position_at, v.rate, v.duration_s, v.muted, v.volume, v.fullscreen,
    v.picture_in_picture, v.livestream, v.loop, v.entity_ended, v.ready_seen, v.media_type,
    v.player_type, v.quality, v.ping_interval);
  a(v.viewer, v.platform, v.tracker, v.app_id, v.useragent);
  a(v.seek_from, v.intent, v.intent_position_s, v.ads_since_intent, v.startup, v.startup_time,
    v.first_frame, v.stall_since);
  a(v.play_events, v.pauses, v.completions, v.seeks, v.false_seeks, v.loops, v.stalls, v.errors,
    v.quality_changes, v.resumes, v.ad_breaks, v.impressions, v.ads_completed, v.ads_skipped,
    v.ad_clicks);
  a(v.play_time, v.paused_time, v.stall_time, v.ad_time, v.last_error, v.runs, v.ads, v.timeline,
    v.tracker_figures);
  a(v.background, v.pinged, v.pingless_app, v.clock_shift, v.clock_lag, v.clock_changes,
    v.counted_s, v.session_index, v.event_index, v.viewer_before, v.jumps, v.percents,
    v.percent_before_seek, v.sought, v.late);
}
template <class Archive, Is<Play> T>
void fields(Archive& a, T& v) {
  a(v.id, v.started_at, v.session, v.left, v.historic, v.last_arrival, v.delay_min,
    v.clock_suspect);
}
template <class Archive, Is<Identity> T>
void fields(Archive& a, T& v) {
  a(v.viewer, v.first, v.last);
}
template <class Archive, Is<ContentTotals> T>
void fields(Archive& a, T& v) {
  a(v.content, v.position_s, v.percent, v.plays, v.completions, v.play_time, v.last);
}
template <class Archive, Is<DayTotals> T>
void fields(Archive& a, T& v) {
  a(v.day, v.plays, v.completions, v.stalls, v.impressions, v.play_time, v.ad_time, v.watched_s);
}
template <class Archive, Is<History> T>
void fields(Archive& a, T& v) {
  a(v.contents, v.days);
}
template <class Archive, Is<Profile> T>
void fields(Archive& a, T& v) {
  a(v.device, v.version, v.clock_offset, v.last_arrival, v.plays, v.duplicates, v.reused_ids,
    v.late, v.dead, v.foreign, v.viewers, v.history);
}
template <class Archive, Is<Player> T>
void fields(Archive& a, T& v) {
  a(v.position, v.paused, v.ended, v.duration, v.rate, v.muted, v.loop, v.livestream, v.fullscreen,
    v.picture_in_picture, v.volume, v.label, v.media_type, v.player_type, v.quality);
}
template <class Archive, Is<Ad> T>
void fields(Archive& a, T& v) {
  a(v.id, v.name, v.creative_id, v.pod_position, v.duration_s);
}
template <class Archive, Is<AdBreak> T>
void fields(Archive& a, T& v) {
  a(v.id, v.name, v.start_time_s, v.type);
}
template <class Archive, Is<ClientSession> T>
void fields(Archive& a, T& v) {
  a(v.user_id, v.session_index, v.event_index);
}
template <class Archive, Is<MediaEvent> T>
void fields(Archive& a, T& v) {
  a(v.event_id, v.event_name, v.kind, v.collected, v.created, v.sent, v.device_key, v.viewer,
    v.accelerator_viewer, v.platform, v.tracker, v.app_id, v.useragent, v.page_view_id, v.ad_id,
    v.ad_id_numeric);
  a(v.player, v.session, v.ad, v.ad_break, v.client_session, v.ads_clicked, v.ads_skipped,
    v.video_ts);
  a(v.percent_progress, v.new_rate, v.new_volume, v.new_quality, v.error_code, v.fingerprint);
}
template <class Archive, Is<Window> T>
void fields(Archive& a, T& v) {
  a(v.checkpoint, v.events, v.numbered, v.clock_set);
}
template <class Archive, Is<Post> T>
void fields(Archive& a, T& v) {
  a(v.collected, v.sent);
}
template <class Archive, Is<SeenEvent> T>
void fields(Archive& a, T& v) {
  a(v.created, v.event, v.id);
}
template <class Archive, Is<Device> T>
void fields(Archive& a, T& v) {
  a(v.profile, v.windows, v.posts, v.seen, v.lifecycle, v.ids_from);
}

}  // namespace lvp::profile
