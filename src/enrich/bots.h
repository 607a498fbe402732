// asn_lookups and bot_detection: who is likely to be no human.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "enrich/assets.h"
#include "enrich/configuration.h"
#include "enrich/draft.h"

namespace lvp::enrich {

/// Networks from which bots come.
class AsnLookups {
 public:
  /// asn_lookups/1-0-x: botAsnsFile (CSV with a header, numbers in the first column), botAsns,
  /// bypassPlatforms.
  static Result<AsnLookups> load(const Configuration& configuration, const Assets& assets);

  /// Adds likelyBot to the asn entity that ip_lookups made, unless the platform is bypassed.
  void apply(Draft& draft) const;

 private:
  Status read_file(const Configuration& configuration, const Assets& assets);

  std::set<std::int64_t> bots_;
  std::vector<std::string> bypassed_platforms_;
};

/// What other enrichments and the tracker found, as one entity.
class BotDetection {
 public:
  /// bot_detection_enrichment_config/1-0-x: useAsnLookups, useClientSideDetection. useYauaa and
  /// useIab are refused, as their enrichments are not here.
  static Result<BotDetection> load(const Configuration& configuration);

  /// A bot_detection entity for every event.
  Entity entity(const Draft& draft) const;

 private:
  bool asn_lookups_ = false;
  bool client_side_ = false;
};

}  // namespace lvp::enrich
