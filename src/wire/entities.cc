#include "wire/entities.h"

#include <fmt/format.h>

#include <array>

#include "wire/json_text.h"

namespace lvp {
namespace {

struct Kind {
  std::string_view schema;  // up to the model
  std::string_view Entities::* entity;
};

constexpr std::array<Kind, 9> kinds{{
    {"iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-", &Entities::player_2},
    {"iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/1-", &Entities::player_1},
    {"iglu:com.snowplowanalytics.snowplow.media/session/jsonschema/1-", &Entities::session},
    {"iglu:com.snowplowanalytics.snowplow.media/ad/jsonschema/1-", &Entities::ad},
    {"iglu:com.snowplowanalytics.snowplow.media/ad_break/jsonschema/1-", &Entities::ad_break},
    {"iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-", &Entities::client_session},
    {"iglu:com.snowplowanalytics.snowplow/identity/jsonschema/1-", &Entities::identity},
    {"iglu:com.snowplowanalytics.snowplow/identity/jsonschema/2-", &Entities::identity},
    {"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-", &Entities::web_page},
}};

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
    for (const Kind& kind : kinds) {
      if (!schema->substr(1).starts_with(kind.schema)) continue;
      if (*object == "null") continue;
      if (!object->starts_with('{'))
        return invalid(fmt::format("{}: data of {} is not an object", name, *schema));
      std::string_view& entity = entities.*kind.entity;
      if (entity.empty()) entity = *object;
    }
  }
  return {};
}

std::string EntityReader::string_of(std::string_view object, std::string_view property) {
  if (object.empty()) return {};
  const auto root = parser_.parse(object);
  return std::string(root ? (*root)[property].string().value_or("") : "");
}

Identifiers EntityReader::ids(const Entities& entities, std::string_view user_id,
                              std::string_view domain_userid, std::string_view network_userid) {
  snowplow_id_ = string_of(entities.identity, "snowplowId");
  if (snowplow_id_.empty()) snowplow_id_ = string_of(entities.identity, "snowplow_id");
  client_user_id_ = string_of(entities.client_session, "userId");
  page_view_id_ = string_of(entities.web_page, "id");
  play_id_ = string_of(entities.session, "mediaSessionId");
  return {.snowplow_id = snowplow_id_,
          .user_id = user_id,
          .client_user_id = client_user_id_,
          .domain_userid = domain_userid,
          .network_userid = network_userid,
          .page_view_id = page_view_id_,
          .play_id = play_id_};
}

}  // namespace lvp
