#include "profile/seen.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "profile/order.h"

namespace lvp::profile {

SeenEvent seen_event(const MediaEvent& event) {
  const std::uint64_t id = fnv1a(event.event_id);
  std::uint64_t both = id ^ event.fingerprint * 0x9e3779b97f4a7c15u;
  both = (both ^ (both >> 32)) * 0xd6e8feb86659fd93u;
  return {device_time(event), static_cast<std::uint32_t>(both >> 32),
          static_cast<std::uint32_t>(id ^ (id >> 32))};
}

bool is_repeated(const std::vector<SeenEvent>& seen, const MediaEvent& event) {
  const SeenEvent wanted = seen_event(event);
  const auto same = [&](const SeenEvent& s) { return s.event == wanted.event; };
  // Without a created time its copies have the times at which they were collected.
  if (!event.created) return std::ranges::any_of(seen, same);
  const auto range = std::ranges::equal_range(seen, wanted.created, {}, &SeenEvent::created);
  return std::ranges::any_of(range, same);
}

int ids_reused(const std::vector<SeenEvent>& seen, const SeenEvent& event) {
  const auto at = std::ranges::upper_bound(seen, event);
  const SeenEvent* before = nullptr;
  for (auto s = at; s != seen.begin() && event.created - std::prev(s)->created <= id_reuse_max;
       --s) {
    if (std::prev(s)->id == event.id) {
      before = &*std::prev(s);
      break;
    }
  }
  const auto after = std::ranges::find_if(at, seen.end(), [&](const SeenEvent& s) {
    return s.id == event.id || s.created - event.created > id_reuse_max;
  });
  const bool has_after = after != seen.end() && after->id == event.id;
  const bool was_counted =
      before != nullptr && has_after && after->created - before->created <= id_reuse_max;
  return (before != nullptr) + (has_after && !was_counted);
}

bool is_recent_id(const std::vector<SeenEvent>& recent, const SeenEvent& event) {
  return std::ranges::any_of(recent, [&](const SeenEvent& s) {
    return (s.id == event.id && event.created - s.created <= id_reuse_max) ||
           (s.event == event.event && s.created == event.created);
  });
}

void remember_recent(std::vector<SeenEvent>& recent, const SeenEvent& event) {
  std::erase_if(recent,
                [&](const SeenEvent& s) { return event.created - s.created > id_reuse_max; });
  remember(recent, event);
}

void remember(std::vector<SeenEvent>& seen, const SeenEvent& event) {
  if (seen.empty() || seen.back() < event) {
    seen.push_back(event);
  } else {
    seen.insert(std::ranges::upper_bound(seen, event), event);
  }
}

}  // namespace lvp::profile
