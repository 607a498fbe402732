#include "collect/token.h"

#include <algorithm>

namespace lvp::collect {
namespace {

bool is_one_of(char c, std::string_view marks) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         marks.contains(c);
}

}  // namespace

bool made_of(std::string_view text, std::string_view marks) {
  return !text.empty() &&
         std::ranges::all_of(text, [marks](char c) { return is_one_of(c, marks); });
}

bool is_token_char(char c) {
  return is_one_of(c, "!#$%&'*+-.^_`|~");
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

}  // namespace lvp::collect
