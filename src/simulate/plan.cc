#include "simulate/plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace lvp::simulate {
namespace {

constexpr std::array<std::pair<std::string_view, Curve>, 3> curves{
    {{"flat", Curve::flat}, {"kickoff", Curve::kickoff}, {"evening", Curve::evening}}};

constexpr double last_arrival = 0.9;

// Logistic: half of all come within 4 % of the ramp around the whistle, none before it.
double kickoff(double share) {
  constexpr double whistle = 0.3;
  constexpr double width = 0.018;
  return std::clamp(whistle + width * std::log(share / (1 - share)), 0.0, last_arrival);
}

// The share that has come by x, of a density that rises linearly to its peak and falls linearly to
// the last arrival, solved for x.
double evening(double share) {
  constexpr double peak = 0.6;
  constexpr double before = peak / last_arrival;  // share that comes before the peak
  return share < before
             ? std::sqrt(share * last_arrival * peak)
             : last_arrival - std::sqrt((1 - share) * last_arrival * (last_arrival - peak));
}

}  // namespace

std::optional<Curve> parse_curve(std::string_view name) {
  const auto found = std::ranges::find(curves, name, &decltype(curves)::value_type::first);
  return found == curves.end() ? std::nullopt : std::optional(found->second);
}

double arrival(Curve curve, std::uint32_t n, std::uint32_t viewers) {
  const double share = (n + 0.5) / viewers;
  switch (curve) {
    case Curve::flat:
      return share * last_arrival;
    case Curve::kickoff:
      return kickoff(share);
    case Curve::evening:
      return evening(share);
  }
  return share;
}

Duration arrival_of(const Plan& plan, std::uint32_t viewer) {
  const Duration ramp = plan.ramp > Duration(0) ? plan.ramp : plan.duration;
  return Duration(std::llround(arrival(plan.curve, viewer, plan.viewers) *
                               static_cast<double>(ramp.count())));
}

}  // namespace lvp::simulate
