#include "profile/event_log.h"

#include <algorithm>
#include <array>
#include <utility>

#include "profile/fields.h"
#include "profile/hash.h"
#include "profile/order.h"

namespace lvp::profile {
namespace {

// ---- Contexts ----

std::uint64_t number(const std::optional<bool>& flag) {
  return flag ? 1 + std::uint64_t{*flag} : 0;
}

// What a context keeps of an event: all that event() below does not write.
MediaEvent shared_part(const MediaEvent& event) {
  MediaEvent shared;
  shared.device_key = event.device_key;
  shared.viewer = event.viewer;
  shared.accelerator_viewer = event.accelerator_viewer;
  shared.platform = event.platform;
  shared.tracker = event.tracker;
  shared.app_id = event.app_id;
  shared.useragent = event.useragent;
  shared.page_view_id = event.page_view_id;
  if (event.player) {
    Player& player = shared.player.emplace();
    player.label = event.player->label;
    player.media_type = event.player->media_type;
    player.player_type = event.player->player_type;
    player.loop = event.player->loop;
    player.livestream = event.player->livestream;
  }
  if (event.session) {
    MediaSession& session = shared.session.emplace();
    session.id = event.session->id;
    session.started_at = event.session->started_at;
    session.ping_interval_s = event.session->ping_interval_s;
  }
  if (event.client_session) shared.client_session = {event.client_session->user_id, 0, {}};
  return shared;
}

// ---- Events ----

// What is not written because it follows from the rest, and what is there at all.
enum Flag : std::uint64_t {
  has_created = 1 << 0,
  has_sent = 1 << 1,
  named_by_kind = 1 << 2,
  paused = 1 << 3,
  ended = 1 << 4,
  video_ts_is_position = 1 << 5,
  counts_are_sessions = 1 << 6,
  ad_id_is_ads = 1 << 7,
  ad_id_numeric = 1 << 8,
  has_figures = 1 << 9,  // of the session, any of them not 0
  has_ad = 1 << 10,
  has_ad_break = 1 << 11,
  has_body = 1 << 12,    // of the event
  has_values = 1 << 13,  // of the player
};

bool has_figure(const MediaSession& s) {
  return s.time_played_s != 0 || s.time_paused_s != 0 || s.time_buffering_s != 0 ||
         s.time_spent_ads_s != 0 || s.content_watched_s != 0 || s.ads != 0 || s.ads_clicked != 0 ||
         s.ads_skipped != 0 || s.ad_breaks != 0;
}

bool has_value(const Player& p) {
  return p.duration || p.rate || p.muted || p.fullscreen || p.picture_in_picture || p.volume ||
         !p.quality.empty();
}

// What trackers call the kinds, from `ready` on, with "_event" behind.
constexpr std::string_view name_suffix = "_event";
constexpr std::array<std::string_view, 25> kind_names{"ready",
                                                      "play",
                                                      "pause",
                                                      "end",
                                                      "seek_start",
                                                      "seek_end",
                                                      "playback_rate_change",
                                                      "volume_change",
                                                      "fullscreen_change",
                                                      "picture_in_picture_change",
                                                      "ping",
                                                      "percent_progress",
                                                      "buffer_start",
                                                      "buffer_end",
                                                      "quality_change",
                                                      "error",
                                                      "ad_break_start",
                                                      "ad_break_end",
                                                      "ad_start",
                                                      "ad_quartile",
                                                      "ad_complete",
                                                      "ad_skip",
                                                      "ad_click",
                                                      "ad_pause",
                                                      "ad_resume"};

std::string_view name_of_kind(MediaKind kind) {
  const auto index = static_cast<std::size_t>(kind) - static_cast<std::size_t>(MediaKind::ready);
  return index < kind_names.size() ? kind_names[index] : std::string_view();
}

bool is_named_by_kind(const MediaEvent& event) {
  const std::string_view name = name_of_kind(event.kind);
  return !name.empty() && event.event_name.size() == name.size() + name_suffix.size() &&
         event.event_name.starts_with(name) && event.event_name.ends_with(name_suffix);
}

std::uint64_t flags_of(const MediaEvent& event) {
  std::uint64_t flags = 0;
  const auto set = [&](Flag flag, bool value) {
    if (value) flags |= flag;
  };
  set(has_created, event.created.has_value());
  set(has_sent, event.sent.has_value());
  set(named_by_kind, is_named_by_kind(event));
  set(ad_id_is_ads, event.ad_id == (event.ad ? event.ad->id : std::string_view()));
  set(ad_id_numeric, event.ad_id_numeric);
  set(has_ad, event.ad.has_value());
  set(has_ad_break, event.ad_break.has_value());
  set(has_body, event.percent_progress || event.new_rate || event.new_volume || event.new_quality ||
                    event.error_code);
  if (event.player) {
    set(paused, event.player->paused);
    set(ended, event.player->ended);
    set(has_values, has_value(*event.player));
  }
  set(video_ts_is_position, event.video_ts == (event.player ? event.player->position : 0));
  if (event.session) set(has_figures, has_figure(*event.session));
  set(counts_are_sessions,
      event.ads_clicked == (event.session ? event.session->ads_clicked : 0) &&
          event.ads_skipped == (event.session ? event.session->ads_skipped : 0));
  return flags;
}

// The fields that both the writer and the reader go through, as the flags say.
template <class Archive, class Event>
void varying(Archive& a, Event& e, std::uint64_t flags) {
  a(e.kind);
  if ((flags & named_by_kind) == 0) a(e.event_name);
  a(e.event_id);
  if (e.player) {
    a(e.player->position);
    if (flags & has_values)
      a(e.player->duration, e.player->rate, e.player->muted, e.player->fullscreen,
        e.player->picture_in_picture, e.player->volume, e.player->quality);
  }
  if (flags & has_figures)
    a(e.session->time_played_s, e.session->time_paused_s, e.session->time_buffering_s,
      e.session->time_spent_ads_s, e.session->content_watched_s, e.session->ads,
      e.session->ads_clicked, e.session->ads_skipped, e.session->ad_breaks);
  if (e.client_session) a(e.client_session->session_index, e.client_session->event_index);
  if (flags & has_ad) a(*e.ad);
  if (flags & has_ad_break) a(*e.ad_break);
  if ((flags & ad_id_is_ads) == 0) a(e.ad_id);
  if ((flags & video_ts_is_position) == 0) a(e.video_ts);
  if ((flags & counts_are_sessions) == 0) a(e.ads_clicked, e.ads_skipped);
  if (flags & has_body)
    a(e.percent_progress, e.new_rate, e.new_volume, e.new_quality, e.error_code);
}

void write_event(Writer& out, const MediaEvent& event, Timestamp now) {
  const std::uint64_t flags = flags_of(event);
  out(flags, event.collected, now - event.collected);
  if (event.created) out(*event.created - event.collected);
  if (event.sent) out(*event.sent - device_time(event));
  varying(out, event, flags);
  out.fixed(event.fingerprint, 8);
}

Timestamp plus(Timestamp at, Duration d) {  // of any numbers, without overflow
  return from_ms(static_cast<std::int64_t>(static_cast<std::uint64_t>(to_ms(at)) +
                                           static_cast<std::uint64_t>(d.count())));
}

void read_event(Reader& in, LoggedEvent& logged) {
  MediaEvent& event = logged.event;
  std::uint64_t flags = 0;
  Duration delay{};
  in(flags, event.collected, delay);
  logged.now = plus(event.collected, delay);
  if (flags & has_created) {
    in(delay);
    event.created = plus(event.collected, delay);
  }
  if (flags & has_sent) {
    in(delay);
    event.sent = plus(device_time(event), delay);
  }
  if (flags & has_ad) event.ad.emplace();
  if (flags & has_ad_break) event.ad_break.emplace();
  if (!event.session) flags &= ~std::uint64_t{has_figures};
  varying(in, event, flags);
  event.fingerprint = in.fixed(8);

  if (flags & named_by_kind)
    event.event_name = std::string(name_of_kind(event.kind)).append(name_suffix);
  event.ad_id_numeric = (flags & ad_id_numeric) != 0;
  if (event.player) {
    event.player->paused = (flags & paused) != 0;
    event.player->ended = (flags & ended) != 0;
  }
  if ((flags & ad_id_is_ads) && event.ad) event.ad_id = event.ad->id;
  if (flags & video_ts_is_position) event.video_ts = event.player ? event.player->position : 0;
  if ((flags & counts_are_sessions) && event.session) {
    event.ads_clicked = event.session->ads_clicked;
    event.ads_skipped = event.session->ads_skipped;
  }
}

}  // namespace

std::uint64_t context_of(const MediaEvent& event) {
  Hash hash;
  for (const std::string* text :
       {&event.device_key, &event.viewer, &event.accelerator_viewer, &event.platform,
        &event.tracker, &event.app_id, &event.useragent, &event.page_view_id})
    hash.add(*text);
  hash.add(event.player.has_value());
  if (event.player) {
    const Player& player = *event.player;
    for (const std::string* text : {&player.label, &player.media_type, &player.player_type})
      hash.add(*text);
    hash.add(number(player.loop) * 3 + number(player.livestream));
  }
  hash.add(event.session.has_value());
  if (event.session) {
    const MediaSession& session = *event.session;
    hash.add(session.id);
    hash.add(session.started_at ? static_cast<std::uint64_t>(to_ms(*session.started_at)) : 0);
    hash.add(static_cast<std::uint64_t>(session.ping_interval_s.value_or(-1)));
  }
  hash.add(event.client_session.has_value());
  if (event.client_session) hash.add(event.client_session->user_id);
  return hash.value();
}

std::string encode_context(const MediaEvent& event) {
  Writer out;
  out(shared_part(event));
  return std::string(out.bytes());
}

Result<MediaEvent> decode_context(std::string_view bytes) {
  Reader in(bytes, /*version=*/2);
  MediaEvent context;
  if (in.at_end()) return corrupt("event log: an empty context");
  in(context);
  if (!in.good()) return corrupt("event log: a context makes no sense");
  return context;
}

bool append(Writer& log, std::vector<std::uint64_t>& contexts, const MediaEvent& event,
            Timestamp now) {
  const std::uint64_t hash = context_of(event);
  auto context = static_cast<std::uint64_t>(std::ranges::find(contexts, hash) - contexts.begin());
  const bool is_new = context == contexts.size();
  if (is_new) contexts.push_back(hash);
  append_known(log, context, event, now);
  return is_new;
}

void append_known(Writer& log, std::uint64_t context, const MediaEvent& event, Timestamp now) {
  const std::size_t start = log.bytes().size();
  log.fixed(0, 1);
  log(context);
  write_event(log, event, now);
  log.set_size(start);
}

Status read_log(std::string_view log, std::span<const MediaEvent> contexts,
                std::vector<LoggedEvent>& events) {
  Reader entries(log, /*version=*/2);
  while (!entries.at_end()) {
    Reader in(entries.sized(), /*version=*/2);
    std::uint64_t context = contexts.size();
    in(context);
    if (context >= contexts.size()) return corrupt("event log: an event without a context");
    LoggedEvent& logged = events.emplace_back();
    logged.event = contexts[context];
    read_event(in, logged);
    if (!in.good() || !entries.good()) return corrupt("event log: the bytes make no sense");
  }
  return {};
}

}  // namespace lvp::profile
