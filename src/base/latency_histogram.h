// Durations counted in buckets, so that any number of them takes the same memory: 128 buckets for
// each power of two of nanoseconds, hence percentiles that are at most 0.8 % too high.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace lvp {

class LatencyHistogram {
 public:
  void add(std::chrono::nanoseconds duration) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
    ++counts_[bucket_of(value)];
    ++count_;
    max_ = std::max(max_, value);
  }

  std::uint64_t count() const { return count_; }
  double max_ms() const { return static_cast<double>(max_) / 1e6; }

  /// The duration that `share` (0 to 1) of all do not exceed; 0 if there are none.
  double percentile_ms(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= wanted && seen > 0) return static_cast<double>(std::min(last_of(i), max_)) / 1e6;
    }
    return 0;
  }

 private:
  static constexpr unsigned precision_bits = 7;
  static constexpr std::uint64_t per_octave = 1 << precision_bits;

  // Values below 2 * per_octave have a bucket each; then each octave has per_octave of them.
  static constexpr std::size_t bucket_of(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > precision_bits + 1 ? width - precision_bits - 1 : 0;
    return shift * per_octave + (value >> shift);
  }
  static constexpr std::uint64_t last_of(std::size_t bucket) {
    if (bucket < 2 * per_octave) return bucket;
    const std::size_t shift = bucket / per_octave - 1;
    return ((bucket - shift * per_octave + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - precision_bits + 1) * per_octave> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace lvp
