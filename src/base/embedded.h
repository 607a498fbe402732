// Files that are part of the program: schemas, web pages. Made by cmake/lvp_embed.cmake.
#pragma once

#include <span>
#include <string_view>

namespace lvp::embedded {

struct File {
  const char* name;  ///< path below the embedded folder, e.g. "assets/app.js"
  const char* begin;
  const char* end;

  std::string_view bytes() const { return {begin, static_cast<std::size_t>(end - begin)}; }
};

/// The file with that name, or nullptr. Linear: call it at start, or cache.
const File* find(std::span<const File> files, std::string_view name);

}  // namespace lvp::embedded
