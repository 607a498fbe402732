#include "simulate/comparison.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <iterator>

#include "base/text.h"

namespace lvp::simulate {
namespace {

using json::Value;

struct Figure {
  std::string_view name;
  int Tally::* value;
};

// Of figures.engine.
constexpr std::array<Figure, 10> engine_figures{{{"plays", &Tally::plays},
                                                 {"pauses", &Tally::pauses},
                                                 {"stalls", &Tally::stalls},
                                                 {"seeks", &Tally::seeks},
                                                 {"completions", &Tally::completions},
                                                 {"ad_breaks", &Tally::ad_breaks},
                                                 {"impressions", &Tally::impressions},
                                                 {"ads_completed", &Tally::ads_completed},
                                                 {"ads_skipped", &Tally::ads_skipped},
                                                 {"ad_clicks", &Tally::ad_clicks}}};

class Comparison {
 public:
  Comparison(const Value& found, const Expected& expected) : found_(found), expected_(expected) {}

  Difference run() {
    compare_states();
    compare_tallies();
    compare_tracker();
    return std::move(difference_);
  }

 private:
  template <class T>
  void say(std::string_view what, const T& found, const T& expected) {
    fmt::format_to(std::back_inserter(difference_.words), "{}{} {} instead of {}",
                   difference_.words.empty() ? "" : ", ", what, found, expected);
  }

  void compare_states() {
    const std::string_view state = found_["state"].string().value_or(name_of(State::left));
    const std::string_view right = name_of(expected_.answer.state);
    if (expected_.answer.settled && state != right) {
      say("state", state, right);
      difference_.wrong_state = true;
    }
    for (const Value play : found_["sessions"].elements()) {
      const std::string_view viewer = play["viewer"].string().value_or("");
      if (viewer == expected_.viewer) continue;
      say<std::string_view>("viewer", viewer, expected_.viewer);
      difference_.wrong_state = true;
    }
  }

  void compare_tallies() {
    for (const Figure& figure : engine_figures) {
      std::int64_t found = 0;
      for (const Value play : found_["sessions"].elements())
        found += play["figures"]["engine"][figure.name].integer().value_or(0);
      count(figure.name, found, expected_.tally.*figure.value);
    }
  }

  // The tracker's own figures show whether the newest event, a ping perhaps, has arrived.
  void compare_tracker() {
    Value tracker;
    for (const Value play : found_["sessions"].elements())
      if (play["play"].string() == expected_.newest_play) tracker = play["figures"]["tracker"];
    const Figures& right = expected_.figures;
    count("tracker's ad_breaks", tracker["ad_breaks"].integer().value_or(0), right.ad_breaks);
    count("tracker's ads", tracker["ads"].integer().value_or(0), right.ads);
    const double seconds = tracker["play_s"].number().value_or(0) +
                           tracker["paused_s"].number().value_or(0) +
                           tracker["ad_s"].number().value_or(0);
    const Duration found(std::llround(seconds * 1000));
    const Duration expected = right.played + right.paused + right.in_ads;
    if (found == expected) return;
    ++(found < expected ? difference_.lost : difference_.doubled);
    say("tracker's time of the newest event", to_seconds(found), to_seconds(expected));
  }

  void count(std::string_view what, std::int64_t found, std::int64_t expected) {
    if (found == expected) return;
    if (found < expected) difference_.lost += static_cast<std::uint64_t>(expected - found);
    if (found > expected) difference_.doubled += static_cast<std::uint64_t>(found - expected);
    say(what, found, expected);
  }

  const Value& found_;
  const Expected& expected_;
  Difference difference_;
};

}  // namespace

Difference compare(const Value& found, const Expected& expected) {
  return Comparison(found, expected).run();
}

// Where records are counted exactly, offsets are numbers from 0 without gaps.
Written written_to(const Value& stream) {
  Written written;
  for (const Value partition : stream.elements()) {
    const bool exact = partition["exact"].boolean().value_or(true);
    std::int64_t records = partition["records"].integer().value_or(0);
    if (exact) records += parse_int64(partition["first"].string().value_or("")).value_or(0);
    written.records += static_cast<std::uint64_t>(records);
    written.exact = written.exact && exact;
  }
  return written;
}

}  // namespace lvp::simulate
