#include "enrich/ip_address.h"

#include <algorithm>

#include "base/text.h"

namespace lvp::enrich {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// How many of the first characters, at most `most`, satisfy `is`.
template <class Is>
std::size_t run_length(std::string_view text, std::size_t most, Is is) {
  const std::string_view head = text.substr(0, most);
  return static_cast<std::size_t>(std::ranges::find_if_not(head, is) - head.begin());
}

// d.d.d.d of one to three digits each, or nothing.
std::string_view dotted_address(std::string_view text) {
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (at >= text.size() || text[at] != '.') return {};
      ++at;
    }
    const std::size_t digits = run_length(text.substr(at), 3, is_digit);
    if (digits == 0) return {};
    at += digits;
  }
  return text.substr(0, at);
}

// Up to fifteen tokens, each a colon, a dot or a whole word of one to four hexadecimal digits.
std::string_view colon_address(std::string_view text) {
  constexpr int tokens_max = 15;
  std::size_t at = 0;
  for (int token = 0; token < tokens_max && at < text.size(); ++token) {
    if (text[at] == ':' || text[at] == '.') {
      ++at;
      continue;
    }
    const std::string_view rest = text.substr(at);
    const std::size_t digits = run_length(rest, 4, is_hex);
    if (digits == 0 || (digits < rest.size() && is_word(rest[digits]))) break;
    at += digits;
  }
  return text.substr(0, at);
}

// The address at the beginning of `line` after `prefix` (lower case), or nothing.
std::string_view address_after(std::string_view prefix, std::string_view line) {
  if (!equal_ignoring_case(line.substr(0, prefix.size()), prefix)) return {};
  line.remove_prefix(prefix.size());
  if (line.starts_with('"')) line.remove_prefix(1);
  if (line.starts_with('[')) line.remove_prefix(1);
  const std::string_view dotted = dotted_address(line);
  return dotted.empty() ? colon_address(line) : dotted;
}

}  // namespace

std::string client_address(std::span<const std::string> headers, std::string_view fallback) {
  std::string_view forwarded;
  for (const std::string& line : headers) {
    const std::string_view address = address_after("x-forwarded-for: ", line);
    if (!address.empty()) return ascii_lower(address);
    const std::string_view other = address_after("forwarded: for=", line);
    if (!other.empty()) forwarded = other;
  }
  return forwarded.empty() ? std::string(fallback) : ascii_lower(forwarded);
}

}  // namespace lvp::enrich
