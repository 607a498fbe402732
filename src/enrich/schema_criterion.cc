#include "enrich/schema_criterion.h"

#include <fmt/format.h>

#include "base/text.h"

namespace lvp::enrich {

Result<SchemaCriterion> SchemaCriterion::parse(std::string_view text) {
  const auto wrong = [&] { return invalid(fmt::format("{} is no schema criterion", text)); };
  const std::size_t slash = text.rfind('/');
  if (slash == text.npos) return wrong();
  const auto version = split(text.substr(slash + 1), '-');
  if (version.size() != 3) return wrong();
  SchemaCriterion out;
  out.any_model_ = version[0] == "*";
  out.any_revision_ = version[1] == "*";
  out.any_addition_ = version[2] == "*";
  auto key = parse_schema_key(
      fmt::format("{}/{}-{}-{}", text.substr(0, slash), out.any_model_ ? "1" : version[0],
                  out.any_revision_ ? "0" : version[1], out.any_addition_ ? "0" : version[2]));
  if (!key) return wrong();
  out.key_ = std::move(*key);
  return out;
}

bool SchemaCriterion::matches(const SchemaKey& key) const {
  return key.vendor == key_.vendor && key.name == key_.name && key.format == key_.format &&
         (any_model_ || key.model == key_.model) &&
         (any_revision_ || key.revision == key_.revision) &&
         (any_addition_ || key.addition == key_.addition);
}

}  // namespace lvp::enrich
