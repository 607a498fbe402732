#include "bridge/event.h"

#include <fmt/format.h>

#include <utility>

#include "bridge/go_text.h"
#include "wire/analytics_json.h"
#include "wire/self_describing.h"

namespace lvp::bridge {
namespace {

ColumnType type_of(Column column) {
  return column == Column::se_value ? ColumnType::text : info(column).type;
}

std::unexpected<Error> wrong(Column column, std::string_view value) {
  return invalid(fmt::format("error parsing {}: '{}'", analytics_name(column), value));
}

// The data of an entity; null has no fields.
Result<json::Value> data_of(const json::Value& entity, std::string_view name) {
  const json::Value data = entity["data"];
  if (data.type() == json::Type::null || data.is_object()) return data;
  return invalid(fmt::format("{}: data of an entity is not an object", name));
}

Result<json::Value> entities_of(json::Parser& parser, std::string_view name,
                                std::string_view column) {
  LVP_TRY(const json::Value root, parser.parse(column));
  if (!root["data"].is_array()) return invalid(fmt::format("{}: data is not an array", name));
  return root["data"];
}

Result<std::string> key_of(const json::Value& entity, std::string_view name) {
  const auto schema = parse_schema_key(entity["schema"].string().value_or(""));
  if (!schema) return invalid(fmt::format("{}: an entity without a schema", name));
  return analytics_key("contexts", *schema);
}

}  // namespace

std::optional<Column> find_column(std::string_view name) {
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto column = static_cast<Column>(i);
    if (analytics_name(column) == name) return column;
  }
  return std::nullopt;
}

Status Event::read(std::string_view line) {
  line_.assign(line);
  LVP_TRY(columns_, EnrichedView::parse(line_));
  return {};
}

Result<std::string> Event::printed(Column column) const {
  const std::string_view value = columns_[column];
  if (value.empty()) return std::string();
  switch (type_of(column)) {
    case ColumnType::text:
    case ColumnType::json:
      return std::string(value);
    case ColumnType::timestamp:
      if (const auto time = GoTime::parse(value)) return time->printed();
      break;
    case ColumnType::integer:
      if (const auto integer = parse_go_integer(value)) return fmt::format("{}", *integer);
      break;
    case ColumnType::decimal:
    case ColumnType::real:
      if (const auto number = parse_go_number(value)) return bridge::printed(*number);
      break;
    case ColumnType::boolean:
      if (const auto flag = parse_go_bool(value)) return *flag ? "true" : "false";
      break;
  }
  return wrong(column, value);
}

Result<std::vector<json::Value>> Event::entities(std::string_view key) {
  std::vector<json::Value> found;
  for (const auto& [parser, column] : {std::pair{&contexts_parser_, Column::contexts},
                                       std::pair{&derived_parser_, Column::derived_contexts}}) {
    if (columns_[column].empty()) continue;
    LVP_TRY(const json::Value entities,
            entities_of(*parser, analytics_name(column), columns_[column]));
    for (const json::Value entity : entities.elements()) {
      LVP_TRY(const std::string its_key, key_of(entity, analytics_name(column)));
      LVP_TRY(const json::Value data, data_of(entity, analytics_name(column)));
      if (its_key == key) found.push_back(data);
    }
  }
  return found;
}

json::Value Event::body() {
  const auto root = body_parser_.parse(columns_[Column::unstruct_event]);
  return root ? (*root)["data"]["data"] : json::Value();
}

}  // namespace lvp::bridge
