// Finding the text that needs no care: most of what trackers send is ASCII.
#pragma once

#include <cstddef>
#include <string_view>

namespace lvp::collect {

/// Number of bytes before the first that is not ASCII.
std::size_t ascii_prefix(std::string_view bytes);

inline bool is_ascii(std::string_view bytes) {
  return ascii_prefix(bytes) == bytes.size();
}

/// The same as is_utf8(), at the speed of ascii_prefix() where the text is ASCII.
bool is_utf8_text(std::string_view bytes);

}  // namespace lvp::collect
