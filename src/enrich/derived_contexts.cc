#include "enrich/derived_contexts.h"

#include <fmt/format.h>

#include "base/check.h"

namespace lvp::enrich {

std::vector<std::string> valid_entities(std::span<const Entity> entities, iglu::Resolver& resolver,
                                        json::Parser& parser, const Reporter& by,
                                        std::vector<Failure>& failures) {
  constexpr std::string_view source = "derived_contexts";
  std::vector<std::string> valid;
  for (const Entity& entity : entities) {
    const auto found = resolver.find(entity.uri, by.now);
    if (!found) {
      failures.push_back(absent_schema(by, source, entity.uri, found.error(), entity.data));
      continue;
    }
    const auto data = parser.parse(entity.data);
    LVP_CHECK(data);
    if (const auto reports = found->schema->check(*data); !reports.empty()) {
      failures.push_back(invalid_data(by, source, entity.uri, reports, entity.data));
      continue;
    }
    valid.push_back(fmt::format(R"({{"schema":"{}","data":{}}})", entity.uri, entity.data));
  }
  return valid;
}

std::string derived_contexts(std::span<const std::string> entities) {
  if (entities.empty()) return "";
  std::string text =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1","data":[)";
  for (const std::string& entity : entities) {
    if (&entity != &entities.front()) text += ',';
    text += entity;
  }
  return text + "]}";
}

}  // namespace lvp::enrich
