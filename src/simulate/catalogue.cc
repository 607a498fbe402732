#include "simulate/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lvp::simulate {
namespace {

struct Kind {
  std::string_view name;
  double share;
  double shortest_s, longest_s;  // both 0: live
};
constexpr std::array<Kind, 4> kinds{{{"Clip", 0.25, 40, 300},
                                     {"Épisode", 0.40, 1200, 3000},
                                     {"Film", 0.25, 4800, 9000},
                                     {"Live", 0.10, 0, 0}}};

const Kind& kind_of(double chance) {
  for (const Kind& kind : kinds) {
    if (chance < kind.share) return kind;
    chance -= kind.share;
  }
  return kinds.back();
}

}  // namespace

Catalogue::Catalogue(std::uint64_t seed, std::uint32_t contents) {
  Random random(mixed(seed, contents));
  double sum = 0;
  for (std::uint32_t n = 1; n <= contents; ++n) {
    const Kind& kind = kind_of(random.unit());
    contents_.push_back({fmt::format("{} {}", kind.name, n),
                         std::round(random.between(kind.shortest_s, kind.longest_s))});
    shares_.push_back(sum += 1.0 / n);
  }
  for (double& share : shares_) share /= sum;
}

const Content& Catalogue::choose(Random& random) const {
  const auto at = std::ranges::upper_bound(shares_, random.unit());
  const auto index = static_cast<std::size_t>(at - shares_.begin());
  return contents_[std::min(index, contents_.size() - 1)];
}

}  // namespace lvp::simulate
