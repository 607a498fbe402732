// An Iglu resolver's configuration, iglu_resolver.json: where schemas come from.
//
//   config := {"schema":"iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-[0-3]",
//              "data":{"cacheSize":n,"cacheTtl":s?,"repositories":[repository…]}}
//   repository := {"name":text,"priority":n,"vendorPrefixes":[text…],
//                  "connection":{"http":{"uri":text,"apikey":text?}} | {"embedded":{"path":text}}}
//
// Files written for Snowplow's own components are read unchanged: docs/formats/schemas.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "iglu/registry.h"

namespace lvp::iglu {

/// A repository that is asked over HTTP.
struct Repository {
  std::string name;
  int priority = 0;  ///< the smaller, the sooner it is asked
  std::vector<std::string> vendor_prefixes;
  std::string uri;     ///< "https://iglu.example.org/api", without a slash at its end
  std::string apikey;  ///< or empty
};

struct ResolverConfig {
  std::size_t cache_size = 500;          ///< schemas kept, not counting those of the program
  std::optional<Duration> cache_ttl;     ///< nothing: for ever
  std::vector<Repository> repositories;  ///< by priority, then as configured
  /// What the program's own schemas are called where it says who was asked.
  std::string embedded_name{Registry::repository};
};

/// Error::invalid names the key: "iglu resolver: repositories[1].connection.http.uri is missing".
Result<ResolverConfig> parse_resolver_config(std::string_view json);

}  // namespace lvp::iglu
