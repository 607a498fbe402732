// A stream whose records are smaller than those of its engine, as on Kinesis.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "stream/batch.h"

namespace lvp::tests {

class NarrowWriter final : public stream::Writer {
 public:
  NarrowWriter(std::unique_ptr<stream::Writer> writer, std::size_t bytes_max)
      : writer_(std::move(writer)), bytes_max_(bytes_max) {}

  Status append(UnitOfWork& unit, std::vector<stream::Entry> entries) override {
    LVP_DO(stream::check_sizes("narrow", entries, bytes_max_));
    return writer_->append(unit, std::move(entries));
  }
  std::size_t record_bytes_max() const override { return bytes_max_; }

 private:
  const std::unique_ptr<stream::Writer> writer_;
  const std::size_t bytes_max_;
};

}  // namespace lvp::tests
