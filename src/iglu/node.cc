#include "iglu/node.h"

#include <algorithm>
#include <bit>

namespace lvp::iglu {

Property& PropertyTable::at(std::string_view name) {
  const auto found = std::ranges::find(properties_, name, &Property::name);
  if (found != properties_.end()) return *found;
  properties_.emplace_back().name = name;
  return properties_.back();
}

void PropertyTable::index() {
  if (properties_.empty()) return;
  slots_.assign(std::bit_ceil(properties_.size() * 4), 0);
  std::uint32_t number = 0;
  for (const Property& property : properties_) {
    std::size_t slot = hash(property.name);
    while (slots_[slot & (slots_.size() - 1)] != 0) ++slot;
    slots_[slot & (slots_.size() - 1)] = ++number;
  }
}

}  // namespace lvp::iglu
