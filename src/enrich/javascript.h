// javascript_script_config: a user's script sees the event, changes it, and makes entities of it.
//
//   function process(event, params, headers) { … return [{schema: "iglu:…", data: {…}}, …]; }
//
// `event` has getX() and setX(value) for each column, X being its name with a capital first letter
// (getApp_id), drop() and eraseDerived_contexts(); `params` is the configuration's `config`,
// `headers` are the request's, "Name: value" each.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "enrich/configuration.h"
#include "enrich/draft.h"
#include "script/javascript.h"

namespace lvp::enrich {

/// A script as configured. May be shared by threads, each with an engine of its own.
class JavascriptEnrichment {
 public:
  /// javascript_script_config/1-0-x: script (base64), config.
  static Result<JavascriptEnrichment> load(const Configuration& configuration);

  /// Error::invalid if the script cannot be compiled or has no function `process`.
  Result<script::Javascript> engine() const;

  /// Runs it on the event; an error of the script becomes a failure. What it sets is cleaned as a
  /// tracker's values are, so that no value can break the line.
  void apply(Draft& draft, script::Javascript& engine) const;

 private:
  std::string schema_uri_;
  std::string script_;
  std::string params_;  // JSON
};

}  // namespace lvp::enrich
