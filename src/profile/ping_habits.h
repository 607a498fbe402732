// Which apps' players never ping.
//
// Pings are off in most web players by default, and a player that does not ping is silent for as
// long as nothing happens. No event says so: it shows in many plays of the same kind of player.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "base/time.h"
#include "wire/media_event.h"

namespace lvp::profile {

/// Counts plays and pings by app, player and tracker.
class PingHabits {
 public:
  static constexpr std::size_t kinds_max = 1024;    ///< beyond that all is learnt anew
  static constexpr std::uint32_t plays_min = 20;    ///< before there is a verdict
  static constexpr std::uint32_t plays_max = 4096;  ///< then what was counted counts half
  /// A play counts once it has had one to two of these to ping, or of the longest ping interval
  /// that players of its kind tell: at a kick-off thousands begin before the first of them can.
  static constexpr Duration ripening = std::chrono::minutes(1);
  static constexpr Duration ripening_max = std::chrono::hours(1);

  /// The kind of player that sent the event: a hash of its app, player type and tracker.
  static std::uint64_t kind_of(const MediaEvent& event) {
    const std::uint64_t app = fnv1a(event.app_id);
    return fnv1a(event.tracker, event.player ? fnv1a(event.player->player_type, app) : app);
  }

  /// What counts of an event.
  struct Lesson {
    std::uint64_t kind = 0;
    bool ping = false;    ///< else a play
    Timestamp at{};       ///< when it was collected
    Duration interval{};  ///< of pings, as the player tells it; 0 if it does not
  };
  static std::optional<Lesson> lesson_of(const MediaEvent& event) {
    if (event.kind != MediaKind::play && event.kind != MediaKind::ping) return std::nullopt;
    const int interval_s = event.session ? event.session->ping_interval_s.value_or(0) : 0;
    return Lesson{kind_of(event), event.kind == MediaKind::ping, event.collected,
                  std::chrono::seconds(interval_s)};
  }

  /// Counts an event that is new. Says whether the verdict on its kind changed.
  bool learn(const Lesson& lesson) {
    if (kinds_.size() >= kinds_max) kinds_.clear();
    Counts& counts = kinds_[lesson.kind];
    const bool before = counts.pingless();
    counts.ripening = std::clamp(lesson.interval, counts.ripening, ripening_max);
    counts.ripen(lesson.at);
    ++(lesson.ping ? counts.pings : counts.young);
    if (counts.plays >= plays_max || counts.pings >= plays_max) {
      counts.plays /= 2;
      counts.pings /= 2;
    }
    return counts.pingless() != before;
  }

  bool learn(const MediaEvent& event) {
    const auto lesson = lesson_of(event);
    return lesson && learn(*lesson);
  }

  /// Fewer than one ping in a hundred plays.
  bool pingless(const MediaEvent& event) const { return pingless(kind_of(event)); }
  bool pingless(std::uint64_t kind) const {
    const auto found = kinds_.find(kind);
    return found != kinds_.end() && found->second.pingless();
  }

  /// A verdict from before.
  void restore(std::uint64_t kind) { kinds_[kind].plays = plays_min; }

 private:
  struct Counts {
    Duration ripening = PingHabits::ripening;
    std::uint32_t plays = 0;  // that count
    std::uint32_t older = 0;  // that began before `since`, and count after another `ripening`
    std::uint32_t young = 0;
    Timestamp since{};
    std::uint32_t pings = 0;

    void ripen(Timestamp now) {
      if (now - since < ripening) return;
      plays += std::exchange(older, std::exchange(young, 0));
      since = now;
    }
    bool pingless() const { return plays >= plays_min && std::uint64_t{pings} * 100 < plays; }
  };
  std::unordered_map<std::uint64_t, Counts> kinds_;
};

}  // namespace lvp::profile
