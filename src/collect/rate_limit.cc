#include "collect/rate_limit.h"

#include <algorithm>

#include "base/check.h"

namespace lvp::collect {

RateLimit::RateLimit(double per_second, double burst, std::size_t keys_max)
    : per_second_(per_second), burst_(burst), keys_max_(keys_max) {
  LVP_CHECK(per_second > 0 && burst >= 1 && keys_max >= 1);
}

bool RateLimit::admit(std::string_view key, Timestamp now) {
  Bucket& b = bucket(key, now);
  if (now > b.seen) {  // a clock that was set back gives nothing
    b.tokens = std::min(burst_, b.tokens + per_second_ * to_seconds(now - b.seen));
  }
  b.seen = now;
  if (b.tokens < 1) return false;
  b.tokens -= 1;
  return true;
}

RateLimit::Bucket& RateLimit::bucket(std::string_view key, Timestamp now) {
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, known->second);
    return buckets_.front();
  }
  if (buckets_.size() == keys_max_) {
    by_key_.erase(buckets_.back().key);
    buckets_.pop_back();
  }
  buckets_.push_front({std::string(key), burst_, now});
  by_key_.emplace(buckets_.front().key, buckets_.begin());
  return buckets_.front();
}

}  // namespace lvp::collect
