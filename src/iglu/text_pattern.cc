#include "iglu/text_pattern.h"

#include <array>

#include "base/uuid.h"

namespace lvp::iglu {
namespace {

// What a byte may be part of.
enum : unsigned char { in_number = 1, in_name = 2, in_vendor = 4 };

constexpr auto classes = [] {
  std::array<unsigned char, 256> table{};
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = in_number | in_name | in_vendor;
  for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = in_name | in_vendor;
  table['-'] = table['_'] = in_name | in_vendor;
  table['.'] = in_vendor;
  return table;
}();

// Takes one or more bytes of the class and then `end`.
bool take(std::string_view& text, unsigned char of_class, char end) {
  std::size_t length = 0;
  while (length < text.size() && (classes[static_cast<unsigned char>(text[length])] & of_class))
    ++length;
  if (length == 0 || length == text.size() || text[length] != end) return false;
  text.remove_prefix(length + 1);
  return true;
}

bool is_schema_key(std::string_view text) {
  if (!text.starts_with("iglu:")) return false;
  text.remove_prefix(5);
  if (!take(text, in_vendor, '/') || !take(text, in_name, '/') || !take(text, in_name, '/') ||
      !take(text, in_number, '-') || !take(text, in_number, '-') || text.empty()) {
    return false;
  }
  for (const char c : text)
    if ((classes[static_cast<unsigned char>(c)] & in_number) == 0) return false;
  return true;
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
