// event_fingerprint: a hash of what the tracker sent, the same for an event that is sent twice.
#pragma once

#include <string>
#include <vector>

#include "enrich/configuration.h"
#include "enrich/digest.h"
#include "enrich/parameters.h"

namespace lvp::enrich {

class EventFingerprint {
 public:
  /// event_fingerprint_config/1-0-x: excludeParameters, hashAlgorithm.
  static Result<EventFingerprint> load(const Configuration& configuration);

  /// Of all parameters that have a value and are not excluded, in order of their names:
  /// name U+001F value U+001F.
  std::string of(const Parameters& parameters) const;

 private:
  EventFingerprint(Digest digest, std::vector<std::string> excluded)
      : digest_(std::move(digest)), excluded_(std::move(excluded)) {}

  Digest digest_;
  std::vector<std::string> excluded_;
};

}  // namespace lvp::enrich
