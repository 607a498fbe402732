// The process-wide log: one line an entry, on standard error.
//
// error: data was lost or someone must act. warn: it will recover by itself. info: start, stop,
// ownership. debug: the rest. Nothing is logged per event above debug.
#pragma once

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace lvp::log {

enum class Level { debug, info, warn, error };

/// Entries below `level` are dropped. The level is info until this is called.
void set_level(Level level);
bool enabled(Level level);
void write(Level level, std::string_view text);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::debug)) write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::info)) write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::warn)) write(Level::warn, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::error)) write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace lvp::log
