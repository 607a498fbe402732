// What a simulation found: as text for people, as one line of JSON for programs, and whether what
// was promised held. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/latency_histogram.h"
#include "simulate/plan.h"

namespace lvp::simulate {

/// How many of something there should be; more than one number where it is not known whether a
/// request that was not answered had arrived.
struct Count {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::uint64_t found = 0;

  std::uint64_t lost() const { return found < least ? least - found : 0; }
  std::uint64_t doubled() const { return found > most ? found - most : 0; }
};

struct Traffic {
  std::uint64_t requests = 0;      ///< sent, each attempt
  std::uint64_t events = 0;        ///< in them
  std::uint64_t acknowledged = 0;  ///< requests answered 200
  std::uint64_t acknowledged_events = 0;
  std::uint64_t refused = 0;     ///< answered otherwise; they were sent again
  std::uint64_t unanswered = 0;  ///< and sent again
  std::uint64_t unanswered_events = 0;
  std::uint64_t given_up = 0;  ///< requests that failed again and again
  LatencyHistogram answer;     ///< from due to the answer 200
  LatencyHistogram late;       ///< from due to sent
};

struct Concurrency {
  std::uint64_t samples = 0;
  std::uint64_t skipped = 0;  ///< moments at which nothing could be compared
  std::uint32_t peak = 0;     ///< most viewers that can have been watching at once
  double error_max = 0;       ///< how far the shown number was from what it may be, as a share
  double error_sum = 0;

  void add(std::uint32_t shown, std::uint32_t least, std::uint32_t most);
  double error_mean() const { return samples == 0 ? 0 : error_sum / static_cast<double>(samples); }
};

struct States {
  std::uint64_t compared = 0;
  std::uint64_t unsettled = 0;  ///< not compared: more than one answer would have been right
  std::uint64_t wrong = 0;
};

struct Verification {
  Concurrency concurrency;
  States live;                              ///< as /live showed them, once a second
  States end;                               ///< as the API says in the end
  LatencyHistogram update;                  ///< from due to the frame that shows it
  std::uint64_t with_later = 0;             ///< of those: changes whose frame shows a later one
  std::uint64_t unseen = 0;                 ///< what no frame showed
  std::uint64_t too_late = 0;               ///< the same of who may have left when it was sent
  std::uint64_t missed = 0;                 ///< what may have been in frames that were dropped
  std::uint64_t frames = 0;                 ///< of /live
  Duration frames_apart{};                  ///< at most
  std::uint64_t new_snapshots = 0;          ///< in place of frames that were dropped
  std::uint64_t wrong_counts = 0;           ///< frames whose counts are not those of their rows
  std::optional<Duration> caught_up_after;  ///< the last answer; nothing: they never did
  Count raw, enriched, media, bad;
  std::uint64_t figures_lost = 0;  ///< summed over viewers and figures
  std::uint64_t figures_doubled = 0;
  std::vector<std::string> findings;  ///< the first wrong ones in words

  std::uint64_t lost() const;
  std::uint64_t doubled() const;
};

struct Report {
  Plan plan;
  Duration took{};
  Traffic traffic;
  std::optional<Verification> verification;
};

/// What must hold.
struct Bounds {
  double concurrency_error = 0.001;    ///< a share
  std::optional<Duration> update_p99;  ///< from due to shown
};

/// What does not hold, one sentence each.
std::vector<std::string> broken(const Report& report, const Bounds& bounds);

std::string text(const Report& report, const Bounds& bounds);
std::string json_line(const Report& report, const Bounds& bounds);

}  // namespace lvp::simulate
