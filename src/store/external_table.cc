#include "store/external_table.h"

#include <algorithm>

namespace lvp::store {

const Value* field(const Item& item, std::string_view name) {
  const auto found = std::ranges::find(item.fields, name, &Field::name);
  return found == item.fields.end() ? nullptr : &found->value;
}

}  // namespace lvp::store
