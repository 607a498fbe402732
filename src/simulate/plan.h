// What an audience is to be like: the arguments of a simulation. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace lvp::simulate {

/// When viewers arrive.
enum class Curve : std::uint8_t {
  flat,     ///< as many at any time
  kickoff,  ///< almost all around one moment, at 30 % of the ramp
  evening,  ///< slowly more, most at 60 % of the ramp, then fewer
};

struct Plan {
  std::uint64_t seed = 1;
  std::uint32_t viewers = 1000;
  Duration duration = std::chrono::seconds(60);
  Curve curve = Curve::flat;
  /// In which they arrive, of `duration`; then the audience stands. 0: in all of it.
  Duration ramp = Duration(0);
  Duration ping = std::chrono::seconds(10);  ///< whole seconds: trackers say it so
  Duration activity =
      std::chrono::seconds(30);  ///< mean time between two things that a viewer does
  std::uint32_t contents = 200;
  double deaths = 0.05;      ///< share of viewers that vanish without a word
  double duplicates = 0.01;  ///< share of requests that are sent twice
  double disorder = 0.05;    ///< share of requests that are held back, so that later ones overtake
  double logins = 0.10;      ///< share of viewers that log in while they watch
};

/// "flat", "kickoff" or "evening".
std::optional<Curve> parse_curve(std::string_view name);

/// When viewer `n` of `viewers` arrives, in 0 … 1 of the ramp: grows with n, and the last one comes
/// before 0.9.
double arrival(Curve curve, std::uint32_t n, std::uint32_t viewers);

/// The same since the run began.
Duration arrival_of(const Plan& plan, std::uint32_t viewer);

}  // namespace lvp::simulate
