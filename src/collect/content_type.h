// The Content-Type header in the one spelling that Enrich compares with.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lvp::collect {

/// "application/json;charset=UTF-8" → "application/json; charset=utf-8": lower case, one space
/// after each semicolon, other parameters quoted, charset last and bare. Nothing if the value is
/// not type "/" subtype with well-formed parameters (RFC 9110), e.g. "json" or "text/plain;".
std::optional<std::string> normalised_content_type(std::string_view value);

/// The charset of a normalised type, or empty.
std::string_view charset_of(std::string_view normalised);

}  // namespace lvp::collect
