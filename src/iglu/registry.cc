#include "iglu/registry.h"

#include <fmt/format.h>

#include "base/embedded.h"

namespace lvp::embedded {
extern const std::span<const File> iglu_schemas;
}

namespace lvp::iglu {

Registry::Registry() = default;
Registry::~Registry() = default;
Registry::Registry(Registry&&) noexcept = default;
Registry& Registry::operator=(Registry&&) noexcept = default;

Result<Registry> Registry::embedded() {
  Registry registry;
  for (const embedded::File& file : embedded::iglu_schemas) {
    auto schema = Schema::compile(file.bytes());
    if (!schema) return invalid(fmt::format("schema {}: {}", file.name, schema.error().what));
    registry.schemas_.emplace(fmt::format("iglu:{}", file.name), std::move(*schema));
  }
  return registry;
}

const Schema* Registry::find(std::string_view uri) const {
  const auto found = schemas_.find(uri);
  return found == schemas_.end() ? nullptr : &found->second;
}

}  // namespace lvp::iglu
