// Text in the charsets of the past. iconv's door.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lvp::collect {

/// The bytes as UTF-8, each one that the charset does not know as U+FFFD. Nothing if the charset,
/// a Content-Type's parameter in lower case, is not one of ISO-8859, Windows-125x, KOI8, UTF-16,
/// UTF-32 and the usual ones of Chinese, Japanese and Korean: the list is ours, because a sender
/// shall not choose among everything that the C library can load.
std::optional<std::string> utf8_from(std::string_view charset, std::string_view bytes);

}  // namespace lvp::collect
