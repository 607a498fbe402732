#include "iglu/type_set.h"

#include <algorithm>
#include <array>

namespace lvp::iglu {
namespace {

using json::Type;

struct TypeName {
  std::string_view name;
  Type type;
};
constexpr std::array<TypeName, 7> type_names{{{"null", Type::null},
                                              {"boolean", Type::boolean},
                                              {"integer", Type::integer},
                                              {"number", Type::number},
                                              {"string", Type::string},
                                              {"array", Type::array},
                                              {"object", Type::object}}};

}  // namespace

std::string_view type_name(Type type) {
  const auto found = std::ranges::find(type_names, type, &TypeName::type);
  return found == type_names.end() ? "unknown" : found->name;
}

Type type_named(std::string_view name) {
  const auto found = std::ranges::find(type_names, name, &TypeName::name);
  return found == type_names.end() ? Type::absent : found->type;
}

}  // namespace lvp::iglu
