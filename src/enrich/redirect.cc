#include "enrich/redirect.h"

#include <fmt/format.h>

#include <algorithm>

#include "enrich/conversions.h"
#include "wire/bad_row.h"
#include "wire/base64.h"
#include "wire/json_text.h"

namespace lvp::enrich {
namespace {

using Messages = std::vector<std::string>;

constexpr std::string_view redirect_uri =
    "iglu:com.snowplowanalytics.snowplow/uri_redirect/jsonschema/1-0-0";
constexpr std::string_view event_uri =
    "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0";
constexpr std::string_view entities_uri =
    "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1";

// The value that counts, or nothing if the parameter is missing or has none.
std::optional<std::string_view> value_of(const Parameters& parameters, std::string_view name) {
  std::optional<std::string_view> value;
  for (const Parameter& parameter : parameters) {
    if (parameter.name == name) value = parameter.value;
  }
  return value;
}

std::string self_describing(std::string_view uri, std::string_view data) {
  json::Writer out;
  return out.begin_object().key("schema").string(uri).key("data").raw(data).end_object().take();
}

std::string redirect_entity(std::string_view target) {
  json::Writer data;
  data.begin_object().key("uri").string(target).end_object();
  return self_describing(redirect_uri, data.text());
}

// k=v&k=v, as the original shows what it got.
std::string rendering(const Parameters& parameters) {
  std::string text;
  for (const Parameter& parameter : parameters) {
    if (!text.empty()) text += '&';
    text += fmt::format("{}={}", parameter.name, parameter.value.value_or("null"));
  }
  return text;
}

// The entities in `text` with `entity` before them; an error is json::Parser's.
Result<std::string> with_entity_first(std::string_view text, std::string_view entity) {
  json::Parser parser;
  LVP_TRY(const json::Value root, parser.parse(text));
  if (!root["data"].is_array()) return invalid("no array of entities");
  const std::string compact = json::compact(text);
  std::string data = fmt::format("[{}", entity);
  for (const std::string_view element :
       json::raw_elements(json::raw_member(compact, "data").value_or("[]"))) {
    data += fmt::format(",{}", element);
  }
  return self_describing(root["schema"].string().value_or(""), data + "]");
}

class Rewriter {
 public:
  explicit Rewriter(const TrackerRequest& request) : parameters_(query_parameters(request)) {}

  std::expected<RawEvents, Messages> run() {
    const auto target = value_of(parameters_, "u");
    if (!target) {
      return std::unexpected(
          Messages{bad_row::input_data("querystring", rendering(parameters_),
                                       "missing `u` parameter: not a valid URI redirect")});
    }
    const std::string entity = redirect_entity(*target);
    if (!value_of(parameters_, "e")) {
      set("e", "ue");
      set("ue_pr", self_describing(event_uri, entity));
    } else if (auto problem = add_entity(entity); !problem.empty()) {
      return std::unexpected(Messages{std::move(problem)});
    }
    std::erase_if(parameters_, [](const Parameter& p) { return p.name == "u"; });
    set("tv", "r-tp2");
    if (!value_of(parameters_, "p")) set("p", "web");
    raw_.events.push_back(std::move(parameters_));
    return std::move(raw_);
  }

 private:
  void set(std::string_view name, std::string value) {
    raw_.made.push_back(std::move(value));
    parameters_.push_back({name, raw_.made.back()});
  }

  // The message if the event's own entities cannot be read, else "".
  std::string add_entity(std::string_view entity) {
    const auto plain = value_of(parameters_, "co");
    const auto base64 = value_of(parameters_, "cx");
    if (base64) {
      std::string text = base64_decode(*base64);
      make_utf8(text);
      const auto entities = with_entity_first(text, entity);
      if (!entities) return unreadable(text, entities.error());
      set("cx", base64_encode(*entities));
    } else if (plain && !plain->empty()) {
      const auto entities = with_entity_first(*plain, entity);
      if (!entities) return unreadable(*plain, entities.error());
      set("co", *entities);
    } else {
      set("co", self_describing(entities_uri, fmt::format("[{}]", entity)));
    }
    return "";
  }

  static std::string unreadable(std::string_view text, const Error& error) {
    return bad_row::not_json("co|cx", text, fmt::format("invalid json: {}", error.what));
  }

  Parameters parameters_;
  RawEvents raw_;
};

}  // namespace

std::expected<RawEvents, Messages> read_redirect(const TrackerRequest& request) {
  if (request.querystring.empty()) {
    return std::unexpected(Messages{bad_row::input_data(
        "querystring", std::nullopt, "empty querystring: not a valid URI redirect")});
  }
  return Rewriter(request).run();
}

}  // namespace lvp::enrich
