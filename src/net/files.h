// Serves the files that are part of the program (base/embedded.h) over HTTP: whole, in ranges (a
// video player seeks), or not at all when the client has them already. Pure after construction.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/embedded.h"
#include "wire/http_message.h"

namespace lvp::net {

/// Thread-safe. The files must outlive it and the responses: bodies are views of them.
class Files {
 public:
  /// Hashes every file once, for its ETag.
  explicit Files(std::span<const embedded::File> files);

  /// The file at the request's path; "/" at the end stands for "/index.html". 200, 206 with one
  /// range, 304, 404, 405, or 416. A path is only looked up by name, so it leads nowhere else.
  /// Files below /assets/ are named by their content and may be cached for ever.
  http::Response serve(const http::Request& request) const;

  bool has(std::string_view path) const { return files_.contains(path); }

 private:
  struct Served {
    std::string_view bytes;
    std::string_view type;
    std::string etag;
  };
  std::map<std::string, Served, std::less<>> files_;  // by path, e.g. "/assets/app.js"
};

}  // namespace lvp::net
