// Chance that is the same everywhere: SplitMix64 (public domain, Sebastiano Vigna), 8 bytes of
// state, so that every viewer can have its own. The distributions of <random> differ between
// libraries; these do not. Pure.
#pragma once

#include <cmath>
#include <cstdint>

#include "base/time.h"

namespace lvp::simulate {

class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  /// At least 0, less than 1.
  constexpr double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  constexpr bool chance(double probability) { return unit() < probability; }
  /// At least 0, less than `end`, which must not be 0.
  constexpr std::uint64_t below(std::uint64_t end) { return next() % end; }
  constexpr double between(double from, double to) { return from + (to - from) * unit(); }
  constexpr Duration between(Duration from, Duration to) {
    return from +
           Duration(static_cast<std::int64_t>(unit() * static_cast<double>((to - from).count())));
  }
  /// Waiting for something that happens once in `mean` on average.
  Duration waiting(Duration mean) {
    return Duration(std::llround(-std::log(1 - unit()) * static_cast<double>(mean.count())));
  }

 private:
  std::uint64_t state_;
};

/// A number that looks random and depends on all three.
constexpr std::uint64_t mixed(std::uint64_t seed, std::uint64_t a, std::uint64_t b = 0) {
  Random first(seed ^ a * 0xd1342543de82ef95);
  Random second(first.next() ^ b * 0xaf251af3b0f025b5);
  return second.next();
}

}  // namespace lvp::simulate
