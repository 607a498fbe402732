#include "enrich/self_describing_events.h"

#include <fmt/format.h>

#include <algorithm>
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

// "iglu:com.acme/x/jsonschema/1-0-0" with another version.
std::string with_version(std::string_view uri, std::string_view version) {
  return fmt::format("{}{}", uri.substr(0, uri.rfind('/') + 1), version);
}

void add_superseded(const SelfDescribing& object, Findings& findings) {
  std::string entity = fmt::format(
      R"({{"schema":"iglu:com.snowplowanalytics.iglu/validation_info/jsonschema/1-0-0","data":)"
      R"({{"originalSchema":"{}","validatedWith":"{}"}}}})",
      object.uri, object.schema->superseded_by);
  if (std::ranges::find(findings.superseded, entity) == findings.superseded.end())
    findings.superseded.push_back(std::move(entity));
}

// Whether there is the schema and the data obeys it; adds a failure if not. `data` makes
// the data's text, which only failures need.
template <class DataText>
bool is_valid(const SelfDescribing& object, std::string_view source, DataText data,
              const Reporter& by, Findings& findings) {
  if (!object.schema) {
    findings.failures.push_back(
        absent_schema(by, source, object.uri, object.schema.error(), data()));
    return false;
  }
  const auto reports = object.schema->schema->check(object.data);
  if (!reports.empty()) {
    findings.failures.push_back(
        invalid_data(by, source, object.uri, reports, data(), object.schema->superseded_by));
    return false;
  }
  if (!object.schema->superseded_by.empty()) add_superseded(object, findings);
  return true;
}

// Parses an envelope and checks it; what is inside is still unchecked.
std::optional<SelfDescribing> open(json::Document& document, std::string_view text,
                                   const Part& part, iglu::Resolver& resolver, const Reporter& by,
                                   Findings& findings) {
  if (const Status read = document.read(text); !read) {
    findings.failures.push_back(not_json(by, part.source, text, read.error().what));
    return std::nullopt;
  }
  const auto envelope = read_self_describing(document.root(), resolver, by.now);
  if (!envelope) {
    findings.failures.push_back(
        not_self_describing(by, part.source, document.text(), envelope.error()));
    return std::nullopt;
  }
  const auto data = [&] { return data_text(document.text(), *envelope); };
  if (!envelope->uri.starts_with(part.criterion)) {
    findings.failures.push_back(
        wrong_schema(by, part.source, envelope->uri, fmt::format("{}*", part.criterion), data()));
    return std::nullopt;
  }
  if (!is_valid(*envelope, part.source, data, by, findings)) return std::nullopt;
  return *envelope;
}

void append_self_describing(std::string& out, const SelfDescribing& object, std::string_view text) {
  const std::string_view version = object.schema->superseded_by;
  if (object.canonical && version.empty()) {
    out += text;
    return;
  }
  fmt::format_to(std::back_inserter(out), R"({{"schema":"{}","data":{}}})",
                 version.empty() ? std::string(object.uri) : with_version(object.uri, version),
                 data_text(text, object));
}

}  // namespace

std::string_view SelfDescribingReader::read_event(std::string_view text, const Reporter& by,
                                                  EnrichedEvent& event, Findings& findings) {
  const auto envelope = open(event_, text, event_part, resolver_, by, findings);
  if (!envelope) return {};
  const std::string_view inner_text = data_text(event_.text(), *envelope);
  const auto inner = read_self_describing(envelope->data, resolver_, by.now);
  if (!inner) {
    findings.failures.push_back(
        not_self_describing(by, event_part.source, inner_text, inner.error()));
    return {};
  }
  const auto data = [&] { return data_text(inner_text, *inner); };
  if (!is_valid(*inner, event_part.source, data, by, findings)) return {};

  std::string& column = event[Column::unstruct_event];
  column.reserve(event_envelope.size() + inner_text.size() + 1);
  column = event_envelope;
  append_self_describing(column, *inner, inner_text);
  column += '}';
  if (inner->schema->superseded_by.empty()) return inner->uri;
  later_uri_ = with_version(inner->uri, inner->schema->superseded_by);
  return later_uri_;
}

Identifiers SelfDescribingReader::read_entities(std::string_view text, const Reporter& by,
                                                EnrichedEvent& event, Findings& findings) {
  Identifiers ids;
  const auto envelope = open(entities_, text, entities_part, resolver_, by, findings);
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
      findings.failures.push_back(
          not_self_describing(by, entities_part.source, element_text, entity.error()));
      continue;
    }
    const auto data = [&] { return data_text(element_text, *entity); };
    if (!is_valid(*entity, entities_part.source, data, by, findings)) continue;
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
