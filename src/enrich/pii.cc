#include "enrich/pii.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"
#include "wire/json_text.h"

namespace lvp::enrich {
namespace {

// The columns that may be hashed: what the original allows.
constexpr std::array hashable = std::to_array<Column>(
    {Column::user_id, Column::user_ipaddress, Column::user_fingerprint, Column::domain_userid,
     Column::network_userid, Column::ip_organization, Column::ip_domain, Column::tr_orderid,
     Column::ti_orderid, Column::mkt_term, Column::mkt_content, Column::se_category,
     Column::se_action, Column::se_label, Column::se_property, Column::mkt_clickid,
     Column::refr_domain_userid, Column::domain_sessionid});
constexpr std::array json_columns{Column::contexts, Column::derived_contexts,
                                  Column::unstruct_event};

std::optional<Column> column_named(std::string_view name, std::span<const Column> columns) {
  const auto found =
      std::ranges::find(columns, name, [](Column column) { return info(column).name; });
  return found == columns.end() ? std::nullopt : std::optional(*found);
}

std::string self_describing(std::string_view quoted_uri, std::string_view data) {
  return fmt::format(R"({{"schema":{},"data":{}}})", quoted_uri, data);
}

}  // namespace

Result<Pii> Pii::load(const Configuration& configuration) {
  LVP_DO(configuration.only("", {"pii", "strategy", "anonymousOnly", "emitEvent"}));
  LVP_DO(configuration.only("strategy", {"pseudonymize"}));
  LVP_DO(configuration.only("strategy.pseudonymize", {"hashFunction", "salt"}));
  LVP_TRY(const std::string function, configuration.text("strategy.pseudonymize.hashFunction"));
  LVP_TRY(std::string salt, configuration.text("strategy.pseudonymize.salt"));
  auto digest = Digest::named(function);
  if (!digest)
    return configuration.wrong("strategy.pseudonymize.hashFunction", digest.error().what);
  Pii out(std::move(*digest), std::move(salt));
  out.anonymous_only_ = configuration.flag("anonymousOnly");
  if (!configuration.parameter("pii").is_array()) return configuration.wrong("pii", "no list");
  for (const json::Value field : configuration.parameter("pii").elements())
    LVP_DO(out.load_field(configuration, field));
  return out;
}

Status Pii::load_field(const Configuration& configuration, const json::Value& field) {
  if (field["json"].is_object()) return load_json(configuration, field["json"]);
  const auto name = field["pojo"]["field"].string();
  if (!name) return configuration.wrong("pii", "an item is neither pojo nor json");
  const auto column = column_named(*name, hashable);
  if (!column)
    return configuration.wrong("pii", fmt::format("the field {} cannot be hashed", *name));
  columns_.push_back(*column);
  return {};
}

Status Pii::load_json(const Configuration& configuration, const json::Value& json) {
  const std::string_view name = json["field"].string().value_or("");
  const auto column = column_named(name, json_columns);
  if (!column)
    return configuration.wrong("pii", fmt::format("the field \"{}\" is no JSON column", name));
  auto schema = SchemaCriterion::parse(json["schemaCriterion"].string().value_or(""));
  if (!schema) return configuration.wrong("pii", schema.error().what);
  auto path = JsonPath::parse(json["jsonPath"].string().value_or(""));
  if (!path) return configuration.wrong("pii", path.error().what);
  json_fields_.push_back({*column, std::move(*schema), std::move(*path)});
  return {};
}

bool Pii::concerns(std::span<const std::string> headers) const {
  constexpr std::string_view anonymous = "sp-anonymous";
  return !anonymous_only_ || std::ranges::any_of(headers, [&](std::string_view header) {
    return equal_ignoring_case(header.substr(0, anonymous.size()), anonymous);
  });
}

void Pii::apply(Draft& draft) const {
  if (!concerns(draft.headers)) return;
  for (const Column column : columns_) {
    std::string& value = draft.event[column];
    if (!value.empty()) value = pseudonym(value);
  }
  if (json_fields_.empty()) return;
  for (const Column column : {Column::contexts, Column::unstruct_event}) {
    std::string& text = draft.event[column];
    if (text.empty()) continue;
    const std::string_view data = *json::raw_member(text, "data");
    std::string changed;
    if (column == Column::unstruct_event) {
      changed = rewritten(column, data);
    } else {
      for (const std::string_view entity : json::raw_elements(data))
        changed += (changed.empty() ? "[" : ",") + rewritten(column, entity);
      changed += ']';
    }
    text = self_describing(*json::raw_member(text, "schema"), changed);
  }
  for (Entity& entity : draft.entities)
    entity.data = rewritten(Column::derived_contexts, entity.uri, entity.data);
}

std::string Pii::key(std::string device, std::span<const std::string> headers) const {
  const bool may_show =
      std::ranges::find(json_fields_, Column::contexts, &JsonField::column) != json_fields_.end();
  return may_show && concerns(headers) ? pseudonym(device) : std::move(device);
}

std::string Pii::pseudonym(std::string_view value) const {
  return digest_.hex(std::string(value) + salt_);
}

// Of a text its hash, of a list the same with the hashes of its texts, anything else as it is.
std::string Pii::pseudonyms(std::string_view text) const {
  if (text.front() == '[') {
    std::string out;
    for (const std::string_view element : json::raw_elements(text)) {
      out += out.empty() ? '[' : ',';
      out += element.front() == '"' ? pseudonyms(element) : std::string(element);
    }
    return out.empty() ? "[]" : out + ']';
  }
  if (text.front() != '"') return std::string(text);
  json::Parser parser;
  const auto value = parser.parse(text);
  LVP_CHECK(value);
  return fmt::format(R"("{}")", pseudonym(value->string().value_or("")));
}

std::string Pii::rewritten(Column column, std::string_view uri, std::string_view data) const {
  std::string out(data);
  const auto key = parse_schema_key(uri);
  if (!key) return out;
  for (const JsonField& field : json_fields_) {
    if (field.column != column || !field.schema.matches(*key)) continue;
    out = field.path.replaced(out, [this](std::string_view value) { return pseudonyms(value); });
  }
  return out;
}

std::string Pii::rewritten(Column column, std::string_view text) const {
  const std::string_view uri = *json::raw_member(text, "schema");
  return self_describing(
      uri, rewritten(column, uri.substr(1, uri.size() - 2), *json::raw_member(text, "data")));
}

}  // namespace lvp::enrich
