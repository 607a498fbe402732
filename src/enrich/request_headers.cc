#include "enrich/request_headers.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "wire/json.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view cookie_uri = "iglu:org.ietf/http_cookie/jsonschema/1-0-0";
constexpr std::string_view header_uri = "iglu:org.ietf/http_header/jsonschema/1-0-0";

struct NameValue {
  std::string_view name;
  std::optional<std::string_view> value;
};

// What stands before and after the first separator, without spaces around.
NameValue split_once(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == text.npos) return {trim(text), std::nullopt};
  return {trim(text.substr(0, at)), trim(text.substr(at + 1))};
}

std::string_view unquoted(std::string_view text) {
  const bool is_quoted = text.size() >= 2 && text.starts_with('"') && text.ends_with('"');
  return is_quoted ? text.substr(1, text.size() - 2) : text;
}

std::string data(std::string_view name, std::optional<std::string_view> value) {
  json::Writer out;
  out.begin_object().key("name").string(name).key("value");
  value ? out.string(*value) : out.null();
  return out.end_object().take();
}

}  // namespace

Result<CookieExtractor> CookieExtractor::load(const Configuration& configuration) {
  LVP_DO(configuration.only("", {"cookies"}));
  LVP_TRY(auto names, configuration.texts("cookies"));
  return CookieExtractor(std::move(names));
}

std::vector<Entity> CookieExtractor::entities(std::span<const std::string> headers) const {
  std::vector<Entity> out;
  for (const std::string_view line : headers) {
    const NameValue header = split_once(line, ':');
    if (!header.value || !equal_ignoring_case(header.name, "cookie")) continue;
    for (const std::string_view pair : split(*header.value, ';')) {
      if (trim(pair).empty()) continue;
      auto [name, value] = split_once(pair, '=');
      if (std::ranges::find(names_, name) == names_.end()) continue;
      if (value) value = unquoted(*value);
      out.push_back({std::string(cookie_uri), data(name, value)});
    }
  }
  return out;
}

Result<HeaderExtractor> HeaderExtractor::load(const Configuration& configuration) {
  LVP_DO(configuration.only("", {"headersPattern"}));
  LVP_TRY(const std::string text, configuration.text("headersPattern"));
  auto pattern = Pattern::compile(text);
  if (!pattern) return configuration.wrong("headersPattern", pattern.error().what);
  return HeaderExtractor(std::move(*pattern));
}

std::vector<Entity> HeaderExtractor::entities(std::span<const std::string> headers) const {
  std::vector<Entity> out;
  for (const std::string_view line : headers) {
    const auto [name, value] = split_once(line, ':');
    if (value && name_.matches(name)) out.push_back({std::string(header_uri), data(name, value)});
  }
  return out;
}

}  // namespace lvp::enrich
