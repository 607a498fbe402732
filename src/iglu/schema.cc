#include "iglu/schema.h"

#include <fmt/format.h>

#include "iglu/checker.h"
#include "iglu/compiler.h"
#include "iglu/explainer.h"

namespace lvp::iglu {
namespace {

std::optional<SchemaKey> read_self(const json::Value& self) {
  const auto part = [&](std::string_view name) { return self[name].string().value_or(""); };
  const auto key = parse_schema_key(fmt::format("iglu:{}/{}/{}/{}", part("vendor"), part("name"),
                                                part("format"), part("version")));
  return key ? std::optional(*key) : std::nullopt;
}

// The version, if it is one and, as it must be, a later one.
std::string read_superseded_by(const json::Value& value, const std::optional<SchemaKey>& self) {
  const std::string_view version = value.string().value_or("");
  if (version.empty() || !self) return {};
  const auto newer = parse_schema_key(
      fmt::format("iglu:{}/{}/{}/{}", self->vendor, self->name, self->format, version));
  return newer && *newer > *self ? std::string(version) : std::string();
}

}  // namespace

Schema::Schema(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Schema::~Schema() = default;
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;

Result<Schema> Schema::compile(std::string_view text) {
  LVP_TRY(auto compiled, iglu::compile(text));
  Schema schema(std::move(compiled));
  const json::Value& document = schema.compiled_->document;
  schema.self_ = read_self(document["self"]);
  schema.superseded_by_ = read_superseded_by(document["$supersededBy"], schema.self_);
  return schema;
}

std::vector<Report> Schema::check(const json::Value& value) const {
  if (accepts(*compiled_->root, value)) return {};
  return explain(*compiled_->root, value);
}

const std::vector<std::string>& Schema::without_effect() const {
  return compiled_->without_effect;
}

}  // namespace lvp::iglu
