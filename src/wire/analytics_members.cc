#include "wire/analytics_members.h"

#include <algorithm>

namespace lvp {
namespace {

constexpr std::size_t names_max = 100;
constexpr std::size_t name_bytes_max = 200;

bool can_be_a_name(std::string_view text) {
  return !text.empty() && text.size() <= name_bytes_max &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != ','; });
}

}  // namespace

bool AnalyticsMembers::add(std::string_view name) {
  if (has(name)) return true;
  if (keys_.size() == names_max || !can_be_a_name(name)) return false;
  keys_.emplace_back(name);
  if (!names_.empty()) names_ += ',';
  names_ += name;
  for (std::size_t i = 0; i < column_count; ++i) {
    if (analytics_name(static_cast<Column>(i)) == name) columns_.set(i);
  }
  return true;
}

bool AnalyticsMembers::has(std::string_view key) const {
  return std::ranges::find(keys_, key) != keys_.end();
}

std::string_view analytics_name(Column column) {
  return column == Column::refr_dvce_tstamp ? "refr_device_tstamp" : info(column).name;
}

}  // namespace lvp
