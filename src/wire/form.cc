#include "wire/form.h"

#include <algorithm>

#include "base/text.h"
#include "wire/byte_tests.h"

namespace lvp {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_escape(std::string_view text, std::size_t at) {
  return at + 2 < text.size() && hex_value(text[at + 1]) >= 0 && hex_value(text[at + 2]) >= 0;
}

std::string decode_part(std::string_view text) {
  const bool is_plain = !any_byte(text, [](Bytes bytes) {
    return byte_tests::not_ascii(bytes) | (bytes == '%') | (bytes == '+');
  });
  if (is_plain) return std::string(text);
  return repaired_utf8(percent_decode(text, /*plus_is_space=*/true));
}

}  // namespace

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && is_escape(text, i)) {
      out += static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return out;
}

std::vector<FormField> parse_form(std::string_view query) {
  query = query.substr(0, query.find('#'));
  std::vector<FormField> fields;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find_first_of("&;"), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::size_t equals = pair.find('=');
    FormField field{decode_part(pair.substr(0, equals)), std::nullopt};
    if (field.name.empty()) continue;
    if (equals != std::string_view::npos) field.value = decode_part(pair.substr(equals + 1));
    fields.push_back(std::move(field));
  }
  return fields;
}

bool is_java_uri_query(std::string_view query) {
  constexpr std::string_view refused = " \"<>{}|\\^`";
  for (std::size_t i = 0; i < query.size(); ++i) {
    const auto c = static_cast<unsigned char>(query[i]);
    if (c < 0x20 || c == 0x7f || refused.find(query[i]) != refused.npos) return false;
    if (c == '%' && !is_escape(query, i)) return false;
  }
  return true;
}

}  // namespace lvp
