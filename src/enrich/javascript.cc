#include "enrich/javascript.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "enrich/conversions.h"
#include "enrich/derived_contexts.h"
#include "wire/base64.h"
#include "wire/json.h"
#include "wire/json_text.h"
#include "wire/self_describing.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view identifier = "Javascript enrichment";

// Makes the event that the script sees, and tells what became of it:
//
//   {"dropped":true} | {"set":{column: text…},"erased":bool,"made":what process() returned}
//
// Columns arrive and leave as texts; a script sees numbers where a column holds numbers, and null
// where it is empty. `columns` is a list of [name, kind].
constexpr std::string_view adapter_begin = R"js((host, harden) => {
  "use strict";
  const {parse, stringify} = JSON;
  const {isInteger, isFinite} = Number;
  const {defineProperty} = Object;
  const readers = {text: text => text, number: text => +text};
  const wrong = (name, value, what) => {
    throw new TypeError(`set${name}: ${String(value)} is no ${what}`);
  };
  const writers = {
    text: (name, value) => typeof value === "object" ? wrong(name, value, "text") : String(value),
    integer: (name, value) => isInteger(+value) ? String(+value) : wrong(name, value, "whole number"),
    number: (name, value) => isFinite(+value) ? String(value) : wrong(name, value, "number"),
    flag: (name, value) => {
      if (value === true || value === 1 || value === "1") return "1";
      if (value === false || value === 0 || value === "0") return "0";
      return wrong(name, value, "truth value");
    },
  };
  const columns = )js";
constexpr std::string_view adapter_end = R"js(;
  class Event {
    #values;
    #set = {__proto__: null};
    #dropped = false;
    #erased = false;

    constructor(values) { this.#values = values; }
    drop() { this.#dropped = true; }
    eraseDerived_contexts() { this.#erased = true; }
    getDerived_contexts() {
      const text = this.#values.derived_contexts;
      return this.#erased || text === undefined ? null : text;
    }
    static outcome(event, made) {
      if (event.#dropped) return '{"dropped":true}';
      return stringify({set: event.#set, erased: event.#erased, made});
    }

    static {
      for (const [column, kind] of columns) {
        const name = column[0].toUpperCase() + column.slice(1);
        const read = kind === "text" ? readers.text : readers.number;
        const write = writers[kind];
        defineProperty(Event.prototype, "get" + name, {value() {
          const text = this.#values[column];
          return text === undefined || text === "" ? null : read(text);
        }});
        defineProperty(Event.prototype, "set" + name, {value(value) {
          const empty = value === null || value === undefined;
          this.#values[column] = this.#set[column] = empty ? "" : write(name, value);
        }});
      }
    }
  }
  const {outcome} = Event;
  harden(Event);

  return (process, values, params, headers) => {
    const event = new Event(parse(values));
    const made = process(event, parse(params), parse(headers));
    return outcome(event, made === undefined ? null : made);
  };
})js";

std::string_view kind_of(ColumnType type) {
  switch (type) {
    case ColumnType::integer:
      return "integer";
    case ColumnType::decimal:
    case ColumnType::real:
      return "number";
    case ColumnType::boolean:
      return "flag";
    case ColumnType::text:
    case ColumnType::timestamp:
    case ColumnType::json:
      break;
  }
  return "text";
}

const std::string& adapter() {
  static const std::string text = [] {
    json::Writer columns;
    columns.begin_array();
    for (const ColumnInfo& column : column_infos) {
      if (column.name == info(Column::derived_contexts).name) continue;
      columns.begin_array().string(column.name).string(kind_of(column.type)).end_array();
    }
    return fmt::format("{}{}{}", adapter_begin, columns.end_array().text(), adapter_end);
  }();
  return text;
}

std::string entity_text(const Entity& entity) {
  return fmt::format(R"({{"schema":"{}","data":{}}})", entity.uri, entity.data);
}

std::string values_of(const Draft& draft) {
  json::Writer out;
  out.begin_object();
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto column = static_cast<Column>(i);
    if (!draft.event[column].empty()) out.key(info(column).name).string(draft.event[column]);
  }
  if (!draft.entities.empty()) {
    std::vector<std::string> texts;
    for (const Entity& entity : draft.entities) texts.push_back(entity_text(entity));
    out.key(info(Column::derived_contexts).name).string(derived_contexts(texts));
  }
  return out.end_object().take();
}

std::string list_of(std::span<const std::string> texts) {
  json::Writer out;
  out.begin_array();
  for (const std::string& text : texts) out.string(text);
  return out.end_array().take();
}

void set_columns(const json::Value& set, Draft& draft) {
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto column = static_cast<Column>(i);
    const auto text = set[info(column).name].string();
    if (!text) continue;
    draft.event[column] = clean(*text);
    draft.event_changed |= column == Column::unstruct_event;
    draft.contexts_changed |= column == Column::contexts;
  }
}

// Nothing if it is no list of self-describing data.
std::optional<std::vector<Entity>> entities_of(const json::Value& made) {
  std::vector<Entity> entities;
  for (const json::Value each : made.elements()) {
    const auto uri = each["schema"].string();
    if (!uri || !parse_schema_key(*uri) || !each["data"].exists()) return std::nullopt;
    entities.push_back({std::string(*uri), json::print(each["data"])});
  }
  return entities;
}

}  // namespace

Result<JavascriptEnrichment> JavascriptEnrichment::load(const Configuration& configuration) {
  LVP_DO(configuration.only("", {"script", "config"}));
  JavascriptEnrichment out;
  out.schema_uri_ = configuration.schema().uri();
  LVP_TRY(const std::string encoded, configuration.text("script"));
  out.script_ = base64_decode(encoded);
  const json::Value params = configuration.parameter("config");
  out.params_ = params.exists() ? json::print(params) : "null";
  if (const auto compiled = out.engine(); !compiled)
    return configuration.wrong("script", compiled.error().what);
  return out;
}

Result<script::Javascript> JavascriptEnrichment::engine() const {
  return script::Javascript::load({script_, "process", adapter()}, {});
}

void JavascriptEnrichment::apply(Draft& draft, script::Javascript& engine) const {
  const auto fail = [&](std::string_view error) {
    draft.failures.push_back(
        not_derivable(draft.by, error, bad_row::Enrichment{schema_uri_, identifier}));
  };
  const std::string values = values_of(draft);
  const std::string headers = list_of(draft.headers);
  const auto said = engine.call(std::array<std::string_view, 3>{values, params_, headers});
  if (!said)
    return fail(
        fmt::format("Error during execution of JavaScript function: [{}]", said.error().text));
  json::Parser parser;
  const auto outcome = parser.parse(*said);
  if (!outcome)
    return fail("Error during execution of JavaScript function: [its result is no JSON]");
  if ((*outcome)["dropped"].exists()) {
    draft.dropped = true;
    return;
  }
  set_columns((*outcome)["set"], draft);
  if ((*outcome)["erased"].boolean().value_or(false)) draft.entities.clear();
  const json::Value made = (*outcome)["made"];
  if (!made.exists() || made.type() == json::Type::null) return;
  if (!made.is_array())
    return fail(
        "Error during execution of JavaScript function: [its result is not read as an array]");
  auto entities = entities_of(made);
  // The word is spelled as in the original.
  if (!entities)
    return fail("Resulting contexts are not self-desribing. Error: not a list of {schema, data}");
  draft.add(*std::move(entities));
}

}  // namespace lvp::enrich
