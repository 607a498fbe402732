// The `media` record: one media event of one device, as JSON.
//
//   record := the eight fields of the accelerator's Snowbridge script, with its names and types:
//             collector_tstamp event_id event_name viewer_id adsClicked adsSkipped adId video_ts
//           + what the profile engine needs: ids, device and sent times, the entities, the event
//           body
//
// A record with the eight fields alone (from an original Snowbridge) is read too and works as well
// as those allow. Grammar: docs/formats/media_event.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "wire/json.h"

namespace lvp {

inline constexpr std::string_view media_vendor = "com.snowplowanalytics.snowplow.media";

/// The media events of the media plugin, v2, and the rest. Stored: append only.
enum class MediaKind : std::uint8_t {
  other,    ///< any other event that carries media entities: liveness and position
  foreign,  ///< passed the accelerator's name filter only: no media vendor, no media entities
  ready,
  play,
  pause,
  end,
  seek_start,
  seek_end,
  playback_rate_change,
  volume_change,
  fullscreen_change,
  picture_in_picture_change,
  ping,
  percent_progress,
  buffer_start,
  buffer_end,
  quality_change,
  error,
  ad_break_start,
  ad_break_end,
  ad_start,
  ad_quartile,
  ad_complete,
  ad_skip,
  ad_click,
  ad_pause,
  ad_resume,
};

/// `other` for a name that is no media event.
MediaKind media_kind(std::string_view event_name);

/// iglu:com.snowplowanalytics.snowplow/media_player, models 1 and 2.
struct Player {
  double position = 0;  ///< currentTime, seconds; an epoch number in some live streams
  bool paused = false;
  bool ended = false;
  std::optional<double> duration;  ///< seconds; absent for live streams
  std::optional<double> rate;
  std::optional<bool> muted;
  std::optional<bool> loop;
  std::optional<bool> livestream;
  std::optional<bool> fullscreen;
  std::optional<bool> picture_in_picture;
  std::optional<int> volume;  ///< 0 to 100
  std::string label;
  std::string media_type;  ///< "video" or "audio"
  std::string player_type;
  std::string quality;

  bool operator==(const Player&) const = default;
};

/// iglu:com.snowplowanalytics.snowplow.media/session: cumulative within one tracker instance.
struct MediaSession {
  std::string id;
  std::optional<Timestamp> started_at;
  std::optional<int> ping_interval_s;
  double time_played_s = 0;
  double time_paused_s = 0;
  double time_buffering_s = 0;
  double time_spent_ads_s = 0;
  double content_watched_s = 0;
  int ads = 0;
  int ads_clicked = 0;
  int ads_skipped = 0;
  int ad_breaks = 0;

  bool operator==(const MediaSession&) const = default;
};

struct Ad {
  std::string id;
  std::string name;
  std::string creative_id;
  std::optional<int> pod_position;
  std::optional<double> duration_s;

  bool operator==(const Ad&) const = default;
};

enum class BreakType : std::uint8_t { linear, nonlinear, companion };

struct AdBreak {
  std::string id;
  std::string name;
  double start_time_s = 0;  ///< content position
  BreakType type = BreakType::linear;

  bool operator==(const AdBreak&) const = default;
};

struct ClientSession {
  std::string user_id;
  int session_index = 0;
  std::optional<int> event_index;

  bool operator==(const ClientSession&) const = default;
};

struct MediaEvent {
  std::string event_id;
  std::string event_name;
  MediaKind kind = MediaKind::other;
  Timestamp collected;               ///< collector_tstamp
  std::optional<Timestamp> created;  ///< dvce_created_tstamp
  std::optional<Timestamp> sent;     ///< dvce_sent_tstamp
  std::string device_key;            ///< never empty
  std::string viewer;                ///< by wire/identity.h
  std::string accelerator_viewer;    ///< viewer_id of the eight fields
  std::string platform;
  std::string tracker;  ///< v_tracker
  std::string app_id;
  std::string useragent;
  std::string page_view_id;
  std::string ad_id;          ///< adId of the eight fields as text; empty for the number 0
  bool ad_id_numeric = true;  ///< adId would be taken by the accelerator's Java back end (an int)

  std::optional<Player> player;
  std::optional<MediaSession> session;
  std::optional<Ad> ad;
  std::optional<AdBreak> ad_break;
  std::optional<ClientSession> client_session;

  int ads_clicked = 0;
  int ads_skipped = 0;
  double video_ts = 0;

  // Of the event's own body.
  std::optional<int> percent_progress;
  std::optional<double> new_rate;
  std::optional<int> new_volume;
  std::optional<std::string> new_quality;
  std::optional<std::string> error_code;

  /// Distinguishes a repeated delivery from a reused event id: name, created time and event body.
  std::uint64_t fingerprint = 0;

  bool operator==(const MediaEvent&) const = default;
};

/// What a media record is made of: columns as text, entities as raw JSON objects. Empty means
/// absent.
struct MediaRecord {
  std::string_view collector_tstamp;  ///< any form parse_timestamp reads
  std::string_view event_id;
  std::string_view event_name;
  std::string_view event_vendor;
  std::string_view dvce_created_tstamp;
  std::string_view dvce_sent_tstamp;
  std::string_view device_key;
  std::string_view platform;
  std::string_view v_tracker;
  std::string_view app_id;
  std::string_view user_id;
  std::string_view domain_userid;
  std::string_view network_userid;
  std::string_view useragent;
  std::string_view event;   ///< body of the self-describing event
  std::string_view player;  ///< media_player 2-x, else 1-x
  std::string_view session;
  std::string_view ad;
  std::string_view ad_break;
  std::string_view client_session;
  std::string_view identity;
  std::string_view web_page;

  // Of the entities, for the eight fields; JSON that is valid.
  std::string_view ads_clicked;
  std::string_view ads_skipped;
  std::string_view ad_id;
  std::string_view video_ts;
};

/// Error::invalid if collector_tstamp is no timestamp.
Result<std::string> encode(const MediaRecord& record);

/// Error::invalid if it is no JSON object, or lacks collector_tstamp, event_name or every id.
Result<MediaEvent> decode_media_event(std::string_view json, json::Parser& parser);
/// In place of what `event` holds, in the same memory as far as it goes.
Status decode_media_event(std::string_view json, json::Parser& parser, MediaEvent& event);

}  // namespace lvp
