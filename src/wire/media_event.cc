#include "wire/media_event.h"

#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "wire/identity.h"
#include "wire/picked.h"

namespace lvp {
namespace {

constexpr std::array<std::pair<std::string_view, MediaKind>, 25> kinds{{
    {"ready_event", MediaKind::ready},
    {"play_event", MediaKind::play},
    {"pause_event", MediaKind::pause},
    {"end_event", MediaKind::end},
    {"seek_start_event", MediaKind::seek_start},
    {"seek_end_event", MediaKind::seek_end},
    {"playback_rate_change_event", MediaKind::playback_rate_change},
    {"volume_change_event", MediaKind::volume_change},
    {"fullscreen_change_event", MediaKind::fullscreen_change},
    {"picture_in_picture_change_event", MediaKind::picture_in_picture_change},
    {"ping_event", MediaKind::ping},
    {"percent_progress_event", MediaKind::percent_progress},
    {"buffer_start_event", MediaKind::buffer_start},
    {"buffer_end_event", MediaKind::buffer_end},
    {"quality_change_event", MediaKind::quality_change},
    {"error_event", MediaKind::error},
    {"ad_break_start_event", MediaKind::ad_break_start},
    {"ad_break_end_event", MediaKind::ad_break_end},
    {"ad_start_event", MediaKind::ad_start},
    {"ad_quartile_event", MediaKind::ad_quartile},
    {"ad_complete_event", MediaKind::ad_complete},
    {"ad_skip_event", MediaKind::ad_skip},
    {"ad_click_event", MediaKind::ad_click},
    {"ad_pause_event", MediaKind::ad_pause},
    {"ad_resume_event", MediaKind::ad_resume},
}};

// ---- Reading. A Place is where JSON is: read by a Parser, or plain (picked.h). ----

template <class V>
std::string_view text(const V& value) {
  return value.string().value_or("");
}

template <class V>
std::optional<int> whole(const V& value) {
  const auto integer = value.integer();
  return integer ? std::optional(static_cast<int>(*integer)) : std::nullopt;
}

// Names in the order in which trackers write them, as far as there is one: that is faster.

constexpr std::array<std::string_view, 16> player_names{
    "currentTime", "paused",       "ended",   "label",      "mediaType",  "playerType",
    "duration",    "muted",        "loop",    "livestream", "fullscreen", "pictureInPicture",
    "volume",      "playbackRate", "quality", "isLive"};

template <class Place>
auto read(Place& at, Player& player) {
  json::Picked<player_names, Place> v;
  const auto all = v.read(at);
  player.position = v["currentTime"].number().value_or(0);
  player.paused = v["paused"].boolean().value_or(false);
  player.ended = v["ended"].boolean().value_or(false);
  player.duration = v["duration"].number();
  player.rate = v["playbackRate"].number();
  player.muted = v["muted"].boolean();
  player.loop = v["loop"].boolean();
  player.livestream = v["livestream"].exists() ? v["livestream"].boolean() : v["isLive"].boolean();
  player.fullscreen = v["fullscreen"].boolean();
  player.picture_in_picture = v["pictureInPicture"].boolean();
  player.volume = whole(v["volume"]);
  player.label = text(v["label"]);
  player.media_type = text(v["mediaType"]);
  player.player_type = text(v["playerType"]);
  player.quality = text(v["quality"]);
  return all;
}

constexpr std::array<std::string_view, 12> session_names{
    "mediaSessionId", "startedAt",      "pingInterval", "timePlayed", "timePaused", "timeBuffering",
    "timeSpentAds",   "contentWatched", "ads",          "adsClicked", "adsSkipped", "adBreaks"};

template <class Place>
auto read(Place& at, MediaSession& session) {
  json::Picked<session_names, Place> v;
  const auto all = v.read(at);
  session.id = text(v["mediaSessionId"]);
  session.started_at = parse_timestamp(text(v["startedAt"]));
  session.ping_interval_s = whole(v["pingInterval"]);
  session.time_played_s = v["timePlayed"].number().value_or(0);
  session.time_paused_s = v["timePaused"].number().value_or(0);
  session.time_buffering_s = v["timeBuffering"].number().value_or(0);
  session.time_spent_ads_s = v["timeSpentAds"].number().value_or(0);
  session.content_watched_s = v["contentWatched"].number().value_or(0);
  session.ads = whole(v["ads"]).value_or(0);
  session.ads_clicked = whole(v["adsClicked"]).value_or(0);
  session.ads_skipped = whole(v["adsSkipped"]).value_or(0);
  session.ad_breaks = whole(v["adBreaks"]).value_or(0);
  return all;
}

constexpr std::array<std::string_view, 5> ad_names{"adId", "name", "creativeId", "podPosition",
                                                   "duration"};

template <class Place>
auto read(Place& at, Ad& ad) {
  json::Picked<ad_names, Place> v;
  const auto all = v.read(at);
  ad.id = text(v["adId"]);
  ad.name = text(v["name"]);
  ad.creative_id = text(v["creativeId"]);
  ad.pod_position = whole(v["podPosition"]);
  ad.duration_s = v["duration"].number();
  return all;
}

constexpr std::array<std::string_view, 4> ad_break_names{"breakId", "name", "startTime",
                                                         "breakType"};

template <class Place>
auto read(Place& at, AdBreak& ad_break) {
  json::Picked<ad_break_names, Place> v;
  const auto all = v.read(at);
  ad_break.id = text(v["breakId"]);
  ad_break.name = text(v["name"]);
  ad_break.start_time_s = v["startTime"].number().value_or(0);
  const auto type = text(v["breakType"]);
  ad_break.type = type == "nonlinear"   ? BreakType::nonlinear
                  : type == "companion" ? BreakType::companion
                                        : BreakType::linear;
  return all;
}

constexpr std::array<std::string_view, 3> client_session_names{"userId", "sessionIndex",
                                                               "eventIndex"};

template <class Place>
auto read(Place& at, ClientSession& session) {
  json::Picked<client_session_names, Place> v;
  const auto all = v.read(at);
  session.user_id = text(v["userId"]);
  session.session_index = whole(v["sessionIndex"]).value_or(0);
  session.event_index = whole(v["eventIndex"]);
  return all;
}

// In the memory of the one that was there before.
template <class Place, class Entity>
auto read(Place& at, std::optional<Entity>& entity) {
  if (!entity) entity.emplace();
  return read(at, *entity);
}

template <class V>
void read_body(const V& body, MediaEvent& event) {
  event.percent_progress = whole(body["percentProgress"]);
  event.new_rate = body["newRate"].number();
  event.new_volume = whole(body["newVolume"]);
  event.new_quality = body["newQuality"].string();
  event.error_code.reset();
  if (event.kind == MediaKind::error) event.error_code = text(body["errorCode"]);
}

// adId is the number 0 without an ad, a string with one. The accelerator's back end reads it as a
// Java int and drops the message when that fails.
template <class V>
void read_ad_id(const V& value, MediaEvent& event) {
  event.ad_id_numeric = true;
  if (const auto number = value.integer()) {
    event.ad_id = *number == 0 ? "" : std::to_string(*number);
    return;
  }
  event.ad_id = text(value);
  int number = 0;
  const auto [end, error] =
      std::from_chars(event.ad_id.data(), event.ad_id.data() + event.ad_id.size(), number);
  event.ad_id_numeric = error == std::errc{} && end == event.ad_id.data() + event.ad_id.size();
}

// As encode() writes them.
constexpr std::array<std::string_view, 27> names{"collector_tstamp",
                                                 "event_id",
                                                 "event_name",
                                                 "viewer_id",
                                                 "adsClicked",
                                                 "adsSkipped",
                                                 "adId",
                                                 "video_ts",
                                                 "event_vendor",
                                                 "device_key",
                                                 "dvce_created_tstamp",
                                                 "dvce_sent_tstamp",
                                                 "platform",
                                                 "v_tracker",
                                                 "app_id",
                                                 "user_id",
                                                 "domain_userid",
                                                 "network_userid",
                                                 "useragent",
                                                 "event",
                                                 "player",
                                                 "session",
                                                 "ad",
                                                 "ad_break",
                                                 "client_session",
                                                 "identity",
                                                 "web_page"};

template <class Root>
MediaKind kind_of(const Root& root, std::string_view name) {
  const auto& vendor = root["event_vendor"];
  if (!vendor.exists()) return media_kind(name);  // the eight fields alone
  if (vendor.string() == media_vendor) return media_kind(name);
  return root["player"].exists() || root["session"].exists() ? MediaKind::other
                                                             : MediaKind::foreign;
}

template <class Root>
void read_ids(const Root& root, MediaEvent& event) {
  const auto& identity = root["identity"];
  const auto snowplow_id = identity["snowplowId"];
  const Identifiers ids{
      .snowplow_id = text(snowplow_id.exists() ? snowplow_id : identity["snowplow_id"]),
      .user_id = text(root["user_id"]),
      .client_user_id = event.client_session ? std::string_view(event.client_session->user_id)
                                             : std::string_view(),
      .domain_userid = text(root["domain_userid"]),
      .network_userid = text(root["network_userid"]),
      .page_view_id = event.page_view_id,
      .play_id = event.session ? std::string_view(event.session->id) : std::string_view(),
  };
  event.accelerator_viewer = text(root["viewer_id"]);
  event.viewer = viewer_key(ids);
  if (event.viewer.empty()) event.viewer = event.accelerator_viewer;
  event.device_key = text(root["device_key"]);
  if (event.device_key.empty()) event.device_key = device_key(ids);
  if (event.device_key.empty()) event.device_key = event.viewer;
}

// All but the entities that read_record() reads on its way.
template <class Root>
Status read_fields(const Root& root, MediaEvent& event) {
  event.event_id = text(root["event_id"]);
  event.event_name = text(root["event_name"]);
  if (event.event_name.empty()) return invalid("media event without event_name");
  const auto collected = parse_timestamp(text(root["collector_tstamp"]));
  if (!collected) return invalid("media event without a collector_tstamp");
  event.collected = *collected;
  event.created = parse_timestamp(text(root["dvce_created_tstamp"]));
  event.sent = parse_timestamp(text(root["dvce_sent_tstamp"]));
  event.kind = kind_of(root, event.event_name);
  event.platform = text(root["platform"]);
  event.tracker = text(root["v_tracker"]);
  event.app_id = text(root["app_id"]);
  event.useragent = text(root["useragent"]);
  event.page_view_id = text(root["web_page"]["id"]);
  read_body(root["event"], event);
  read_ad_id(root["adId"], event);
  event.ads_clicked = whole(root["adsClicked"]).value_or(0);
  event.ads_skipped = whole(root["adsSkipped"]).value_or(0);
  event.video_ts = root["video_ts"].number().value_or(0);
  read_ids(root, event);
  if (event.device_key.empty()) return invalid("media event without any id of a device or viewer");

  const std::string created = event.created ? std::to_string(to_ms(*event.created)) : "";
  event.fingerprint = json::hash(root["event"], fnv1a(created, fnv1a(event.event_name)));
  return {};
}

// Nothing if the record is not as the place takes it.
template <class Place>
std::optional<Status> read_record(Place at, const json::PlainReader* reader, MediaEvent& event) {
  using Root = json::Picked<names, Place>;
  using Name = typename Root::Name;
  Root root;
  const auto all = root.read(at, [&](std::size_t name, Place& member) {
    if (!member.is_object()) return member.value();
    if (Name("player") == name) return read(member, event.player);
    if (Name("session") == name) return read(member, event.session);
    if (Name("ad") == name) return read(member, event.ad);
    if (Name("ad_break") == name) return read(member, event.ad_break);
    if (Name("client_session") == name) return read(member, event.client_session);
    return member.value();
  });
  if (!all || (reader != nullptr && !reader->is_done())) return std::nullopt;
  if (!root["player"].is_object()) event.player.reset();
  if (!root["session"].is_object()) event.session.reset();
  if (!root["ad"].is_object()) event.ad.reset();
  if (!root["ad_break"].is_object()) event.ad_break.reset();
  if (!root["client_session"].is_object()) event.client_session.reset();
  return read_fields(root, event);
}

// Whether the text is a time in the one form that columns have in all but odd cases.
bool is_plain_time(std::string_view text) {
  constexpr std::string_view form = "0000-00-00 00:00:00.000";
  if (text.size() != form.size()) return false;
  unsigned wrong = 0;  // counted to the end, which is faster than to stop at the first
  for (std::size_t i = 0; i < form.size(); ++i) {
    const unsigned digit = static_cast<unsigned char>(text[i]) - unsigned{'0'};
    wrong += form[i] == '0' ? digit > 9 : text[i] != form[i];
  }
  const auto in = [text](std::size_t at, int min, int max) {
    const int two_digits = (text[at] - '0') * 10 + (text[at + 1] - '0');
    return two_digits >= min && two_digits <= max;
  };
  constexpr int last_of_every_month = 28;
  return wrong == 0 && in(5, 1, 12) && in(8, 1, last_of_every_month) && in(11, 0, 23) &&
         in(14, 0, 59) && in(17, 0, 59);
}

// Appends `key` and the time as go_text() prints it; false, and nothing, if it is none. Digits of
// the plain form can stay as they are.
bool append_time(std::string& out, std::string_view key, std::string_view text) {
  if (!is_plain_time(text)) {
    const auto time = parse_timestamp(text);
    if (time) json::append_quoted(out += key, go_text(*time));
    return time.has_value();
  }
  constexpr std::size_t separator = 10;  // of date and time
  text.remove_suffix(text.size() - 1 - text.find_last_not_of('0'));
  if (text.ends_with('.')) text.remove_suffix(1);
  out += key;
  out += '"';
  out += text;
  out[out.size() - text.size() + separator] = 'T';
  out += "Z\"";
  return true;
}

// An upper limit for a record without escapes.
std::size_t size_of(const MediaRecord& record) {
  constexpr std::size_t names_and_times = 640;
  std::size_t size = names_and_times;
  for (const std::string_view text :
       {record.event_id,       record.event_name,     record.event_vendor, record.device_key,
        record.platform,       record.v_tracker,      record.app_id,       record.user_id,
        record.domain_userid,  record.network_userid, record.useragent,    record.event,
        record.player,         record.session,        record.ad,           record.ad_break,
        record.client_session, record.identity,       record.web_page,     record.ads_clicked,
        record.ads_skipped,    record.ad_id,          record.video_ts})
    size += text.size();
  return size + record.user_id.size() + record.domain_userid.size();  // once more as viewer_id
}

// Whether print() would spell the number as it is: no exponent and no digit too many.
bool is_shortest(std::string_view number) {
  constexpr std::size_t digits_always_exact = 15;
  if (number.starts_with('-')) number.remove_prefix(1);
  if (number.empty() || number.size() > digits_always_exact || number.starts_with("0.0000"))
    return false;
  const std::size_t point = number.find('.');
  const bool has_digits = number.find_first_not_of("0123456789.") == number.npos;
  return has_digits && (point == number.npos ? number != "0" : !number.ends_with('0'));
}

// The value with its numbers in their shortest spelling.
void append_shortest(std::string& out, std::string_view json) {
  if (json == "0" || json.starts_with('"') || is_shortest(json)) {
    out += json;
    return;
  }
  json::Parser parser;
  const auto value = parser.parse(json);
  out += value ? json::print(*value) : "null";
}

}  // namespace

MediaKind media_kind(std::string_view event_name) {
  for (const auto& [name, kind] : kinds) {
    if (name == event_name) return kind;
  }
  return MediaKind::other;
}

Result<std::string> encode(const MediaRecord& record) {
  std::string out;
  out.reserve(size_of(record));
  // `key` with all the punctuation before the value, so that it is appended at once.
  const auto add_text = [&out](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    out += key;
    json::append_quoted(out, value);
  };
  const auto add_raw = [&out](std::string_view key, std::string_view object) {
    if (object.empty()) return;
    out += key;
    out += object;
  };
  // One that is missing is the number 0; one that is null stays null, as in the script.
  const auto add_property = [&out](std::string_view key, std::string_view value) {
    out += key;
    append_shortest(out, value.empty() ? "0" : value);
  };

  if (!append_time(out, R"({"collector_tstamp":)", record.collector_tstamp))
    return invalid("media event without a collector_tstamp");
  out += R"(,"event_id":)";
  json::append_quoted(out, record.event_id);
  out += R"(,"event_name":)";
  json::append_quoted(out, record.event_name);
  add_text(R"(,"viewer_id":)", accelerator_viewer_id(record.user_id, record.domain_userid));
  add_property(R"(,"adsClicked":)", record.ads_clicked);
  add_property(R"(,"adsSkipped":)", record.ads_skipped);
  add_property(R"(,"adId":)", record.ad_id);
  add_property(R"(,"video_ts":)", record.video_ts);

  add_text(R"(,"event_vendor":)", record.event_vendor);
  add_text(R"(,"device_key":)", record.device_key);
  append_time(out, R"(,"dvce_created_tstamp":)", record.dvce_created_tstamp);
  append_time(out, R"(,"dvce_sent_tstamp":)", record.dvce_sent_tstamp);
  add_text(R"(,"platform":)", record.platform);
  add_text(R"(,"v_tracker":)", record.v_tracker);
  add_text(R"(,"app_id":)", record.app_id);
  add_text(R"(,"user_id":)", record.user_id);
  add_text(R"(,"domain_userid":)", record.domain_userid);
  add_text(R"(,"network_userid":)", record.network_userid);
  add_text(R"(,"useragent":)", record.useragent);
  add_raw(R"(,"event":)", record.event);
  add_raw(R"(,"player":)", record.player);
  add_raw(R"(,"session":)", record.session);
  add_raw(R"(,"ad":)", record.ad);
  add_raw(R"(,"ad_break":)", record.ad_break);
  add_raw(R"(,"client_session":)", record.client_session);
  add_raw(R"(,"identity":)", record.identity);
  add_raw(R"(,"web_page":)", record.web_page);
  out += '}';
  return out;
}

Status decode_media_event(std::string_view json, json::Parser& parser, MediaEvent& event) {
  json::PlainReader reader(json);
  if (const auto done = read_record(json::PlainPlace(reader), &reader, event)) return *done;

  const auto root = parser.parse(json);
  if (!root) return invalid("media event is not JSON: " + root.error().what);
  if (!root->is_object()) return invalid("media event is not a JSON object");
  return *read_record(json::ParsedPlace(*root), nullptr, event);
}

Result<MediaEvent> decode_media_event(std::string_view json, json::Parser& parser) {
  MediaEvent event;
  LVP_DO(decode_media_event(json, parser, event));
  return event;
}

}  // namespace lvp
