// Entities from the headers of the request: chosen cookies, and chosen headers.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/pattern.h"
#include "enrich/configuration.h"
#include "enrich/draft.h"

namespace lvp::enrich {

class CookieExtractor {
 public:
  /// cookie_extractor_config/1-0-x: cookies, a list of names.
  static Result<CookieExtractor> load(const Configuration& configuration);

  /// One http_cookie entity for each cookie of that name, in the order of the headers. A cookie
  /// without '=' has the value null.
  std::vector<Entity> entities(std::span<const std::string> headers) const;

 private:
  explicit CookieExtractor(std::vector<std::string> names) : names_(std::move(names)) {}

  std::vector<std::string> names_;
};

class HeaderExtractor {
 public:
  /// http_header_extractor_config/1-0-x: headersPattern, a regular expression for the whole name.
  static Result<HeaderExtractor> load(const Configuration& configuration);

  /// One http_header entity for each header whose name matches.
  std::vector<Entity> entities(std::span<const std::string> headers) const;

 private:
  explicit HeaderExtractor(Pattern name) : name_(std::move(name)) {}

  Pattern name_;
};

}  // namespace lvp::enrich
