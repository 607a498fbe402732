#include "profile/order.h"

#include <algorithm>
#include <array>

namespace lvp::profile {
namespace {

using enum MediaKind;

// Of events with the same time and counters, the earlier kinds come first.
constexpr std::array causal_order{
    ready,    buffer_start, buffer_end, seek_start, seek_end,  ad_break_start,
    ad_start, ad_quartile,  ad_click,   ad_pause,   ad_resume, ad_complete,
    ad_skip,  ad_break_end, pause,      play,       end,
};

}  // namespace

int rank(MediaKind kind) {
  // Complete and skip are alternatives; percent progress follows the event that crossed the
  // boundary.
  if (kind == ad_skip) kind = ad_complete;
  if (kind == percent_progress) return static_cast<int>(causal_order.size()) + 1;
  return static_cast<int>(std::ranges::find(causal_order, kind) - causal_order.begin());
}

Timestamp device_time(const MediaEvent& event) {
  return event.created.value_or(event.collected);
}

bool is_numbered(const MediaEvent& event) {
  return event.client_session && event.client_session->event_index;
}

bool is_lifecycle(const MediaEvent& event) {
  return event.kind == MediaKind::foreign &&
         (event.event_name == background_event || event.event_name == foreground_event);
}

OrderKey order_key(const MediaEvent& event, bool numbered) {
  OrderKey key;
  if (numbered) {
    key.session_index = event.client_session->session_index;
    key.event_index = *event.client_session->event_index;
  }
  key.created = device_time(event);
  if (event.session) {
    const MediaSession& s = *event.session;
    key.ad_counters = s.ad_breaks + s.ads + s.ads_skipped + s.ads_clicked;
    key.time_counters = s.time_played_s + s.time_paused_s + s.time_spent_ads_s;
  }
  key.rank = rank(event.kind);
  key.event_id = event.event_id;
  return key;
}

}  // namespace lvp::profile
