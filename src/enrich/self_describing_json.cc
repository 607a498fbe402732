#include "enrich/self_describing_json.h"

#include <optional>

#include "wire/json_text.h"
#include "wire/self_describing.h"

namespace lvp::enrich {

std::expected<SelfDescribing, std::string_view> read_self_describing(const json::Value& value,
                                                                     iglu::Resolver& resolver,
                                                                     Timestamp now) {
  std::optional<std::string_view> uri;
  json::Value data;
  std::size_t place = 0;
  bool canonical = true;
  for (const json::Member member : value.members()) {
    const bool is_schema = member.key == "schema";
    const bool is_data = member.key == "data";
    if (is_schema) uri = member.value.string();
    if (is_data) data = member.value;
    canonical = canonical && (place == 0 ? is_schema : place == 1 && is_data);
    ++place;
  }
  if (!uri || !data.exists()) return std::unexpected("INVALID_DATA_PAYLOAD");
  auto schema = resolver.find(*uri, now);
  if (!schema) {  // what the resolver has is well-formed
    if (const auto key = parse_schema_key(*uri); !key)
      return std::unexpected(code_text(key.error()));
  }
  return SelfDescribing{*uri, std::move(schema), data, canonical};
}

std::string_view data_text(std::string_view object_text, const SelfDescribing& object) {
  if (!object.canonical) return json::raw_member(object_text, "data").value_or("null");
  // A schema key needs no escapes, so the place of the data is known.
  const std::size_t begin = std::string_view(R"({"schema":"","data":)").size() + object.uri.size();
  return object_text.substr(begin, object_text.size() - begin - 1);
}

}  // namespace lvp::enrich
