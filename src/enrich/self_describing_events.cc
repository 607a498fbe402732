#include "enrich/self_describing_events.h"

#include <fmt/format.h>

#include <optional>

namespace lvp::enrich {
namespace {

constexpr std::string_view event_envelope =
    R"({"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","data":)";
constexpr std::string_view entities_envelope =
    R"({"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1","data":)";

// What differs between the two envelopes.
struct Part {
  std::string_view source;
  std::string_view criterion;  // without the final '*'
};
constexpr Part event_part{"unstruct",
                          "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-"};
constexpr Part entities_part{"contexts",
                             "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-"};

struct EntityId {
  std::string_view schema;  // any version
  std::string_view member;
  std::string_view Identifiers::* id;
};
constexpr EntityId entity_ids[] = {
    {"iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/", "userId",
     &Identifiers::client_user_id},
    {"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/", "id", &Identifiers::page_view_id},
    {"iglu:com.snowplowanalytics.snowplow.media/session/jsonschema/", "mediaSessionId",
     &Identifiers::play_id},
};

void collect_id(const SelfDescribing& entity, Identifiers& ids) {
  for (const EntityId& row : entity_ids) {
    if (entity.uri.starts_with(row.schema) && (ids.*row.id).empty())
      ids.*row.id = entity.data[row.member].string().value_or("");
  }
}

// Whether there is the schema and the data obeys it; adds a failure if not. `data` makes
// the data's text, which only failures need.
template <class DataText>
bool is_valid(const SelfDescribing& object, std::string_view source, DataText data,
              const Reporter& by, std::vector<Failure>& failures) {
  if (!object.schema) {
    failures.push_back(absent_schema(by, source, object.uri, object.schema.error(), data()));
    return false;
  }
  const auto reports = object.schema->schema->check(object.data);
  if (reports.empty()) return true;
  failures.push_back(invalid_data(by, source, object.uri, reports, data()));
  return false;
}

// Parses an envelope and checks it; what is inside is still unchecked.
std::optional<SelfDescribing> open(json::Document& document, std::string_view text,
                                   const Part& part, iglu::Resolver& resolver, const Reporter& by,
                                   std::vector<Failure>& failures) {
  if (const Status read = document.read(text); !read) {
    failures.push_back(not_json(by, part.source, text, read.error().what));
    return std::nullopt;
  }
  const auto envelope = read_self_describing(document.root(), resolver, by.now);
  if (!envelope) {
    failures.push_back(not_self_describing(by, part.source, document.text(), envelope.error()));
    return std::nullopt;
  }
  const auto data = [&] { return data_text(document.text(), *envelope); };
  if (!envelope->uri.starts_with(part.criterion)) {
    failures.push_back(
        wrong_schema(by, part.source, envelope->uri, fmt::format("{}*", part.criterion), data()));
    return std::nullopt;
  }
  if (!is_valid(*envelope, part.source, data, by, failures)) return std::nullopt;
  return *envelope;
}

void append_self_describing(std::string& out, const SelfDescribing& object, std::string_view text) {
  if (object.canonical) {
    out += text;
    return;
  }
  fmt::format_to(std::back_inserter(out), R"({{"schema":"{}","data":{}}})", object.uri,
                 data_text(text, object));
}

}  // namespace

std::string_view SelfDescribingReader::read_event(std::string_view text, const Reporter& by,
                                                  EnrichedEvent& event,
                                                  std::vector<Failure>& failures) {
  const auto envelope = open(event_, text, event_part, resolver_, by, failures);
  if (!envelope) return {};
  const std::string_view inner_text = data_text(event_.text(), *envelope);
  const auto inner = read_self_describing(envelope->data, resolver_, by.now);
  if (!inner) {
    failures.push_back(not_self_describing(by, event_part.source, inner_text, inner.error()));
    return {};
  }
  const auto data = [&] { return data_text(inner_text, *inner); };
  if (!is_valid(*inner, event_part.source, data, by, failures)) return {};

  std::string& column = event[Column::unstruct_event];
  column.reserve(event_envelope.size() + inner_text.size() + 1);
  column = event_envelope;
  append_self_describing(column, *inner, inner_text);
  column += '}';
  return inner->uri;
}

Identifiers SelfDescribingReader::read_entities(std::string_view text, const Reporter& by,
                                                EnrichedEvent& event,
                                                std::vector<Failure>& failures) {
  Identifiers ids;
  const auto envelope = open(entities_, text, entities_part, resolver_, by, failures);
  if (!envelope) return ids;
  const std::string_view list_text = data_text(entities_.text(), *envelope);
  const auto texts = entities_.elements(list_text);

  std::string& column = event[Column::contexts];
  column.reserve(entities_envelope.size() + list_text.size() + 1);
  std::size_t at = 0;
  for (const json::Value element : envelope->data.elements()) {
    const std::string_view element_text = texts[at++];
    const auto entity = read_self_describing(element, resolver_, by.now);
    if (!entity) {
      failures.push_back(
          not_self_describing(by, entities_part.source, element_text, entity.error()));
      continue;
    }
    const auto data = [&] { return data_text(element_text, *entity); };
    if (!is_valid(*entity, entities_part.source, data, by, failures)) continue;
    collect_id(*entity, ids);
    if (column.empty()) {
      column = entities_envelope;
      column += '[';
    } else {
      column += ',';
    }
    append_self_describing(column, *entity, element_text);
  }
  if (!column.empty()) column += "]}";
  return ids;
}

}  // namespace lvp::enrich
