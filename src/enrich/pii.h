// pii_enrichment_config: personal data replaced by hashes, the same one for the same value, so that
// events of one person stay together and nobody sees who it is.
//
// The `raw` part of bad rows keeps what the tracker sent, as in the original.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/configuration.h"
#include "enrich/digest.h"
#include "enrich/draft.h"
#include "enrich/json_path.h"
#include "enrich/schema_criterion.h"

namespace lvp::enrich {

class Pii {
 public:
  /// pii_enrichment_config/2-0-x: pii (pojo and json fields), strategy.pseudonymize, anonymousOnly.
  /// emitEvent is ignored.
  static Result<Pii> load(const Configuration& configuration);

  /// Replaces the configured columns, and in self-describing JSON the texts and lists of texts that
  /// the paths lead to, if this request is one for it. Nothing else changes.
  void apply(Draft& draft) const;

  /// The stream's key of an event: hashed too if entities are rewritten, which it may come from.
  std::string key(std::string device, std::span<const std::string> headers) const;

 private:
  struct JsonField {
    Column column;  ///< contexts, derived_contexts or unstruct_event
    SchemaCriterion schema;
    JsonPath path;  ///< in the data
  };

  Pii(Digest digest, std::string salt) : digest_(std::move(digest)), salt_(std::move(salt)) {}

  Status load_field(const Configuration& configuration, const json::Value& field);
  Status load_json(const Configuration& configuration, const json::Value& json);
  bool concerns(std::span<const std::string> headers) const;
  std::string pseudonym(std::string_view value) const;
  std::string pseudonyms(std::string_view json) const;
  std::string rewritten(Column column, std::string_view uri, std::string_view data) const;
  std::string rewritten(Column column, std::string_view self_describing) const;

  Digest digest_;
  std::string salt_;
  bool anonymous_only_ = false;
  std::vector<Column> columns_;
  std::vector<JsonField> json_fields_;
};

}  // namespace lvp::enrich
