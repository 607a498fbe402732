// What a link between two domains of one site carries in the `_sp` parameter of the page's query:
//
//   _sp := domain user id "." milliseconds "." session id "." base64(user id) "." base64(source id)
//          "." platform "." base64(reason)               parts may be empty, and missing at the end
#pragma once

#include <span>
#include <string>

#include "enrich/configuration.h"
#include "enrich/draft.h"
#include "wire/form.h"

namespace lvp::enrich {

class CrossNavigation {
 public:
  /// cross_navigation_config/1-0-x, which has no parameters.
  static Result<CrossNavigation> load(const Configuration& configuration);

  /// Sets refr_domain_userid and refr_dvce_tstamp. If there are both and `enrichment` is not null,
  /// adds a cross_navigation entity.
  static void apply(std::span<const FormField> page_query, const CrossNavigation* enrichment,
                    Draft& draft);

 private:
  explicit CrossNavigation(std::string schema_uri) : schema_uri_(std::move(schema_uri)) {}

  std::string schema_uri_;
};

}  // namespace lvp::enrich
