#include "wire/entities.h"

#include <fmt/format.h>

#include <array>

#include "wire/json_text.h"
#include "wire/plain_json.h"

namespace lvp {
namespace {

struct Property {
  std::string_view name;
  std::string_view Entities::* text;
};

constexpr std::string_view vendor = "iglu:com.snowplowanalytics.snowplow";

struct Kind {
  std::string_view schema;  // from behind the vendor's common part up to the model
  std::string_view Entities::* entity;
  std::array<Property, 3> properties;
};

constexpr Property none{{}, nullptr};
constexpr Property snowplow_id{"snowplowId", &Entities::snowplow_id};
constexpr Property snowplow_id_2{"snowplow_id", &Entities::snowplow_id_2};

constexpr std::array<Kind, 9> kinds{{
    {"/media_player/jsonschema/2-",
     &Entities::player_2,
     {{{"currentTime", &Entities::position_2}, none, none}}},
    {"/media_player/jsonschema/1-",
     &Entities::player_1,
     {{{"currentTime", &Entities::position_1}, none, none}}},
    {".media/session/jsonschema/1-",
     &Entities::session,
     {{{"mediaSessionId", &Entities::play_id},
       {"adsClicked", &Entities::ads_clicked},
       {"adsSkipped", &Entities::ads_skipped}}}},
    {".media/ad/jsonschema/1-", &Entities::ad, {{{"adId", &Entities::ad_id}, none, none}}},
    {".media/ad_break/jsonschema/1-", &Entities::ad_break, {{none, none, none}}},
    {"/client_session/jsonschema/1-",
     &Entities::client_session,
     {{{"userId", &Entities::client_user_id}, none, none}}},
    {"/identity/jsonschema/1-", &Entities::identity, {{snowplow_id, snowplow_id_2, none}}},
    {"/identity/jsonschema/2-", &Entities::identity, {{snowplow_id, snowplow_id_2, none}}},
    {"/web_page/jsonschema/1-",
     &Entities::web_page,
     {{{"id", &Entities::page_view_id}, none, none}}},
}};

const Kind* kind_of(std::string_view schema) {
  if (!schema.starts_with(vendor)) return nullptr;
  schema.remove_prefix(vendor.size());
  for (const Kind& kind : kinds) {
    if (schema.starts_with(kind.schema)) return &kind;
  }
  return nullptr;
}

// A column as trackers and enrichment write it; false if it is of another form, good or bad. The
// first entity of a kind counts, and one that is already there.
bool read_plain(std::string_view column, Entities& entities) {
  json::PlainReader reader(column);
  if (!reader.take(R"({"schema":)") || !reader.string() || !reader.take(R"(,"data":[)"))
    return false;
  if (!reader.take("]")) {
    do {
      if (!reader.take(R"({"schema":)")) return false;
      const auto schema = reader.string();
      if (!schema || !reader.take(R"(,"data":)")) return false;
      const Kind* const kind = kind_of(*schema);
      const bool is_first = kind != nullptr && (entities.*kind->entity).empty();
      const auto data = is_first ? reader.object([&](std::string_view name, std::string_view text) {
        for (const Property& property : kind->properties) {
          if (property.text != nullptr && property.name == name) entities.*property.text = text;
        }
      })
                                 : reader.value();
      if (!data || !reader.take("}")) return false;
      if (is_first) entities.*kind->entity = *data;
      if (kind != nullptr && !data->starts_with('{')) return false;
    } while (reader.take(","));
    if (!reader.take("]")) return false;
  }
  return reader.take("}") && reader.is_done();
}

}  // namespace

Result<Entities> EntityReader::read(std::string_view contexts, std::string_view derived_contexts) {
  Entities entities;
  LVP_DO(read_column("derived_contexts", derived_contexts, derived_contexts_, entities));
  LVP_DO(read_column("contexts", contexts, contexts_, entities));
  return entities;
}

Status EntityReader::read_column(std::string_view name, std::string_view json,
                                 json::Document& column, Entities& entities) {
  if (json.empty()) return {};
  if (Entities plain = entities; read_plain(json, plain)) {
    entities = plain;
    return {};
  }
  if (const Status read = column.read(json); !read)
    return invalid(fmt::format("{}: {}", name, read.error().what));
  const auto data = json::raw_member(column.text(), "data");
  if (!data || !data->starts_with('['))
    return invalid(fmt::format("{}: not a self-describing array", name));
  for (const std::string_view element : column.elements(*data)) {
    const auto schema = json::raw_member(element, "schema");
    const auto object = json::raw_member(element, "data");
    if (!schema || !schema->starts_with('"') || !object)
      return invalid(fmt::format("{}: an entity is not self-describing", name));
    const Kind* const kind = kind_of(schema->substr(1));
    if (kind == nullptr || *object == "null") continue;
    if (!object->starts_with('{'))
      return invalid(fmt::format("{}: data of {} is not an object", name, *schema));
    if (!(entities.*kind->entity).empty()) continue;
    entities.*kind->entity = *object;
    for (const Property& property : kind->properties) {
      if (property.text != nullptr)
        entities.*property.text = json::raw_member(*object, property.name).value_or("");
    }
  }
  return {};
}

std::string_view EntityReader::text_of(std::string_view json, std::string& unescaped) {
  if (!json.starts_with('"')) return {};
  if (json.find('\\') == json.npos) return json.substr(1, json.size() - 2);
  const auto root = parser_.parse(json);
  unescaped = root ? root->string().value_or("") : "";
  return unescaped;
}

Identifiers EntityReader::ids(const Entities& entities, std::string_view user_id,
                              std::string_view domain_userid, std::string_view network_userid) {
  std::string_view snowplow = text_of(entities.snowplow_id, snowplow_id_);
  if (snowplow.empty()) snowplow = text_of(entities.snowplow_id_2, snowplow_id_);
  return {.snowplow_id = snowplow,
          .user_id = user_id,
          .client_user_id = text_of(entities.client_user_id, client_user_id_),
          .domain_userid = domain_userid,
          .network_userid = network_userid,
          .page_view_id = text_of(entities.page_view_id, page_view_id_),
          .play_id = text_of(entities.play_id, play_id_)};
}

}  // namespace lvp
