// What names of headers, cookies and hosts are made of.
#pragma once

#include <string_view>

namespace lvp::collect {

/// At least one character, each an ASCII letter, a digit or one of `marks`.
bool made_of(std::string_view text, std::string_view marks);

/// A character of a token (RFC 9110): a letter, a digit or one of !#$%&'*+-.^_`|~
bool is_token_char(char c);
bool is_token(std::string_view text);

}  // namespace lvp::collect
