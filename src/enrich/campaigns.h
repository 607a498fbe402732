// campaign_attribution: which campaign brought the visitor, from the page's query string.
#pragma once

#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "enrich/configuration.h"
#include "wire/enriched_event.h"
#include "wire/form.h"

namespace lvp::enrich {

class Campaigns {
 public:
  /// campaign_attribution/1-0-x: fields.mktMedium and so on, each a list of parameter names in
  /// order of preference, and fields.mktClickId, parameter name → network. gclid, msclkid and dclid
  /// are known without being configured.
  static Result<Campaigns> load(const Configuration& configuration);

  /// Sets mkt_medium to mkt_campaign, mkt_clickid and mkt_network from the first parameter of each
  /// list that is there at all.
  void apply(std::span<const FormField> page_query, EnrichedEvent& event) const;

 private:
  struct Source {
    Column column;
    std::vector<std::string> names;
  };
  std::vector<Source> sources_;
  std::vector<std::pair<std::string, std::string>> networks_;  // parameter name, network
};

}  // namespace lvp::enrich
