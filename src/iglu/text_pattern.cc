#include "iglu/text_pattern.h"

#include "base/uuid.h"
#include "wire/byte_tests.h"

namespace lvp::iglu {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// What stands neither in a vendor, name or format nor between them.
constexpr auto not_in_names = [](Bytes bytes) -> Hits {
  const Bytes lower = bytes | 0x20;
  return ~(((lower >= 'a') & (lower <= 'z')) | ((bytes >= '-') & (bytes <= '9')) | (bytes == '_'));
};

// [0-9]+-[0-9]+-[0-9]+
bool is_version(std::string_view text) {
  int dashes = 0;
  bool digit_before = false;
  for (const char c : text) {
    const bool is_dash = c == '-';
    if (is_dash ? !digit_before : !is_digit(c)) return false;
    dashes += is_dash ? 1 : 0;
    digit_before = !is_dash;
  }
  return dashes == 2 && digit_before;
}

bool is_schema_key(std::string_view text) {
  if (!text.starts_with("iglu:")) return false;
  text.remove_prefix(5);
  const std::size_t vendor_end = text.find('/');
  if (vendor_end == text.npos || vendor_end == 0) return false;
  const std::size_t name_end = text.find('/', vendor_end + 1);
  if (name_end == text.npos || name_end == vendor_end + 1) return false;
  const std::size_t format_end = text.find('/', name_end + 1);
  if (format_end == text.npos || format_end == name_end + 1) return false;
  const std::string_view names = text.substr(0, format_end);
  return !any_byte(names, not_in_names) && names.find('.', vendor_end) == names.npos &&
         is_version(text.substr(format_end + 1));
}

bool is_uuid(std::string_view text) {
  return parse_uuid(text).has_value();
}

struct ByHand {
  std::string_view expression;
  bool (*test)(std::string_view);
};
constexpr ByHand by_hand[] = {
    {"^iglu:[a-zA-Z0-9-_.]+/[a-zA-Z0-9-_]+/[a-zA-Z0-9-_]+/[0-9]+-[0-9]+-[0-9]+$", is_schema_key},
    {"^[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}$", is_uuid},
};

}  // namespace

Result<TextPattern> TextPattern::compile(std::string_view expression) {
  TextPattern result;
  result.expression_ = expression;
  for (const ByHand& row : by_hand)
    if (row.expression == expression) result.by_hand_ = row.test;
  if (result.by_hand_ != nullptr) return result;
  LVP_TRY(result.pattern_, Pattern::compile(expression));
  return result;
}

}  // namespace lvp::iglu
