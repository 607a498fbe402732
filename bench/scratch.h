// What benchmarks cannot go on without: results, and a folder.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "base/result.h"

namespace lvp::bench {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  return std::move(*result);
}
inline void must(const Status& status) {
  if (!status) throw std::runtime_error(status.error().what);
}

/// A new folder, removed with all it holds at the end.
class Folder {
 public:
  Folder() {
    // mkdtemp() puts letters of its own in the place of the X.
    std::string made = (std::filesystem::temp_directory_path() / "lvp_bench_XXXXXX").string();
    if (mkdtemp(made.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = made;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace lvp::bench
