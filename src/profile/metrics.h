// What a play counts for: definitions that people compare with other tools.
//
// All are functions of one session or content run; sums over many are made where they are read.
// Source: the media player package of dbt. The table: docs/state-machine.md#metrics.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "profile/profile.h"

namespace lvp::profile {

inline constexpr double valid_play_s = 30;          ///< more than this
inline constexpr double complete_play_rate = 0.99;  ///< at least this
inline constexpr int percent_boundaries[] = {10, 25, 50, 75, 100};

/// A play_event came. However many: a player sends one after each stall or ad.
bool is_play(const Session& session);

/// A figure, and who says so.
struct Sourced {
  double value = 0;
  enum class Source : std::uint8_t { engine, tracker } source = Source::engine;

  bool operator==(const Sourced&) const = default;
};
std::string_view name_of(Sourced::Source source);

/// Seconds. The tracker's where it counts, else ours.
Sourced play_time_s(const Session& session);
Sourced ad_time_s(const Session& session);
/// Seconds of content seen, of all runs. Ours where the tracker's differs by more than 5 %: it
/// takes what was skipped for watched, and misses what no event shows.
Sourced content_watched_s(const Session& session);

bool is_valid_play(const Session& session);  ///< its play time is more than 30 s

/// Share of the content seen, 0 to 100. Nothing without a length.
std::optional<double> watched_percent(const ContentRun& run);
bool is_complete_play(const ContentRun& run);  ///< at least 99 % seen

/// Which boundaries were reached, rising: each percent_progress reaches the highest that is not
/// above it, an end 100.
std::vector<int> percents_reached(const Session& session,
                                  std::span<const int> boundaries = percent_boundaries);
/// The largest boundary reached before the first seek, as a share of 1.
double retention_rate(const Session& session, std::span<const int> boundaries = percent_boundaries);

/// Different ads, by break: the same ad twice in a break is one view. Of the ads that are kept.
int ad_views(const Session& session);

}  // namespace lvp::profile
