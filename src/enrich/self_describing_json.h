// Self-describing JSON, {"schema":"iglu:…","data":…}, as it arrives: not yet known to be right.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/result.h"
#include "iglu/registry.h"
#include "wire/json.h"

namespace lvp::enrich {

/// A self-describing value taken apart. Views the document it was read from.
struct SelfDescribing {
  std::string_view uri;        ///< a well-formed schema key
  const iglu::Schema* schema;  ///< nullptr if the registry does not have it
  json::Value data;
  bool canonical;  ///< there is nothing but schema and data, in this order
};

/// Other members are ignored. The error is the code that bad rows carry: INVALID_DATA_PAYLOAD,
/// INVALID_IGLUURI or INVALID_SCHEMAVER.
std::expected<SelfDescribing, std::string_view> read_self_describing(
    const json::Value& value, const iglu::Registry& registry);

/// JSON in two forms that agree: parsed, and as the compact text that becomes a column.
class Document {
 public:
  /// Replaces what was read before. Error::invalid in the words of json::Parser.
  Status read(std::string_view text);

  const json::Value& root() const { return root_; }
  const std::string& text() const { return text_; }

 private:
  json::Parser parser_;
  json::Value root_;
  std::string text_;
};

/// The text of the `data` member, given the compact text of the whole object. Views that text.
std::string_view data_text(std::string_view object_text, const SelfDescribing& object);

}  // namespace lvp::enrich
