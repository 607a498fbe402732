#include "simulate/payload.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "wire/base64.h"

namespace lvp::simulate {
namespace {

constexpr std::string_view app_id = "video";
constexpr std::string_view payload_schema =
    "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4";
constexpr std::string_view event_schema =
    "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0";
constexpr std::string_view contexts_schema =
    "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0";

// With room to spare, so that texts seldom grow.
constexpr std::size_t event_bytes = 4096;
constexpr std::size_t head_bytes = 1024;

// Compact JSON behind what a string holds; wire's writer looks at each text for what needs an
// escape, and here none does. Where all of it is a string of other JSON, each of its quotes has a
// backslash.
class Writer {
 public:
  enum class Place : std::uint8_t { outside, in_a_string };

  explicit Writer(std::string& text, Place place = Place::outside)
      : text_(text), is_in_string_(place == Place::in_a_string) {}

  Writer& begin_object() { return begin('{'); }
  Writer& end_object() { return end('}'); }
  Writer& begin_array() { return begin('['); }
  Writer& end_array() { return end(']'); }

  Writer& key(std::string_view name) {
    string(name);
    text_ += ':';
    follows_value_ = false;
    return *this;
  }
  Writer& string(std::string_view text) {
    separate();
    put_quote();
    text_ += text;
    put_quote();
    return *this;
  }
  Writer& integer(std::int64_t value) {
    separate();
    put_digits(value);
    return *this;
  }
  // Not negative and of whole thousandths, as all numbers of trackers are here.
  Writer& number(double value) {
    LVP_CHECK(value >= 0);
    const std::int64_t thousandths = std::llround(value * 1000);
    integer(thousandths / 1000);
    const auto rest = static_cast<int>(thousandths % 1000);
    if (rest == 0) return *this;
    const std::array digits{'.', static_cast<char>('0' + rest / 100),
                            static_cast<char>('0' + rest / 10 % 10),
                            static_cast<char>('0' + rest % 10)};
    text_.append(digits.data(), rest % 100 == 0 ? 2 : rest % 10 == 0 ? 3 : 4);
    return *this;
  }
  Writer& boolean(bool value) { return word(value ? "true" : "false"); }
  Writer& null() { return word("null"); }

  // The text of a string that `write` makes by a writer of its own.
  template <class Write>
  void string_of_json(Write write) {
    separate();
    put_quote();
    Writer inside(text_, Place::in_a_string);
    write(inside);
    put_quote();
  }
  template <class Write>
  void base64_of_json(std::string& json, Write write) {
    json.clear();
    Writer apart(json);
    write(apart);
    separate();
    put_quote();
    append_base64(text_, json);
    put_quote();
  }

 private:
  void separate() {
    if (follows_value_) text_ += ',';
    follows_value_ = true;
  }
  Writer& begin(char bracket) {
    separate();
    text_ += bracket;
    follows_value_ = false;
    return *this;
  }
  Writer& end(char bracket) {
    text_ += bracket;
    follows_value_ = true;
    return *this;
  }
  Writer& word(std::string_view word) {
    separate();
    text_ += word;
    return *this;
  }
  void put_quote() {
    if (is_in_string_) text_ += '\\';
    text_ += '"';
  }
  void put_digits(std::int64_t value) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    text_.append(digits.data(), end);
  }

  std::string& text_;
  const bool is_in_string_;
  bool follows_value_ = false;
};

// One event in one request.
struct Written {
  const Tracker& tracker;
  const Event& event;
  const Ids& ids;
  Duration ping;
  const Moment& moment;

  Family family() const { return tracker.device->family; }
  Timestamp by_device(Duration at) const { return moment.began + at + tracker.clock_error; }
};

// ---- Entities ----

void open_entity(Writer& out, std::string_view schema) {
  out.begin_object().key("schema").string(schema).key("data").begin_object();
}

void close_entity(Writer& out) {
  out.end_object().end_object();
}

void write_player(Writer& out, const Written& w) {
  const Event& e = w.event;
  open_entity(out, "iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0");
  out.key("currentTime").number(e.position_s);
  out.key("paused").boolean(e.paused);
  out.key("ended").boolean(e.ended);
  out.key("label").string(e.content->label);
  if (e.content->live()) {
    out.key("livestream").boolean(true);
  } else {
    out.key("duration").number(e.content->duration_s);
  }
  out.key("mediaType").string("video");
  out.key("muted").boolean(false);
  out.key("volume").integer(100);
  out.key("playbackRate").number(1);
  if (w.family() == Family::tv) out.key("fullscreen").boolean(true);
  if (!w.tracker.device->player_type.empty())
    out.key("playerType").string(w.tracker.device->player_type);
  close_entity(out);
}

// Trackers leave out what is zero; a Roku's does not.
void write_figure(Writer& out, const Written& w, std::string_view key, Duration value) {
  if (value > Duration(0) || w.family() == Family::tv) out.key(key).number(to_seconds(value));
}

void write_figure(Writer& out, const Written& w, std::string_view key, int value) {
  if (value > 0 || w.family() == Family::tv) out.key(key).integer(value);
}

void write_session(Writer& out, const Written& w) {
  const Figures& f = w.event.figures;
  open_entity(out, "iglu:com.snowplowanalytics.snowplow.media/session/jsonschema/1-0-0");
  out.key("mediaSessionId").string(w.ids.play(w.tracker.viewer, w.event.play));
  out.key("startedAt").string(iso_text(w.by_device(w.event.play_began)));
  out.key("pingInterval").integer(w.ping / std::chrono::seconds(1));
  write_figure(out, w, "timePlayed", f.played);
  write_figure(out, w, "timePaused", f.paused);
  write_figure(out, w, "timeSpentAds", f.in_ads);
  write_figure(out, w, "adBreaks", f.ad_breaks);
  write_figure(out, w, "ads", f.ads);
  write_figure(out, w, "adsSkipped", f.ads_skipped);
  write_figure(out, w, "adsClicked", f.ads_clicked);
  close_entity(out);
}

void write_break(Writer& out, const Written& w) {
  const AdBreakNow& ad_break = w.event.ad_break;
  open_entity(out, "iglu:com.snowplowanalytics.snowplow.media/ad_break/jsonschema/1-0-0");
  out.key("breakId").string(fmt::format("break-{}", ad_break.number));
  out.key("name").string(ad_break.preroll ? "pre-roll" : "mid-roll");
  out.key("breakType").string("linear");
  out.key("startTime").number(ad_break.position_s);
  close_entity(out);
}

void write_ad(Writer& out, const Written& w) {
  const AdNow& ad = w.event.ad;
  open_entity(out, "iglu:com.snowplowanalytics.snowplow.media/ad/jsonschema/1-0-0");
  out.key("adId").string(fmt::format("ad-{}", ad.number));
  out.key("name").string(fmt::format("Spot of {} s", ad.length_s));
  out.key("creativeId").string(fmt::format("creative-{}", ad.length_s));
  out.key("podPosition").integer(ad.pod_position);
  out.key("duration").number(ad.length_s);
  out.key("skippable").boolean(true);
  close_entity(out);
}

void write_page(Writer& out, const Written& w) {
  open_entity(out, "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0");
  out.key("id").string(w.ids.page(w.tracker.viewer, w.event.play));
  close_entity(out);
}

void write_client_session(Writer& out, const Written& w) {
  open_entity(out, "iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2");
  out.key("userId").string(w.ids.device(w.tracker.viewer));
  out.key("sessionId").string(w.ids.session(w.tracker.viewer));
  out.key("sessionIndex").integer(1);
  out.key("eventIndex").integer(w.event.number + 1);
  out.key("previousSessionId").null();
  out.key("storageMechanism").string(w.family() == Family::mobile ? "SQLITE" : "LOCAL_STORAGE");
  out.key("firstEventId").string(w.ids.event(w.tracker.viewer, 0));
  close_entity(out);
}

void write_phone(Writer& out, const Written& w) {
  const DeviceKind& device = *w.tracker.device;
  open_entity(out, "iglu:com.snowplowanalytics.snowplow/mobile_context/jsonschema/1-0-3");
  out.key("osType").string(device.os);
  out.key("osVersion").string(device.os_version);
  out.key("deviceManufacturer").string(device.manufacturer);
  out.key("deviceModel").string(device.model);
  out.key("networkType").string("wifi");
  out.key("isPortrait").boolean(false);
  out.key("language").string("en");
  close_entity(out);
  open_entity(out, "iglu:com.snowplowanalytics.mobile/application/jsonschema/1-0-0");
  out.key("version").string("8.2.1");
  out.key("build").string("80201");
  close_entity(out);
  open_entity(out, "iglu:com.snowplowanalytics.mobile/application_lifecycle/jsonschema/1-0-0");
  out.key("isVisible").boolean(true);
  out.key("index").integer(1);
  close_entity(out);
}

void write_contexts(Writer& out, const Written& w) {
  out.begin_object().key("schema").string(contexts_schema).key("data").begin_array();
  if (w.family() == Family::web) {
    write_page(out, w);
  } else {
    write_client_session(out, w);
  }
  if (w.family() == Family::mobile) write_phone(out, w);
  write_player(out, w);
  write_session(out, w);
  if (w.event.ad.number != 0) write_ad(out, w);
  if (w.event.ad_break.number != 0) write_break(out, w);
  out.end_array().end_object();
}

// ---- The event ----

bool has_percent(MediaKind kind) {
  return kind == MediaKind::ad_quartile || kind == MediaKind::ad_skip ||
         kind == MediaKind::ad_click;
}

void write_unstruct_event(Writer& out, const Event& event) {
  out.begin_object().key("schema").string(event_schema).key("data").begin_object();
  out.key("schema").string(fmt::format(
      "iglu:com.snowplowanalytics.snowplow.media/{}/jsonschema/1-0-0", event_name(event.kind)));
  out.key("data").begin_object();
  if (has_percent(event.kind)) out.key("percentProgress").integer(event.percent);
  out.end_object().end_object().end_object();
}

void write_ms(Writer& out, std::string_view key, Timestamp at) {
  out.key(key).string(fmt::to_string(to_ms(at)));
}

void write_page_fields(Writer& out, const Written& w) {
  out.key("cookie").string("1").key("cs").string("UTF-8").key("lang").string("en-GB");
  out.key("res").string("1920x1080").key("cd").string("24").key("tz").string("Europe/Berlin");
  out.key("vp").string("1280x720").key("ds").string("1265x1810").key("vid").string("1");
  out.key("sid").string(w.ids.session(w.tracker.viewer));
  out.key("duid").string(w.ids.device(w.tracker.viewer));
  out.key("url").string("https://video.example.com/watch");
  out.key("page").string(w.event.content->label);
}

// `scratch` is used again for each event.
void write_event(Writer& out, const Written& w, std::string& scratch) {
  const DeviceKind& device = *w.tracker.device;
  out.begin_object();
  out.key("e").string("ue").key("eid").string(w.ids.event(w.tracker.viewer, w.event.number));
  out.key("tv").string(device.tracker).key("tna").string("player").key("aid").string(app_id);
  out.key("p").string(device.platform);
  if (device.family == Family::web) {
    write_page_fields(out, w);
  } else {
    out.key("res").string("2400x1080").key("lang").string("en");
  }
  if (w.event.logged_in) out.key("uid").string(w.ids.user(w.tracker.viewer));
  write_ms(out, "dtm", w.by_device(w.event.at));
  const auto event = [&](Writer& inner) { write_unstruct_event(inner, w.event); };
  const auto entities = [&](Writer& inner) { write_contexts(inner, w); };
  if (device.base64) {
    out.key("ue_px").base64_of_json(scratch, event);
    out.key("cx").base64_of_json(scratch, entities);
  } else {
    out.key("ue_pr").string_of_json(event);
    out.key("co").string_of_json(entities);
  }
  write_ms(out, "stm", w.by_device(w.moment.now));
  out.end_object();
}

// What Chromium adds to a request of a page, and what others leave out.
constexpr std::string_view page_headers =
    "Origin: https://video.example.com\r\n"
    "Referer: https://video.example.com/\r\n"
    "Sec-Fetch-Site: cross-site\r\n"
    "Sec-Fetch-Mode: cors\r\n"
    "Sec-Fetch-Dest: empty\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n";

}  // namespace

std::string body_text(const Tracker& tracker, std::span<const Event> events, const Ids& ids,
                      Duration ping, const Moment& moment) {
  std::string body;
  std::string scratch;
  body.reserve(events.size() * event_bytes);
  scratch.reserve(event_bytes);
  Writer out(body);
  out.begin_object().key("schema").string(payload_schema).key("data").begin_array();
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::size_t at = tracker.device->newest_first ? events.size() - 1 - i : i;
    write_event(out, {tracker, events[at], ids, ping, moment}, scratch);
  }
  out.end_array().end_object();
  return body;
}

std::string request_text(const Tracker& tracker, const Ids& ids, std::string_view host,
                         std::string_view body) {
  std::string text;
  text.reserve(head_bytes + body.size());
  text += "POST /com.snowplowanalytics.snowplow/tp2 HTTP/1.1\r\nHost: ";
  text += host;
  text += "\r\nUser-Agent: ";
  text += tracker.device->user_agent;
  text += "\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: ";
  text += std::to_string(body.size());
  text += "\r\nAccept: */*\r\n";
  if (tracker.device->family == Family::web) {
    text += page_headers;
    text += "Cookie: sp=";
    text += ids.network(tracker.viewer);
    text += "\r\n";
  }
  text += "\r\n";
  text += body;
  return text;
}

}  // namespace lvp::simulate
