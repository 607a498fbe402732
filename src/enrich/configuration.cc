#include "enrich/configuration.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace lvp::enrich {

Result<Configuration> Configuration::parse(const NamedText& file) {
  Configuration out;
  out.file_ = file.name;
  auto root = out.parser_.parse(file.text);
  if (!root) return invalid(fmt::format("{}: {}", file.name, root.error().what));
  const auto uri = (*root)["schema"].string();
  if (!uri) return invalid(fmt::format("{}: schema: missing", file.name));
  auto schema = parse_schema_key(*uri);
  if (!schema) return invalid(fmt::format("{}: schema: {} is no schema key", file.name, *uri));
  out.schema_ = std::move(*schema);
  out.data_ = (*root)["data"];
  const auto enabled = out.data_["enabled"].boolean();
  if (!enabled)
    return invalid(fmt::format("{}: enabled: missing, or neither true nor false", file.name));
  out.enabled_ = *enabled;
  return out;
}

json::Value Configuration::parameter(std::string_view key) const {
  json::Value value = data_["parameters"];
  if (key.empty()) return value;
  for (const std::string_view part : split(key, '.')) value = value[part];
  return value;
}

bool Configuration::flag(std::string_view key) const {
  return data_[key].boolean().value_or(parameter(key).boolean().value_or(false));
}

Result<std::string> Configuration::text(std::string_view key) const {
  const auto text = parameter(key).string();
  if (!text) return wrong(key, "missing, or no text");
  return std::string(*text);
}

Result<std::vector<std::string>> Configuration::texts(std::string_view key) const {
  const json::Value list = parameter(key);
  std::vector<std::string> out;
  if (!list.exists()) return out;
  if (!list.is_array()) return wrong(key, "no list");
  for (const json::Value item : list.elements()) {
    const auto text = item.string();
    if (!text) return wrong(key, "not all are texts");
    out.emplace_back(*text);
  }
  return out;
}

Result<std::int64_t> Configuration::integer(std::string_view key, std::int64_t min,
                                            std::int64_t max) const {
  const auto value = parameter(key).integer();
  if (!value || *value < min || *value > max)
    return wrong(key, fmt::format("not a whole number from {} to {}", min, max));
  return *value;
}

Status Configuration::only(std::string_view object,
                           std::initializer_list<std::string_view> members) const {
  for (const json::Member member : parameter(object).members()) {
    if (std::ranges::find(members, member.key) != members.end()) continue;
    return wrong(
        object.empty() ? std::string(member.key) : fmt::format("{}.{}", object, member.key),
        "unknown");
  }
  return {};
}

std::unexpected<Error> Configuration::wrong(std::string_view key, std::string_view what) const {
  return invalid(fmt::format("{}: parameters.{}: {}", file_, key, what));
}

}  // namespace lvp::enrich
