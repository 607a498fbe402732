#include "wire/analytics_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "base/time.h"
#include "wire/json_text.h"
#include "wire/plain_json.h"

namespace lvp {
namespace {

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

constexpr std::size_t keys_max = 1000;

// Go's strconv accepts a plus sign where from_chars does not.
std::string_view without_plus(std::string_view text) {
  return text.starts_with('+') && !text.starts_with("+-") ? text.substr(1) : text;
}

std::optional<double> real(std::string_view text) {
  text = without_plus(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  const bool is_tiny = error == std::errc::result_out_of_range && text.find('-', 1) != text.npos;
  if (is_tiny) return 0.0;
  if (error != std::errc{} || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<bool> boolean(std::string_view text) {
  constexpr std::array<std::string_view, 6> yes{"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> no{"0", "f", "F", "false", "FALSE", "False"};
  if (std::ranges::find(yes, text) != yes.end()) return true;
  if (std::ranges::find(no, text) != no.end()) return false;
  return std::nullopt;
}

constexpr std::size_t separator = 10;  // of date and time

bool is_timestamp(std::string_view text) {
  constexpr std::string_view zone_marks = "Zz+-";
  return parse_timestamp(text) && text[separator] == ' ' &&
         text.find_first_of(zone_marks, separator) == text.npos;
}

// "2024-11-16 13:33:29.170" → "2024-11-16T13:33:29.17Z"; fractions may have up to nine digits.
std::string printed(std::string_view timestamp) {
  std::string out(timestamp);
  out[separator] = 'T';
  if (out.find('.') != out.npos) {
    out.resize(out.find_last_not_of('0') + 1);
    if (out.ends_with('.')) out.pop_back();
  }
  out += 'Z';
  return out;
}

// se_value is a decimal that the SDKs leave as text.
ColumnType type_of(Column column) {
  return column == Column::se_value ? ColumnType::text : info(column).type;
}

std::string_view word_for(ColumnType type) {
  switch (type) {
    case ColumnType::json:
    case ColumnType::text:
      return "text";
    case ColumnType::timestamp:
      return "timestamp";
    case ColumnType::integer:
      return "integer";
    case ColumnType::decimal:
    case ColumnType::real:
      return "number";
    case ColumnType::boolean:
      return "boolean";
  }
  return {};
}

// Whether the text is of the type; it goes to `out`, if there is one.
bool convert(std::string_view text, ColumnType type, json::Writer* out) {
  switch (type) {
    case ColumnType::json:
    case ColumnType::text:
      if (out != nullptr) out->string(is_utf8(text) ? text : repaired_utf8(text));
      return true;
    case ColumnType::timestamp: {
      const bool is_one = is_timestamp(text);
      if (is_one && out != nullptr) out->string(printed(text));
      return is_one;
    }
    case ColumnType::integer: {
      const auto value = parse_int64(without_plus(text));
      if (value && out != nullptr) out->integer(*value);
      return value.has_value();
    }
    case ColumnType::decimal:
    case ColumnType::real: {
      const auto value = real(text);
      if (value && out != nullptr) out->number(*value);
      return value.has_value();
    }
    case ColumnType::boolean: {
      const auto value = boolean(text);
      if (value && out != nullptr) out->boolean(*value);
      return value.has_value();
    }
  }
  return false;
}

// A self-describing object taken apart. Null and absent data are the same.
struct Described {
  std::string_view schema;
  std::string_view data;
};

Result<Described> read_described(const json::Value& object, std::string_view text) {
  const auto schema = object["schema"].string();
  if (!schema) return invalid("nothing is no schema");
  const json::Type type = object["data"].type();
  if (type == json::Type::object) return Described{*schema, *json::raw_member(text, "data")};
  if (type == json::Type::null || type == json::Type::absent) return Described{*schema, "null"};
  return invalid(fmt::format("data of {} is no object", *schema));
}

// The same of the plain form.
std::optional<Described> read_plain_described(json::PlainReader& reader) {
  if (!reader.take(R"({"schema":)")) return std::nullopt;
  const auto schema = reader.string();
  if (!schema || !reader.take(R"(,"data":)")) return std::nullopt;
  const auto data = reader.value();
  if (!data || (!data->starts_with('{') && *data != "null") || !reader.take("}"))
    return std::nullopt;
  return Described{*schema, *data};
}

}  // namespace

std::string analytics_key(std::string_view prefix, const SchemaKey& schema) {
  std::string key = fmt::format("{}_{}_", prefix, schema.vendor);
  std::ranges::replace(key, '.', '_');
  char last = '_';
  for (const char c : schema.name) {
    if (is_upper(c) && last != '_') key += '_';
    key += c;
    last = c;
  }
  return ascii_lower(fmt::format("{}_{}", key, schema.model));
}

// The object, and which members go into it.
struct AnalyticsJson::Output {
  json::Writer writer;
  const AnalyticsMembers* wanted;  // all if there is none

  // Begins a member; nothing if it is not wanted.
  json::Writer* member(std::string_view key) {
    return wanted == nullptr || wanted->has(key) ? &writer.key(key) : nullptr;
  }
  json::Writer* member(Column column) {
    return wanted == nullptr || wanted->has(column) ? &writer.key(analytics_name(column)) : nullptr;
  }
};

Result<std::string> AnalyticsJson::write(const EnrichedView& event,
                                         const AnalyticsMembers* wanted) {
  if (keys_.size() > keys_max) keys_.clear();
  const auto in = [](std::string_view column, const Error& error) {
    return invalid(fmt::format("{}: {}", column, error.what));
  };
  auto derived = read_entities(event[Column::derived_contexts], derived_contexts_);
  if (!derived) return in("derived_contexts", derived.error());
  auto sent = read_entities(event[Column::contexts], contexts_);
  if (!sent) return in("contexts", sent.error());
  std::erase_if(*sent, [&](const Group& group) {
    return std::ranges::find(*derived, group.key, &Group::key) != derived->end();
  });
  entities_ = std::move(*sent);
  derived_entities_ = std::move(*derived);

  Output out{{}, wanted};
  out.writer.begin_object();
  const std::string_view latitude = event[Column::geo_latitude];
  const std::string_view longitude = event[Column::geo_longitude];
  if (geo_location_ == GeoLocation::added && !latitude.empty() && !longitude.empty())
    if (json::Writer* const value = out.member("geo_location"))
      value->string(fmt::format("{},{}", latitude, longitude));
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto column = static_cast<Column>(i);
    if (event[column].empty()) continue;
    if (const Status done = write_column(event, column, out); !done)
      return in(info(column).name, done.error());
  }
  return out.writer.end_object().take();
}

Result<std::string_view> AnalyticsJson::key_of(std::string_view prefix, std::string_view schema) {
  std::string name(prefix);
  name += schema;
  if (const auto known = keys_.find(name); known != keys_.end()) return known->second;
  const auto parsed = parse_schema_key(schema);
  if (!parsed) return invalid(fmt::format("{} is no schema", schema));
  return keys_.emplace(std::move(name), analytics_key(prefix, *parsed)).first->second;
}

void AnalyticsJson::add(Groups& groups, std::string_view key, std::string_view data) {
  auto group = std::ranges::find(groups, key, &Group::key);
  if (group == groups.end()) group = groups.insert(group, {key, {}});
  group->data.push_back(data);
}

// False if the column is of another form, good or bad.
bool AnalyticsJson::read_plain_entities(std::string_view json, Groups& groups) {
  json::PlainReader reader(json);
  if (!reader.take(R"({"schema":)") || !reader.string() || !reader.take(R"(,"data":[)"))
    return false;
  if (!reader.take("]")) {
    do {
      const auto entity = read_plain_described(reader);
      if (!entity) return false;
      const auto key = key_of("contexts", entity->schema);
      if (!key) return false;
      add(groups, *key, entity->data);
    } while (reader.take(","));
    if (!reader.take("]")) return false;
  }
  return reader.take("}") && reader.is_done();
}

Result<AnalyticsJson::Groups> AnalyticsJson::read_entities(std::string_view json,
                                                           json::Document& column) {
  Groups groups;
  if (json.empty() || read_plain_entities(json, groups)) return groups;
  groups.clear();
  LVP_DO(column.read(json));
  const json::Value list = column.root()["data"];
  if (!list.exists() || list.type() == json::Type::null) return groups;
  if (!list.is_array()) return invalid("not a self-describing array");
  const auto texts = column.elements(*json::raw_member(column.text(), "data"));
  std::size_t at = 0;
  for (const json::Value element : list.elements()) {
    LVP_TRY(const Described entity, read_described(element, texts[at++]));
    LVP_TRY(const std::string_view key, key_of("contexts", entity.schema));
    add(groups, key, entity.data);
  }
  return groups;
}

void AnalyticsJson::write_groups(const Groups& groups, Output& out) {
  for (const Group& group : groups) {
    json::Writer* const value = out.member(group.key);
    if (value == nullptr) continue;
    value->begin_array();
    for (const std::string_view data : group.data) value->raw(data);
    value->end_array();
  }
}

Status AnalyticsJson::write_column(const EnrichedView& event, Column column, Output& out) {
  const std::string_view text = event[column];
  switch (column) {
    case Column::contexts:
      write_groups(entities_, out);
      return {};
    case Column::derived_contexts:
      write_groups(derived_entities_, out);
      return {};
    case Column::unstruct_event: {
      LVP_TRY(const Body body, read_event(text));
      if (json::Writer* const value = out.member(body.key)) value->raw(body.data);
      return {};
    }
    default:
      break;
  }
  if (convert(text, type_of(column), out.member(column))) return {};
  return invalid(fmt::format("{} is no {}", text, word_for(type_of(column))));
}

std::optional<AnalyticsJson::Body> AnalyticsJson::read_plain_event(std::string_view json) {
  json::PlainReader reader(json);
  if (!reader.take(R"({"schema":)") || !reader.string() || !reader.take(R"(,"data":)"))
    return std::nullopt;
  const auto event = read_plain_described(reader);
  if (!event || !reader.take("}") || !reader.is_done()) return std::nullopt;
  const auto key = key_of("unstruct_event", event->schema);
  return key ? std::optional(Body{*key, event->data}) : std::nullopt;
}

Result<AnalyticsJson::Body> AnalyticsJson::read_event(std::string_view json) {
  if (const auto plain = read_plain_event(json)) return *plain;
  LVP_DO(event_.read(json));
  const json::Value inner = event_.root()["data"];
  if (!inner.is_object()) return invalid("not a self-describing event");
  LVP_TRY(const Described event, read_described(inner, *json::raw_member(event_.text(), "data")));
  LVP_TRY(const std::string_view key, key_of("unstruct_event", event.schema));
  return Body{key, event.data};
}

}  // namespace lvp
