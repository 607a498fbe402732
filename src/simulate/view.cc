#include "simulate/view.h"

#include <algorithm>

namespace lvp::simulate {

using json::Value;

Status View::read(std::string_view frame, const std::function<void(const Row&)>& on_row) {
  const auto root = parser_.parse(frame);
  if (!root) return invalid("/live: " + root.error().what);
  const std::string_view type = (*root)["type"].string().value_or("");
  const auto seq = (*root)["seq"].integer();
  if ((type != "snapshot" && type != "update") || !seq)
    return invalid("/live: is neither a snapshot nor an update");
  ++frames_;
  const bool is_snapshot = type == "snapshot";
  if (is_snapshot) {
    begin_snapshot();
  } else if (*seq != seq_ + 1) {
    gap_ = true;
  }
  seq_ = *seq;
  note_time(from_ms((*root)["now"].integer().value_or(0)));

  for (const Value viewer : (*root)["viewers"].elements()) {
    const std::string_view id = viewer["viewer"].string().value_or("");
    const State state = parse_state(viewer["state"].string().value_or(""));
    show(id, state);
    const auto ours = ids_.viewer_of(id);
    if (ours && ours->number < devices_.size())
      on_row({*ours, state, viewer["position"].number().value_or(0)});
  }
  for (const Value gone : (*root)["gone"].elements()) {
    const std::string_view id = gone.string().value_or("");
    show(id, State::left);
    const auto ours = ids_.viewer_of(id);
    if (ours && ours->number < devices_.size() && has_left(ours->number))
      on_row({*ours, State::left, 0});
  }
  stale_ = (*root)["stale"].boolean().value_or(false);
  lagged_ = lagged_ || stale_;

  const Value counts = (*root)["counts"];
  const auto open = static_cast<std::int64_t>(shown_ + others_.size());
  if (is_snapshot) {  // its rows may be newer than its counts
    cut_ = (*root)["viewers"].size() >= snapshot_viewers_max;
  } else if (cut_) {  // what has a row is open, so as many are the same
    cut_ = counts["viewers"].integer() != open;
  } else if (!gap_) {
    check(counts);
  }
  return {};
}

bool View::has_left(std::uint32_t viewer) const {
  return devices_[viewer] == State::left && users_[viewer] == State::left;
}

void View::begin_snapshot() {
  ++snapshots_;
  gap_ = false;
  std::ranges::fill(devices_, State::left);
  std::ranges::fill(users_, State::left);
  others_.clear();
  shown_ = watching_ = others_watching_ = 0;
}

void View::note_time(Timestamp made_at) {
  if (frames_ > 1) longest_pause_ = std::max(longest_pause_, made_at - made_at_);
  made_at_ = made_at;
}

void View::show(std::string_view id, State state) {
  const auto ours = ids_.viewer_of(id);
  if (ours && ours->number < devices_.size()) {
    State& now = (ours->logged_in ? users_ : devices_)[ours->number];
    shown_ -= now != State::left;
    watching_ -= is_watching(now);
    now = state;
    shown_ += now != State::left;
    watching_ += is_watching(now);
    return;
  }
  const auto other = others_.try_emplace(std::string(id), State::left).first;
  others_watching_ -= is_watching(other->second);
  others_watching_ += is_watching(state);
  other->second = state;
  if (state == State::left) others_.erase(other);
}

void View::check(const Value& counts) {
  const auto viewers = static_cast<std::int64_t>(shown_ + others_.size());
  const auto watching = static_cast<std::int64_t>(watching_ + others_watching_);
  // A stall stops to count after a while, which rows do not show: others may have such, and ours
  // after the pipeline lagged and did not hear of their end.
  const bool may_differ = lagged_ || !others_.empty();
  const bool wrong = counts["viewers"].integer() != viewers ||
                     (!may_differ && counts["watching"].integer() != watching);
  wrong_counts_ += wrong;
}

}  // namespace lvp::simulate
