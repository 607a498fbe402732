#include "wire/self_describing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace lvp {
namespace {

constexpr std::size_t part_length_max = 128;

bool made_of(std::string_view text, std::string_view extra) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           extra.find(c) != extra.npos;
  });
}

bool parse_number(std::string_view text, int& number) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number >= 0;
}

}  // namespace

std::string SchemaKey::version() const {
  return fmt::format("{}-{}-{}", model, revision, addition);
}
std::string SchemaKey::path() const {
  return fmt::format("{}/{}/{}/{}", vendor, name, format, version());
}
std::string SchemaKey::uri() const {
  return "iglu:" + path();
}

std::expected<SchemaKey, SchemaKeyError> parse_schema_key(std::string_view uri) {
  constexpr auto not_a_uri = std::unexpected(SchemaKeyError::invalid_igluuri);
  if (!uri.starts_with("iglu:")) return not_a_uri;
  const auto parts = split(uri.substr(5), '/');
  if (parts.size() != 4 || !made_of(parts[0], "_.-") || !made_of(parts[1], "_-") ||
      !made_of(parts[2], "_-") || !made_of(parts[3], "-") || parts[0].size() > part_length_max ||
      parts[1].size() > part_length_max) {
    return not_a_uri;
  }
  SchemaKey key{std::string(parts[0]), std::string(parts[1]), std::string(parts[2])};
  const auto numbers = split(parts[3], '-');
  if (numbers.size() != 3 || !parse_number(numbers[0], key.model) ||
      !parse_number(numbers[1], key.revision) || !parse_number(numbers[2], key.addition) ||
      key.model < 1) {
    return std::unexpected(SchemaKeyError::invalid_schemaver);
  }
  return key;
}

std::string_view code_text(SchemaKeyError error) {
  switch (error) {
    case SchemaKeyError::invalid_igluuri:
      return "INVALID_IGLUURI";
    case SchemaKeyError::invalid_schemaver:
      return "INVALID_SCHEMAVER";
  }
  return "";
}

}  // namespace lvp
