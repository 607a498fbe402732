#include "enrich/iglu_webhook.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "enrich/self_describing_json.h"
#include "wire/bad_row.h"
#include "wire/json_text.h"
#include "wire/self_describing.h"

namespace lvp::enrich {
namespace {

using Messages = std::vector<std::string>;
using Read = std::expected<RawEvents, Messages>;

constexpr std::string_view event_uri =
    "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0";
constexpr std::string_view form_type = "application/x-www-form-urlencoded";
constexpr std::string_view json_expected =
    "expected one of application/json, application/json; charset=utf-8";
constexpr std::string_view any_expected =
    "expected one of application/json, application/json; charset=utf-8, "
    "application/x-www-form-urlencoded";

// Query parameters that are about the event, beside those that are its data.
constexpr std::array<std::string_view, 5> not_data{"schema", "nuid", "aid", "cv", "p"};
constexpr std::array<std::string_view, 6> passed_on{"nuid", "aid", "cv", "eid", "ttm", "url"};

bool is_one_of(std::string_view name, const auto& names) {
  return std::ranges::find(names, name) != names.end();
}

std::string self_describing(std::string_view uri, std::string_view data) {
  json::Writer out;
  return out.begin_object().key("schema").string(uri).key("data").raw(data).end_object().take();
}

// Each name once, with its last value.
std::string object_of(const std::vector<FormField>& fields, bool empty_is_null) {
  std::map<std::string_view, const FormField*> last;
  for (const FormField& field : fields) last[field.name] = &field;
  json::Writer out;
  out.begin_object();
  for (const FormField& field : fields) {
    const auto found = last.find(field.name);
    if (found == last.end()) continue;
    const auto& value = found->second->value;
    out.key(field.name);
    value && !(value->empty() && empty_is_null) ? out.string(*value) : out.null();
    last.erase(found);
  }
  return out.end_object().take();
}

class Webhook {
 public:
  Webhook(const TrackerRequest& request, iglu::Resolver& resolver, json::Parser& parser,
          Timestamp now)
      : request_(request),
        payload_(request.payload),
        resolver_(resolver),
        parser_(parser),
        now_(now) {}

  Read run() {
    const auto schema = value_of("schema");
    if (!payload_.body && !schema) {
      return refuse({bad_row::input_data("schema", std::nullopt, "empty `schema` field"),
                     bad_row::input_data("body", std::nullopt, "empty body")});
    }
    if (payload_.body && !payload_.content_type) return refuse_content_type(any_expected);
    if (!schema) return read_self_describing_body();
    if (const auto key = parse_schema_key(*schema); !key)
      return refuse({bad_row::input_data("schema", *schema, code_text(key.error()))});
    if (!payload_.body) return read_query(*schema);
    if (is_json()) return read_json(*schema);
    if (payload_.content_type == form_type) return read_form(*schema);
    return refuse_content_type(any_expected);
  }

 private:
  static Read refuse(Messages messages) { return std::unexpected(std::move(messages)); }
  Read refuse_content_type(std::string_view expectation) const {
    return refuse({bad_row::input_data("contentType", payload_.content_type, expectation)});
  }
  Read refuse_body(std::string_view expectation) const {
    return refuse({bad_row::input_data("body", payload_.body, expectation)});
  }

  bool is_json() const {
    return payload_.content_type == "application/json" ||
           payload_.content_type == "application/json; charset=utf-8";
  }

  std::optional<std::string_view> value_of(std::string_view name) const {
    std::optional<std::string_view> value;
    for (const FormField& field : request_.querystring) {
      if (field.name == name) value = field.value;
    }
    return value;
  }

  // Adds an event with this data, JSON.
  void add(std::string_view schema, std::string_view data, std::string_view platform) {
    raw_.made.push_back(self_describing(event_uri, self_describing(schema, data)));
    Parameters& event = raw_.events.emplace_back(Parameters{{"tv", "com.snowplowanalytics.iglu-v1"},
                                                            {"e", "ue"},
                                                            {"p", value_of("p").value_or(platform)},
                                                            {"ue_pr", raw_.made.back()}});
    for (const FormField& field : request_.querystring) {
      if (is_one_of(field.name, passed_on)) event.push_back({field.name, field.value});
    }
  }

  Read read_query(std::string_view schema) {
    std::vector<FormField> fields = request_.querystring;
    std::erase_if(fields, [](const FormField& field) { return is_one_of(field.name, not_data); });
    add(schema, object_of(fields, /*empty_is_null=*/true), "app");
    return std::move(raw_);
  }

  Read read_form(std::string_view schema) {
    add(schema, object_of(parse_form(*payload_.body), /*empty_is_null=*/false), "srv");
    return std::move(raw_);
  }

  // The body parsed, or the message why it cannot be.
  std::expected<json::Value, std::string> parse_body() {
    auto root = parser_.parse(*payload_.body);
    if (root) return *root;
    return std::unexpected(bad_row::not_json("body", *payload_.body,
                                             fmt::format("invalid json: {}", root.error().what)));
  }

  Read read_json(std::string_view schema) {
    const auto root = parse_body();
    if (!root) return refuse({root.error()});
    const std::string text = json::compact(*payload_.body);
    if (!root->is_array()) {
      if (root->size() == 0) return refuse_body("has no key-value pairs");
      add(schema, text, "app");
      return std::move(raw_);
    }
    const auto items = json::raw_elements(text);
    if (items.empty()) return refuse_body("empty array of events");
    if (items.size() > events_max)
      return refuse({bad_row::input_data("body", std::nullopt,
                                         fmt::format("at most {} events in a body", events_max))});
    for (const std::string_view item : items) add(schema, item, "app");
    return std::move(raw_);
  }

  Read read_self_describing_body() {
    if (!is_json()) return refuse_content_type(json_expected);
    const auto root = parse_body();
    if (!root) return refuse({root.error()});
    const std::string text = json::compact(*payload_.body);
    const auto event = read_self_describing(*root, resolver_, now_);
    if (!event) return refuse({bad_row::not_iglu(text, event.error())});
    add(event->uri, data_text(text, *event), "app");
    return std::move(raw_);
  }

  const TrackerRequest& request_;
  const CollectorPayload& payload_;
  iglu::Resolver& resolver_;
  json::Parser& parser_;
  const Timestamp now_;
  RawEvents raw_;
};

}  // namespace

Read read_iglu_webhook(const TrackerRequest& request, iglu::Resolver& resolver,
                       json::Parser& parser, Timestamp now) {
  return Webhook(request, resolver, parser, now).run();
}

}  // namespace lvp::enrich
