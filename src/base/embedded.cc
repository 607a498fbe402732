#include "base/embedded.h"

namespace lvp::embedded {

const File* find(std::span<const File> files, std::string_view name) {
  for (const File& file : files) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

}  // namespace lvp::embedded
