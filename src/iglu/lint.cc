#include "iglu/lint.h"

#include <fmt/format.h>

#include "iglu/compiler.h"
#include "iglu/schema.h"
#include "wire/json.h"

namespace lvp::iglu {
namespace {

constexpr std::string_view metaschema =
    "http://iglucentral.com/schemas/com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0#";

bool is_draft_4(std::string_view schema) {
  return schema == metaschema || schema == metaschema.substr(0, metaschema.size() - 1) ||
         schema == "http://json-schema.org/draft-04/schema#" ||
         schema == "http://json-schema.org/draft-04/schema";
}

void check_self(const Schema& schema, std::string_view uri, std::vector<std::string>& findings) {
  if (!schema.self()) {
    findings.emplace_back("$: self must give vendor, name, format and version");
    return;
  }
  const SchemaKey& self = *schema.self();
  if (self.format != "jsonschema")
    findings.push_back(fmt::format("$: self: format is {}, not jsonschema", self.format));
  if (!uri.empty() && self.uri() != uri)
    findings.push_back(fmt::format("$: self says that it is {}, not {}", self.uri(), uri));
}

}  // namespace

std::vector<std::string> lint(std::string_view text, std::string_view uri) {
  const auto schema = Schema::compile(text);
  if (!schema) return {schema.error().what};
  std::vector<std::string> findings;
  json::Parser parser;
  const auto document = parser.parse(text, schema_depth_max);
  if (!document) return {document.error().what};
  const json::Value named = (*document)["$schema"];
  if (!named.exists()) {
    findings.push_back(fmt::format("$: $schema is missing: {}", metaschema));
  } else if (!is_draft_4(named.string().value_or(""))) {
    findings.push_back(fmt::format("$: $schema is not {}: it is read as draft 4", metaschema));
  }
  check_self(*schema, uri, findings);
  if ((*document)["$supersededBy"].exists() && schema->superseded_by().empty())
    findings.emplace_back("$: $supersededBy must be a later version and has no effect");
  const auto& without_effect = schema->without_effect();
  findings.insert(findings.end(), without_effect.begin(), without_effect.end());
  return findings;
}

}  // namespace lvp::iglu
