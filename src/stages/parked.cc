#include "stages/parked.h"

#include <algorithm>
#include <utility>

namespace lvp::stages {
namespace {

using namespace std::chrono_literals;

constexpr Duration pass_every = 1min;  ///< without news, and at least:
constexpr int pauses = 10;             ///< times as long as the last one took

}  // namespace

Parked::Parked(const std::string& stage, stream::Stream& stream, TransformPorts ports,
               Transform transform)
    : stream_(stream), batches_(stage, std::move(ports), std::move(transform)) {}

Result<std::size_t> Parked::step() {
  if (!is_passing_ && begins()) LVP_DO(begin());
  // Also while there is no pass: members of a group must show that they live.
  stream::Reader& in = batches_.ports().in;
  LVP_TRY(const stream::Batch batch, in.poll(is_passing_ ? transform_records_max : 1, 0ms));
  if (!is_passing_) return 0;
  if (batch.records.empty()) {
    if (batch.caught_up) end();
    return 0;
  }
  const auto its_end = ends_.find(batch.partition);
  std::size_t due = 0;
  if (its_end != ends_.end()) {
    const auto beyond = std::ranges::upper_bound(batch.records, its_end->second, {},
                                                 [](const auto& record) { return record.offset; });
    due = static_cast<std::size_t>(beyond - batch.records.begin());
  }
  // Partitions take turns after a commit only, so one record goes even where there is none due.
  LVP_TRY(const std::size_t handled, batches_.handle(batch, std::max<std::size_t>(due, 1)));
  if (its_end != ends_.end() && batch.records[handled - 1].offset >= its_end->second)
    ends_.erase(its_end);
  if (is_over()) end();
  return due > 0 ? handled : 0;
}

bool Parked::begins() const {
  const TransformPorts& ports = batches_.ports();
  return is_due_ || ports.clock.now() >= next_ || ports.in.shares() != shares_;
}

Status Parked::begin() {
  LVP_TRY(const auto extents, stream_.extents());
  ends_.clear();
  for (const stream::Extent& extent : extents) ends_.emplace(extent.partition, extent.last);
  shares_ = batches_.ports().in.shares();
  began_ = batches_.ports().clock.now();
  is_due_ = false;
  is_passing_ = true;
  return {};
}

void Parked::end() {
  const Timestamp now = batches_.ports().clock.now();
  is_passing_ = false;
  next_ = now + std::max(pass_every, pauses * (now - began_));
}

// A partition whose end is an empty offset, or that of a record which was done long ago, has
// nothing that is due; what came since tells.
bool Parked::is_over() const {
  const stream::Reader& in = batches_.ports().in;
  return std::ranges::none_of(in.shares(), [&](const stream::Share& share) {
    return ends_.contains(share.partition) && !in.caught_up(share.partition);
  });
}

}  // namespace lvp::stages
