#include "wire/plain_value.h"

#include <fmt/format.h>

#include "base/text.h"

namespace lvp::json {

std::uint64_t hash(const PlainValue& value, std::uint64_t seed) {
  if (const auto text = value.string()) return fnv1a("\"", fnv1a(*text, seed));
  if (const auto boolean = value.boolean()) return fnv1a(*boolean ? "t" : "f", seed);
  PlainReader reader(value.text());
  if (value.is_object()) {
    reader.object([&](std::string_view name, std::string_view member) {
      seed = hash(PlainValue(member), fnv1a(name, seed));
    });
    return fnv1a("}", seed);
  }
  if (value.is_array()) {
    reader.array([&](std::string_view element) { seed = hash(PlainValue(element), seed); });
    return fnv1a("]", seed);
  }
  if (const auto number = value.number()) return fnv1a(fmt::format("{}", *number), seed);
  return fnv1a("n", seed);
}

}  // namespace lvp::json
