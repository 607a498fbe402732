// referer_parser: what kind of site sent the visitor, by Snowplow's database of referers
// (referers-latest.json):
//
//   {"<medium>":{"<source>":{"domains":["host" or "host/path",…],"parameters":["q",…]}}}
//
// `parameters` are those of the site's query string that hold what was searched for.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "enrich/assets.h"
#include "enrich/configuration.h"
#include "wire/enriched_event.h"
#include "wire/json.h"

namespace lvp::enrich {

class Referers {
 public:
  /// referer_parser/2-0-x: database, internalDomains, and referrers, which are more of the
  /// database's and win over it.
  static Result<Referers> load(const Configuration& configuration, const Assets& assets);

  /// Sets refr_medium, refr_source and refr_term from refr_urlhost and its neighbours. "internal"
  /// if the page's own host or an internal domain sent the visitor, "unknown" if nobody known did.
  /// Nothing if page_referrer is no http or https URL.
  void apply(EnrichedEvent& event) const;

 private:
  struct Site {
    std::string medium;
    std::string source;
    std::vector<std::string> parameters;
  };

  bool add(const json::Value& database);
  const Site* at(const std::string& place) const;
  const Site* find(std::string_view host, std::string_view path) const;

  std::unordered_map<std::string, Site> sites_;  // by host, or host and path
  std::vector<std::string> internal_;
};

}  // namespace lvp::enrich
