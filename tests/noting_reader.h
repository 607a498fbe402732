// Another reader's records, and how long it was asked to wait for the last of them.
#pragma once

#include "base/time.h"
#include "stream/stream.h"

namespace lvp::tests {

/// Never waits itself.
class NotingReader final : public stream::Reader {
 public:
  NotingReader(stream::Reader& inner, Duration& waited) : inner_(inner), waited_(waited) {}

  Result<stream::Batch> poll(std::size_t records_max, Duration wait) override {
    waited_ = wait;
    return inner_.poll(records_max, Duration::zero());
  }
  Status commit(UnitOfWork& unit, const stream::Position& position) override {
    return inner_.commit(unit, position);
  }
  std::vector<stream::Share> shares() const override { return inner_.shares(); }
  bool caught_up(std::string_view partition) const override { return inner_.caught_up(partition); }

 private:
  stream::Reader& inner_;
  Duration& waited_;
};

}  // namespace lvp::tests
