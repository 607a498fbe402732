// Lists that keep the newest.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace lvp::profile {

/// Appends, and drops the first if there are more than `items_max` then.
template <class T>
void append_bounded(std::vector<T>& items, T item, std::size_t items_max) {
  items.push_back(std::move(item));
  if (items.size() > items_max) items.erase(items.begin());
}

}  // namespace lvp::profile
