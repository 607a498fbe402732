// Which members of an event's analytics JSON somebody reads, so that the others need not be made.
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include "wire/enriched_event.h"

namespace lvp {

class AnalyticsMembers {
 public:
  /// False, and nothing changes, if there are too many or no member can have this name. A name
  /// that is there already, or that no column and no schema has, does no harm.
  bool add(std::string_view name);

  bool has(Column column) const { return columns_[static_cast<std::size_t>(column)]; }
  bool has(std::string_view key) const;  ///< of entities or of the self-describing event

  /// All of them, with commas between.
  std::string_view names() const { return names_; }

 private:
  std::bitset<column_count> columns_;
  std::vector<std::string> keys_;  // all names
  std::string names_;
};

/// Of a column as a member.
std::string_view analytics_name(Column column);

}  // namespace lvp
