#include "iglu/reference.h"

#include <string>

#include "base/text.h"

namespace lvp::iglu {
namespace {

using json::Value;

std::size_t hex_digit(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  return digits.find(static_cast<char>(c | 0x20));
}

std::string unescaped(std::string_view step) {
  std::string result;
  for (std::size_t i = 0; i < step.size(); ++i) {
    const bool is_escape = step[i] == '%' && i + 2 < step.size() && hex_digit(step[i + 1]) < 16 &&
                           hex_digit(step[i + 2]) < 16;
    result += is_escape ? static_cast<char>(hex_digit(step[i + 1]) * 16 + hex_digit(step[i + 2]))
                        : step[i];
    if (is_escape) i += 2;
  }
  for (std::size_t at = result.find('~'); at != result.npos; at = result.find('~', at + 1)) {
    const char code = at + 1 < result.size() ? result[at + 1] : ' ';
    if (code == '0' || code == '1') result.replace(at, 2, code == '0' ? "~" : "/");
  }
  return result;
}

Value part(const Value& value, const std::string& step) {
  if (!value.is_array()) return value[step];
  const auto index = parse_int64(step);
  std::int64_t at = 0;
  for (const Value element : value.elements())
    if (index == at++) return element;
  return {};
}

Value with_id(const Value& value, std::string_view id) {
  if (value["id"].string() == id) return value;
  for (const json::Member member : value.members())
    if (const Value found = with_id(member.value, id); found.exists()) return found;
  for (const Value element : value.elements())
    if (const Value found = with_id(element, id); found.exists()) return found;
  return {};
}

}  // namespace

Value find_reference(const Value& document, std::string_view reference) {
  if (reference == "#") return document;
  if (!reference.starts_with("#/")) return with_id(document, reference);
  Value target = document;
  for (const std::string_view step : split(reference.substr(2), '/'))
    target = part(target, unescaped(step));
  return target;
}

}  // namespace lvp::iglu
