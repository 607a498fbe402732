// Base64 as Snowplow components read and write it.
#pragma once

#include <string>
#include <string_view>

namespace lvp {

/// Decodes like Apache Commons Codec: standard and URL-safe alphabets, padding optional, bytes
/// outside the alphabet skipped, stops at the first '=', a dangling last symbol dropped. Never
/// fails.
std::string base64_decode(std::string_view text);
/// The same, in place of what `bytes` was.
void base64_decode(std::string_view text, std::string& bytes);

/// Standard alphabet with padding.
std::string base64_encode(std::string_view bytes);
/// The same, behind what `text` holds.
void append_base64(std::string& text, std::string_view bytes);

}  // namespace lvp
