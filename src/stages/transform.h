// What a batch becomes, in one unit of work: what stages that transform have in common.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "stages/stages.h"

namespace lvp::stages {

/// Of one batch, so that a step stays short.
inline constexpr std::size_t transform_records_max = 500;

class BatchTransform {
 public:
  /// `stage` is told in metrics.
  BatchTransform(const std::string& stage, TransformPorts ports, Transform transform);

  const TransformPorts& ports() const { return ports_; }

  /// What the first `records_max` became and the position behind them are one unit, so after a
  /// crash no record was half done. One that cannot be done now ends the batch before it; if it is
  /// the first, its error is the answer. What a stream does not take, since it is too large,
  /// becomes a bad row. Says how many records it was; the batch is not empty.
  Result<std::size_t> handle(const stream::Batch& batch,
                             std::size_t records_max = std::numeric_limits<std::size_t>::max());

 private:
  struct Output {
    std::vector<stream::Entry> Transformed::* entries;
    stream::Writer* writer;  // nullptr if there are none
    Counter& made;
  };
  using Append = Status (BatchTransform::*)(UnitOfWork& unit, Transformed& all);

  Output output(const std::string& stage, const std::string& kind,
                std::vector<stream::Entry> Transformed::* entries, stream::Writer* writer);
  Result<std::size_t> handle(const stream::Batch& batch, std::size_t records_max,
                             Append append_made);
  Status append_all(UnitOfWork& unit, Transformed& all);
  Status append_each(UnitOfWork& unit, Transformed& all);
  static Status append(UnitOfWork& unit, const Output& output, std::vector<stream::Entry>& entries);

  const TransformPorts ports_;
  const Transform transform_;
  const std::array<Output, 4> outputs_;
};

}  // namespace lvp::stages
