#include "bridge/bridge.h"

#include <array>
#include <utility>

#include "wire/enriched_event.h"
#include "wire/identity.h"
#include "wire/json_text.h"
#include "wire/media_event.h"
#include "wire/plain_json.h"

namespace lvp::bridge {
namespace {

constexpr std::string_view v1_vendor = "com.snowplowanalytics.snowplow";
constexpr std::string_view v1_name = "media_player_event";

// Types of the v1 event, of the HTML5, YouTube and Roku plugins, that have a v2 event.
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> v1_types{{
    {"play", "play_event"},
    {"playing", "play_event"},
    {"pause", "pause_event"},
    {"paused", "pause_event"},
    {"ended", "end_event"},
    {"finished", "end_event"},
    {"seek", "seek_end_event"},
    {"seeked", "seek_end_event"},
    {"buffering", "buffer_start_event"},
    {"position", "ping_event"},
    {"ready", "ready_event"},
    {"percentprogress", "percent_progress_event"},
    {"volumechange", "volume_change_event"},
    {"playbackratechange", "playback_rate_change_event"},
    {"playbackqualitychange", "quality_change_event"},
    {"error", "error_event"},
}};

// ^(play|pause|ping|end|ad_break.*)_event$
bool passes_accelerator(const EnrichedView& event) {
  constexpr std::string_view suffix = "_event";
  std::string_view name = event[Column::event_name];
  if (event[Column::event] != "unstruct" || !name.ends_with(suffix)) return false;
  name.remove_suffix(suffix.size());
  return name == "play" || name == "pause" || name == "ping" || name == "end" ||
         name.starts_with("ad_break");
}

// Spares events of other kinds from being read: their columns cannot hold such an entity unless
// they hold its name.
bool names_media(std::string_view contexts) {
  return contexts.find("/media_player/jsonschema/") != contexts.npos ||
         contexts.find("snowplow.media/session/jsonschema/") != contexts.npos;
}

bool is_candidate(const EnrichedView& event, Selection selection) {
  if (passes_accelerator(event)) return true;
  return selection == Selection::all_media &&
         (event[Column::event_vendor] == media_vendor || names_media(event[Column::contexts]) ||
          names_media(event[Column::derived_contexts]));
}

bool is_selected(const EnrichedView& event, const Entities& entities) {
  return passes_accelerator(event) || event[Column::event_vendor] == media_vendor ||
         !entities.player().empty() || !entities.session.empty();
}

// As trackers and enrichment write it; nothing if it is of another form, good or bad.
std::optional<std::string_view> read_plain_body(std::string_view unstruct_event) {
  json::PlainReader reader(unstruct_event);
  if (!reader.take(R"({"schema":)") || !reader.string() || !reader.take(R"(,"data":{"schema":)") ||
      !reader.string() || !reader.take(R"(,"data":)"))
    return std::nullopt;
  const auto body = reader.value();
  return reader.take("}}") && reader.is_done() ? body : std::nullopt;
}

// The body of a self-describing event, compact; empty if the event is of another type. Views the
// column or the document.
Result<std::string_view> read_body(std::string_view unstruct_event, json::Document& document) {
  if (unstruct_event.empty()) return std::string_view();
  if (const auto plain = read_plain_body(unstruct_event)) return *plain;
  if (const Status read = document.read(unstruct_event); !read)
    return invalid("unstruct_event: " + read.error().what);
  const auto inner = json::raw_member(document.text(), "data");
  const auto body = inner ? json::raw_member(*inner, "data") : std::nullopt;
  if (!body) return invalid("unstruct_event: not self-describing");
  return *body;
}

// In v1 the title is told by the event, in v2 by the player.
std::string with_label(std::string_view player, std::string_view body) {
  std::string labelled(player);
  const auto label = json::raw_member(body, "label");
  if (player.empty() || !label || !label->starts_with('"')) return labelled;
  labelled.pop_back();
  if (labelled.size() > 1) labelled += ',';
  labelled += R"("label":)";
  labelled += *label;
  labelled += '}';
  return labelled;
}

std::string_view v2_name(std::string_view body) {
  const auto type = json::raw_member(body, "type");
  if (!type || type->size() < 2) return {};
  for (const auto& [v1, v2] : v1_types) {
    if (type->substr(1, type->size() - 2) == v1) return v2;
  }
  return {};
}

// Where there is no id of a device, the reader of the record takes what stands for the viewer.
std::string_view key_of(const Identifiers& ids) {
  if (const std::string_view device = device_key(ids); !device.empty()) return device;
  if (const std::string_view viewer = viewer_key(ids); !viewer.empty()) return viewer;
  return accelerator_viewer_id(ids.user_id, ids.domain_userid);
}

MediaRecord record_of(const EnrichedView& event, const Entities& entities) {
  return {.collector_tstamp = event[Column::collector_tstamp],
          .event_id = event[Column::event_id],
          .event_name = event[Column::event_name],
          .event_vendor = event[Column::event_vendor],
          .dvce_created_tstamp = event[Column::dvce_created_tstamp],
          .dvce_sent_tstamp = event[Column::dvce_sent_tstamp],
          .device_key = {},
          .platform = event[Column::platform],
          .v_tracker = event[Column::v_tracker],
          .app_id = event[Column::app_id],
          .user_id = event[Column::user_id],
          .domain_userid = event[Column::domain_userid],
          .network_userid = event[Column::network_userid],
          .useragent = event[Column::useragent],
          .event = {},
          .player = entities.player(),
          .session = entities.session,
          .ad = entities.ad,
          .ad_break = entities.ad_break,
          .client_session = entities.client_session,
          .identity = entities.identity,
          .web_page = entities.web_page,
          .ads_clicked = entities.ads_clicked,
          .ads_skipped = entities.ads_skipped,
          .ad_id = entities.ad_id,
          .video_ts = entities.position()};
}

}  // namespace

Result<std::optional<Media>> Bridge::map(std::string_view enriched_line) {
  LVP_TRY(const EnrichedView event, EnrichedView::parse(enriched_line));
  if (!is_candidate(event, selection_)) return std::optional<Media>();
  LVP_TRY(const Entities entities,
          entities_.read(event[Column::contexts], event[Column::derived_contexts]));
  if (!is_selected(event, entities)) return std::optional<Media>();
  LVP_TRY(const std::string_view body, read_body(event[Column::unstruct_event], body_));

  MediaRecord record = record_of(event, entities);
  record.event = body;
  std::string player_v1;
  if (record.event_vendor == v1_vendor && record.event_name == v1_name) {
    player_v1 = with_label(entities.player(), body);
    record.player = player_v1;
    if (const std::string_view name = v2_name(body); !name.empty()) {
      record.event_name = name;
      record.event_vendor = media_vendor;
    }
  }
  const Identifiers ids =
      entities_.ids(entities, record.user_id, record.domain_userid, record.network_userid);
  record.device_key = key_of(ids);
  LVP_TRY(std::string json, encode(record));
  return Media{std::string(record.device_key), std::move(json)};
}

}  // namespace lvp::bridge
