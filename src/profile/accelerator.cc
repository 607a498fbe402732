#include "profile/accelerator.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "wire/json.h"

namespace lvp::profile {
namespace {

// Whole text is a decimal number that a Java int can hold.
std::optional<int> java_int(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// As Double.toString spells it: the shortest digits that read back the same, at least one of them
// after the point, with an exponent below 0.001 and from ten million.
std::string java_double(double value) {
  if (!std::isfinite(value)) return "0.0";
  std::array<char, 32> buffer{};
  const double size = std::abs(value);
  const bool plain = value == 0 || (size >= 1e-3 && size < 1e7);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format).ptr;
  std::string text(buffer.data(), end);
  if (plain) return text.find('.') == std::string::npos ? text + ".0" : text;

  const auto e = text.find('e');
  std::string digits = text.substr(0, e);
  if (digits.find('.') == std::string::npos) digits += ".0";
  return digits + 'E' + std::to_string(std::atoi(text.c_str() + e + 1));
}

// The states that lasted, in the accelerator's words, without repetitions.
std::vector<StatusChange> statuses(std::span<const Transition> timeline) {
  std::vector<StatusChange> changes;
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    if (i + 1 < timeline.size() && timeline[i + 1].at == timeline[i].at) continue;
    const std::optional<Status> status = status_of(timeline[i].state);
    if (!status || (!changes.empty() && changes.back().status == *status)) continue;
    changes.push_back({*status, timeline[i].cause});
  }
  return changes;
}

bool passes_filter(std::string_view event_name) {
  constexpr std::array<std::string_view, 4> names{"play_event", "pause_event", "ping_event",
                                                  "end_event"};
  return std::ranges::find(names, event_name) != names.end() ||
         (event_name.starts_with("ad_break") && event_name.ends_with("_event") &&
          event_name.find('\n') == std::string_view::npos);
}

// The machine's table, row by row; what has no row stays.
struct ExactRow {
  Status from;
  std::string_view event_name;
  Status to;
};

constexpr std::array<ExactRow, 6> exact_rows{{
    {Status::watching_video, "pause_event", Status::paused_video},
    {Status::watching_video, "end_event", Status::completed_video},
    {Status::watching_video, "ad_break_start_event", Status::watching_ad},
    {Status::paused_video, "play_event", Status::watching_video},
    {Status::watching_ad, "end_event", Status::completed_video},
    {Status::watching_ad, "ad_break_end_event", Status::watching_video},
}};

Status next(Status from, std::string_view event_name) {
  const auto row = std::ranges::find_if(
      exact_rows, [&](const ExactRow& r) { return r.from == from && r.event_name == event_name; });
  return row == exact_rows.end() ? from : row->to;
}

}  // namespace

std::string_view name_of(Status status) {
  switch (status) {
    case Status::watching_video:
      return "WATCHING_VIDEO";
    case Status::paused_video:
      return "PAUSED_VIDEO";
    case Status::watching_ad:
      return "WATCHING_AD";
    case Status::completed_video:
      return "COMPLETED_VIDEO";
  }
  return "";
}

std::optional<Status> status_of(State state) {
  switch (state) {
    case State::left:
      return std::nullopt;
    case State::ready:
    case State::playing:
    case State::buffering:
    case State::seeking:
    case State::failed:
      return Status::watching_video;
    case State::paused:
      return Status::paused_video;
    case State::playing_ad:
    case State::ad_paused:
      return Status::watching_ad;
    case State::ended:
      return Status::completed_video;
  }
  return std::nullopt;
}

std::string message(std::string_view viewer_id, const Cause& cause, Status status) {
  json::Writer out;
  out.begin_object();
  out.key("viewer_id").string(viewer_id);
  out.key("collector_tstamp").string(java_instant_text(cause.collected));
  out.key("event_id").string(cause.event_id);
  out.key("event_name").string(cause.event_name);
  out.key("video_ts").raw(java_double(cause.video_ts));
  out.key("adsClicked").integer(cause.ads_clicked);
  out.key("adsSkipped").integer(cause.ads_skipped);
  out.key("adId");
  if (cause.ad_id.empty()) {
    out.integer(0);
  } else if (const auto number = java_int(cause.ad_id)) {
    out.integer(*number);
  } else {
    out.string(cause.ad_id);
  }
  out.key("status").string(name_of(status));
  return out.end_object().take();
}

std::vector<StatusChange> status_changes(std::span<const Transition> before,
                                         std::span<const Transition> after) {
  // What fell off the front of a full timeline is no change.
  while (!before.empty() && !after.empty() && after.size() == timeline_max &&
         before.front().at < after.front().at) {
    before = before.subspan(1);
  }
  const std::vector<StatusChange> published = statuses(before);
  const std::vector<StatusChange> now = statuses(after);
  const auto parted = std::ranges::mismatch(now, published, [](const auto& a, const auto& b) {
                        return a.status == b.status && a.cause.event_id == b.cause.event_id;
                      }).in1;

  std::optional<Status> last;
  if (!published.empty()) last = published.back().status;
  std::vector<StatusChange> changes;
  for (auto change = parted; change != now.end(); ++change) {
    if (change->status == last) continue;
    last = change->status;
    changes.push_back(*change);
  }
  if (!now.empty() && last != now.back().status) changes.push_back(now.back());
  return changes;
}

std::optional<Status> exact(ExactViewer& viewer, const MediaEvent& event) {
  if (!passes_filter(event.event_name) || !event.ad_id_numeric) return std::nullopt;
  const Status status = next(viewer.status.value_or(Status::watching_video), event.event_name);
  if (viewer.status == status) return std::nullopt;
  viewer.status = status;
  return status;
}

}  // namespace lvp::profile
