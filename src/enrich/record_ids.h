// The ids of events to which their tracker gave none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lvp::enrich {

/// Version 4 UUIDs from a hash of the record, as good as random but the same ones for the same
/// record: an event that is enriched again after a crash keeps its id, so whoever counts ids counts
/// it once. Records alike to the last byte, and so of one millisecond and one visitor, are taken
/// for one.
class RecordIds {
 public:
  /// `record` outlives it.
  explicit RecordIds(std::string_view record) : record_(record) {}

  /// The next event's.
  std::string next();

 private:
  const std::string_view record_;
  std::string seed_;  ///< made from the record when the first id is asked for
  std::size_t count_ = 0;
};

}  // namespace lvp::enrich
