#include "stages/upstream.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/backoff.h"
#include "base/log.h"

namespace lvp::stages {
namespace {

class Group {
 public:
  Group(Watched watched, Metrics& metrics)
      : watched_(std::move(watched)),
        lag_(watched_.is_time
                 ? metrics.gauge("lvp_stage_lag_seconds",
                                 "How long ago a stage elsewhere had read all there was",
                                 {{"stage", watched_.name}})
                 : metrics.gauge("lvp_stage_lag_records", "What a stage elsewhere has not read yet",
                                 {{"stage", watched_.name}})) {}

  bool keeps_up(Timestamp now, Duration patience) {
    const auto place = watched_.place();
    if (!place) {
      if (!std::exchange(unknown_, true))
        log::warn("profile: whether {} keeps up is not known: {}", watched_.name,
                  place.error().what);
      return false;
    }
    unknown_ = false;
    const auto lag = static_cast<double>(place->end - std::min(place->end, place->read));
    lag_.set(watched_.is_time ? lag / 1000 : lag);
    ends_.push_back({now, place->end});
    // The newest end that is old enough stays, as the oldest.
    while (ends_.size() > 1 && now - ends_[1].first >= patience) ends_.pop_front();
    return place->read >= ends_.front().second;
  }

 private:
  const Watched watched_;
  Gauge& lag_;
  bool unknown_ = false;
  std::deque<std::pair<Timestamp, std::uint64_t>> ends_;  ///< of the stream, when they were seen
};

class UpstreamStage final : public Stage {
 public:
  UpstreamStage(std::vector<Watched> groups, const Clock& clock, Metrics& metrics,
                Progress& progress, const WatchSettings& settings)
      : clock_(clock), progress_(progress), settings_(settings) {
    for (Watched& watched : groups) groups_.emplace_back(std::move(watched), metrics);
  }

  std::string_view name() const override { return "upstream"; }

  Result<std::size_t> step(Duration wait) override {
    const Timestamp now = clock_.now();
    if (now - looked_ < settings_.every && now >= looked_) {
      sleep(std::min(wait, settings_.every - (now - looked_)), {});
      return 0;
    }
    looked_ = now;
    bool all = true;
    for (Group& group : groups_) all = group.keeps_up(now, settings_.patience) && all;
    progress_.caught_up = all;
    return 0;
  }

 private:
  const Clock& clock_;
  Progress& progress_;
  const WatchSettings settings_;
  std::deque<Group> groups_;
  Timestamp looked_;
};

}  // namespace

std::unique_ptr<Stage> make_upstream_stage(std::vector<Watched> groups, const Clock& clock,
                                           Metrics& metrics, Progress& progress,
                                           const WatchSettings& settings) {
  return std::make_unique<UpstreamStage>(std::move(groups), clock, metrics, progress, settings);
}

}  // namespace lvp::stages
