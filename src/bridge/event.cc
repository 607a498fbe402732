#include "bridge/event.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "bridge/go_text.h"
#include "wire/self_describing.h"

namespace lvp::bridge {
namespace {

ColumnType type_of(Column column) {
  return column == Column::se_value ? ColumnType::text : info(column).type;
}

std::unexpected<Error> wrong(Column column, std::string_view value) {
  return invalid(fmt::format("error parsing {}: '{}'", name_of(column), value));
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

Result<std::string> key_of_entity(std::string_view prefix, const json::Value& entity) {
  const auto schema = entity["schema"].string();
  if (!schema) return invalid(fmt::format("{}: an entity without a schema", prefix));
  return key_of(prefix, *schema);
}

void append_data(std::string& out, const json::Value& data) {
  data.is_object() ? append_json(out, data) : void(out += "{}");
}

}  // namespace

std::string_view name_of(Column column) {
  return column == Column::refr_dvce_tstamp ? "refr_device_tstamp" : info(column).name;
}

std::optional<Column> find_column(std::string_view name) {
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto column = static_cast<Column>(i);
    if (name_of(column) == name) return column;
  }
  return std::nullopt;
}

Result<std::string> key_of(std::string_view prefix, std::string_view schema) {
  const auto parsed = parse_schema_key(schema);
  if (!parsed || parsed->format != "jsonschema")
    return invalid(
        fmt::format("{} is no schema of the form iglu:vendor/name/jsonschema/M-R-A", schema));
  std::string key = fmt::format("{}_{}_", prefix, parsed->vendor);
  for (char& c : key) c = c == '.' ? '_' : c;
  const std::size_t name_at = key.size();
  for (const char c : parsed->name) {
    const bool capital = c >= 'A' && c <= 'Z';
    if (capital && key.size() > name_at && key.back() != '_') key += '_';
    key += c;
  }
  for (char& c : key) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return key + fmt::format("_{}", parsed->model);
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

namespace {

// A column that is no JSON, as a JSON value.
Status append_column(std::string& out, Column column, std::string_view value) {
  switch (type_of(column)) {
    case ColumnType::text:
    case ColumnType::json:
      append_json(out, value, false);
      return {};
    case ColumnType::timestamp:
      if (const auto time = GoTime::parse(value)) {
        append_json(out, time->text, false);
        return {};
      }
      break;
    case ColumnType::integer:
      if (const auto integer = parse_go_integer(value)) {
        fmt::format_to(std::back_inserter(out), "{}", *integer);
        return {};
      }
      break;
    case ColumnType::decimal:
    case ColumnType::real:
      if (const auto number = parse_go_number(value); number && std::isfinite(*number)) {
        append_json(out, *number);
        return {};
      }
      break;
    case ColumnType::boolean:
      if (const auto flag = parse_go_bool(value)) {
        out += *flag ? "true" : "false";
        return {};
      }
      break;
  }
  return wrong(column, value);
}

}  // namespace

Result<std::string> Event::json() {
  std::string out = "{";
  const auto add_key = [&out](std::string_view key) {
    if (out.size() > 1) out += ',';
    append_json(out, key, false);
    out += ':';
  };
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto column = static_cast<Column>(i);
    const std::string_view value = columns_[column];
    if (value.empty() || type_of(column) == ColumnType::json) continue;
    add_key(name_of(column));
    LVP_DO(append_column(out, column, value));
  }
  if (!columns_[Column::unstruct_event].empty()) {
    LVP_TRY(const json::Value root, body_parser_.parse(columns_[Column::unstruct_event]));
    LVP_TRY(const std::string key, key_of_entity("unstruct_event", root["data"]));
    LVP_TRY(const json::Value data, data_of(root["data"], "unstruct_event"));
    add_key(key);
    append_data(out, data);
  }
  LVP_TRY(const Grouped contexts, grouped(contexts_parser_, Column::contexts));
  LVP_TRY(const Grouped derived, grouped(derived_parser_, Column::derived_contexts));
  for (const auto& [key, texts] : contexts) {
    if (std::ranges::find(derived, key, &Group::first) != derived.end()) continue;
    add_key(key);
    out += '[' + texts + ']';
  }
  for (const auto& [key, texts] : derived) {
    add_key(key);
    out += '[' + texts + ']';
  }
  return out + '}';
}

Result<Event::Grouped> Event::grouped(json::Parser& parser, Column column) const {
  Grouped groups;
  if (columns_[column].empty()) return groups;
  LVP_TRY(const json::Value entities, entities_of(parser, name_of(column), columns_[column]));
  for (const json::Value entity : entities.elements()) {
    LVP_TRY(std::string key, key_of_entity("contexts", entity));
    LVP_TRY(const json::Value data, data_of(entity, name_of(column)));
    const auto found = std::ranges::find(groups, key, &Group::first);
    if (found == groups.end()) {
      groups.emplace_back(std::move(key), "");
      append_data(groups.back().second, data);
    } else {
      append_data(found->second += ',', data);
    }
  }
  return groups;
}

Result<std::vector<json::Value>> Event::entities(std::string_view key) {
  std::vector<json::Value> found;
  for (const auto& [parser, column] : {std::pair{&contexts_parser_, Column::contexts},
                                       std::pair{&derived_parser_, Column::derived_contexts}}) {
    if (columns_[column].empty()) continue;
    LVP_TRY(const json::Value entities, entities_of(*parser, name_of(column), columns_[column]));
    for (const json::Value entity : entities.elements()) {
      LVP_TRY(const std::string its_key, key_of_entity("contexts", entity));
      LVP_TRY(const json::Value data, data_of(entity, name_of(column)));
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
