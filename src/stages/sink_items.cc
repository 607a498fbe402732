#include "stages/sink_items.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "live/device_name.h"
#include "live/viewer.h"
#include "profile/accelerator.h"
#include "wire/json.h"

namespace lvp::stages {
namespace {

using store::Field;
using store::Item;
using store::ValueType;

constexpr std::string_view device_prefix = "lvp:device:";

// As a number of DynamoDB is given back: no sign of a zero, no ".0".
std::string number_text(double value) {
  char buffer[400];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value == 0 ? 0.0 : value,
                                 std::chars_format::fixed)
                       .ptr;
  return {buffer, end};
}

void add_text(Item& item, std::string name, std::string text) {
  if (!text.empty()) item.fields.push_back({std::move(name), {ValueType::text, std::move(text)}});
}
void add_number(Item& item, std::string name, double value) {
  item.fields.push_back({std::move(name), {ValueType::number, number_text(value)}});
}
void add_count(Item& item, std::string name, std::uint64_t value) {
  item.fields.push_back({std::move(name), {ValueType::number, std::to_string(value)}});
}

struct Sums {
  std::uint64_t plays = 0, open = 0;
  double play_s = 0, stall_s = 0, ad_s = 0;
};

void add(Sums& sums, const profile::Play& play) {
  ++sums.plays;
  if (live::is_open(play)) ++sums.open;
  sums.play_s += to_seconds(play.session.play_time);
  sums.stall_s += to_seconds(play.session.stall_time);
  sums.ad_s += to_seconds(play.session.ad_time);
}

void add_primary(Item& item, const live::OpenPlay& play) {
  add_text(item, "state", std::string(name_of(play.state)));
  if (const auto status = profile::status_of(play.state))
    add_text(item, "status", std::string(name_of(*status)));
  add_text(item, "play", play.id);
  add_text(item, "since", iso_text(play.since));
  add_text(item, "last_event", iso_text(play.last_event));
  add_text(item, "content", play.content);
  if (play.position_s) add_number(item, "position_s", *play.position_s);
  add_text(item, "position_at", iso_text(play.position_at));
  add_number(item, "rate", play.rate);
  if (play.duration_s) add_number(item, "duration_s", *play.duration_s);
  item.fields.push_back({"live", {ValueType::boolean, play.livestream ? "true" : "false"}});
  add_text(item, "platform", play.platform);
  add_text(item, "device_name", play.device_name);
}

}  // namespace

store::TableShape events_shape(std::string name) {
  return {std::move(name),
          "viewer_id",
          "collector_tstamp",
          {{"adId", ValueType::number},
           {"adsClicked", ValueType::number},
           {"adsSkipped", ValueType::number},
           {"video_ts", ValueType::number},
           {"status", ValueType::text}},
          ""};
}

store::TableShape profiles_shape(std::string name) {
  using enum ValueType;
  return {std::move(name),
          "viewer",
          "device",
          {{"version", number},    {"state", text},         {"status", text},
           {"play", text},         {"since", text},         {"last_event", text},
           {"content", text},      {"position_s", number},  {"position_at", text},
           {"rate", number},       {"duration_s", number},  {"live", boolean},
           {"platform", text},     {"device_name", text},   {"plays", number},
           {"open_plays", number}, {"play_time_s", number}, {"stall_time_s", number},
           {"ad_time_s", number},  {"viewers", text}},
          "version"};
}

Result<store::Item> event_item(std::string_view message) {
  json::Parser parser;
  LVP_TRY(const json::Value root, parser.parse(message));
  const auto viewer = root["viewer_id"].string();
  const auto at = root["collector_tstamp"].string();
  const auto status = root["status"].string();
  if (!viewer || !at || !status) return invalid("sink: a message without viewer, time or status");
  Item item{{std::string(*viewer), std::string(*at)}, {}};
  // The accelerator drops what has another adId than an int, so its table has none of those.
  if (const auto ad = root["adId"].integer()) {
    item.fields.push_back({"adId", {ValueType::number, std::to_string(*ad)}});
  }
  for (const char* name : {"adsClicked", "adsSkipped"})
    item.fields.push_back(
        {name, {ValueType::number, std::to_string(root[name].integer().value_or(0))}});
  add_number(item, "video_ts", root["video_ts"].number().value_or(0));
  add_text(item, "status", std::string(*status));
  return item;
}

std::vector<std::string> viewers_of(const profile::Profile& profile) {
  std::set<std::string> viewers;
  for (const profile::Play& play : profile.plays) viewers.insert(play.session.viewer);
  return {viewers.begin(), viewers.end()};
}

store::Item profile_item(const profile::Profile& profile, const std::string& viewer) {
  Item item{{viewer, profile.device}, {}};
  add_count(item, "version", profile.version);
  Sums sums;
  // The play that speaks for the viewer, as on the board; the newest of those that are over.
  std::optional<live::OpenPlay> primary;
  for (const profile::Play& play : profile.plays) {
    if (play.session.viewer != viewer) continue;
    add(sums, play);
    live::OpenPlay one = live::open_play(profile.device, profile.wall_offset(play.session), play);
    if (!primary || live::BetterPlay()(&one, &*primary)) primary = std::move(one);
  }
  if (primary) add_primary(item, *primary);
  add_count(item, "plays", sums.plays);
  add_count(item, "open_plays", sums.open);
  add_number(item, "play_time_s", sums.play_s);
  add_number(item, "stall_time_s", sums.stall_s);
  add_number(item, "ad_time_s", sums.ad_s);
  return item;
}

store::ItemKey device_key(std::string_view device) {
  return {std::string(device_prefix) + std::string(device), std::string(device)};
}

store::Item device_item(std::string_view device, std::uint64_t version,
                        const std::vector<std::string>& viewers) {
  Item item{device_key(device), {}};
  add_count(item, "version", version);
  json::Writer list;
  list.begin_array();
  for (const std::string& viewer : viewers) list.string(viewer);
  add_text(item, "viewers", list.end_array().take());
  return item;
}

Result<DeviceItem> read_device_item(const store::Item& item) {
  const auto damaged = corrupt("sink: the item " + item.key.partition + " is not ours");
  const store::Value* version = store::field(item, "version");
  const store::Value* viewers = store::field(item, "viewers");
  if (version == nullptr || viewers == nullptr) return damaged;
  DeviceItem device;
  const std::string& digits = version->text;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), device.version);
  device.version /= 2;
  json::Parser parser;
  const auto root = parser.parse(viewers->text);
  if (error != std::errc{} || end != digits.data() + digits.size() || !root || !root->is_array())
    return damaged;
  for (const json::Value viewer : root->elements())
    device.viewers.emplace_back(viewer.string().value_or(""));
  return device;
}

std::string item_text(const store::Item& item) {
  json::Writer out;
  out.begin_object();
  out.key("partition").string(item.key.partition);
  out.key("sort").string(item.key.sort);
  for (const Field& field : item.fields) {
    out.key(field.name);
    if (field.value.type == ValueType::text) {
      out.string(field.value.text);
    } else {
      out.raw(field.value.text);
    }
  }
  return out.end_object().take();
}

}  // namespace lvp::stages
