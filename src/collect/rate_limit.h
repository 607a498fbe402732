// How many requests each sender may make: one token bucket for each key.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"

namespace lvp::collect {

/// A bucket holds `burst` tokens at first, gains `per_second` and loses one with each request that
/// is admitted. Not thread-safe.
///
/// At most `keys_max` buckets are kept. The one that was longest not asked for goes first: it had
/// most time to fill, and a full bucket need not be remembered.
class RateLimit {
 public:
  /// `per_second` > 0, `burst` >= 1, `keys_max` >= 1.
  RateLimit(double per_second, double burst, std::size_t keys_max);

  /// Whether a request with that key may pass now. O(1).
  bool admit(std::string_view key, Timestamp now);

  std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    std::string key;
    double tokens;  ///< at `seen`
    Timestamp seen;
  };

  /// Its bucket, in front of all others.
  Bucket& bucket(std::string_view key, Timestamp now);

  double per_second_;
  double burst_;
  std::size_t keys_max_;
  std::list<Bucket> buckets_;  ///< the one last asked for first
  std::unordered_map<std::string_view, std::list<Bucket>::iterator> by_key_;  ///< views their keys
};

}  // namespace lvp::collect
