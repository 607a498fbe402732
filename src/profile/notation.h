// For tests: media events in the notation of the acceptance scenarios (docs/scenarios.md).
//
//   events := event (';' event)*
//   event  := [session ':'] second kind '@' position ['p' | 'e'] option*
//
// `p`: paused, `e`: paused and ended. Options: dur= rate= P= ptype= label= user= live loop roku
// stay until they are given again; br= bt= ad= addur= (entities), n= and L= (ads and seconds
// played, of the session entity), clock= (by how much the device's clock is ahead) and !second (of
// arrival) are of one event.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "wire/media_event.h"

namespace lvp::profile::notation {

inline constexpr Timestamp base = from_ms(1'731'764'003'000);

inline Timestamp at(double second) {
  return base + Duration(std::llround(second * 1000));
}

class Reader {
 public:
  /// The events in order of arrival.
  std::vector<MediaEvent> read(std::string_view text) {
    std::vector<MediaEvent> events;
    for (const std::string_view part : split(text, ';')) events.push_back(read_event(trim(part)));
    std::ranges::stable_sort(events, {}, &MediaEvent::collected);
    return events;
  }

 private:
  struct Kept {
    Player player;
    std::optional<int> ping_interval_s;
    std::string tracker = "js-4.0.1";
    std::string user = "viewer";
    std::map<std::string, double, std::less<>> break_positions;
  };

  static double number(std::string_view text) { return std::stod(std::string(text)); }
  static Duration seconds(std::string_view text) {
    return Duration(std::llround(number(text) * 1000));
  }

  MediaEvent read_event(std::string_view text) {
    MediaEvent event;
    event.event_id = text;
    std::vector<std::string_view> words = split(text, ' ');
    std::string session = "S";
    if (const auto colon = words[0].find(':'); colon != std::string_view::npos) {
      session = words[0].substr(0, colon);
      words[0].remove_prefix(colon + 1);
    }
    Kept& kept = kept_[session];
    event.created = event.collected = event.sent.emplace(at(number(words[0])));
    read_kind(words[1], event, kept);
    event.session.emplace().id = session;
    event.session->started_at = base;
    for (const std::string_view word : std::span(words).subspan(2)) read_option(word, event, kept);

    event.player = kept.player;
    event.session->ping_interval_s = kept.ping_interval_s;
    event.tracker = kept.tracker;
    event.platform = "web";
    event.device_key = "viewer";
    event.viewer = event.accelerator_viewer = kept.user;
    event.video_ts = event.player->position;
    if (event.kind == MediaKind::playback_rate_change) event.new_rate = event.player->rate;
    if (event.ad_break) {
      event.ad_break->start_time_s =
          kept.break_positions.try_emplace(event.ad_break->id, event.player->position)
              .first->second;
    }
    event.fingerprint = fnv1a(text);
    return event;
  }

  static void read_kind(std::string_view word, MediaEvent& event, Kept& kept) {
    const auto sign = word.find('@');
    std::string kind(word.substr(0, sign));
    if (kind.starts_with("ad_quartile")) {
      event.percent_progress = std::stoi(kind.substr(11));
      kind.resize(11);
    }
    event.event_name = kind + "_event";
    event.kind = media_kind(event.event_name);
    std::string_view position = word.substr(sign + 1);
    kept.player.ended = position.ends_with('e');
    kept.player.paused = position.ends_with('p') || kept.player.ended;
    if (kept.player.paused) position.remove_suffix(1);
    kept.player.position = number(position);
  }

  static void read_option(std::string_view word, MediaEvent& event, Kept& kept) {
    if (word == "live") kept.player.livestream = true;
    if (word == "loop") kept.player.loop = true;
    if (word == "roku") kept.tracker = "roku-0.3.0";
    if (word.starts_with('!')) event.collected = event.sent.emplace(at(number(word.substr(1))));
    const auto sign = word.find('=');
    if (sign == std::string_view::npos) return;
    const std::string_view name = word.substr(0, sign);
    const std::string value(word.substr(sign + 1));
    if (name == "dur") kept.player.duration = number(value);
    if (name == "rate") kept.player.rate = number(value);
    if (name == "ptype") kept.player.player_type = value;
    if (name == "label") kept.player.label = value;
    if (name == "user") kept.user = value;
    if (name == "clock") {
      event.created = *event.created + seconds(value);
      event.sent = *event.sent + seconds(value);
    }
    if (name == "L") event.session->time_played_s = number(value);
    if (name == "P") kept.ping_interval_s = std::stoi(value);
    if (name == "n") event.session->ads = std::stoi(value);
    if (name == "br") {
      event.ad_break = event.ad_break.value_or(AdBreak());
      event.ad_break->id = value;
    }
    if (name == "bt")
      event.ad_break->type = value == "nonlinear" ? BreakType::nonlinear : BreakType::linear;
    if (name == "ad") {
      event.ad = event.ad.value_or(Ad());
      event.ad->id = event.ad_id = value;
    }
    if (name == "addur") event.ad->duration_s = number(value);
  }

  std::map<std::string, Kept, std::less<>> kept_;
};

inline std::vector<MediaEvent> read(std::string_view text) {
  return Reader().read(text);
}

}  // namespace lvp::profile::notation
