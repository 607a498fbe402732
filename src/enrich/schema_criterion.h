// Which schemas are meant: "iglu:com.acme/click/jsonschema/1-*-*".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/self_describing.h"

namespace lvp::enrich {

class SchemaCriterion {
 public:
  /// A schema key whose model, revision and addition may each be '*'.
  static Result<SchemaCriterion> parse(std::string_view text);

  bool matches(const SchemaKey& key) const;

 private:
  SchemaKey key_;
  bool any_model_ = false;
  bool any_revision_ = false;
  bool any_addition_ = false;
};

}  // namespace lvp::enrich
