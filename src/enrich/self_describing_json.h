// Self-describing JSON, {"schema":"iglu:…","data":…}, as it arrives: not yet known to be right.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/time.h"
#include "iglu/resolver.h"
#include "wire/json.h"

namespace lvp::enrich {

/// A self-describing value taken apart. Views the document it was read from, and the resolver until
/// the next record.
struct SelfDescribing {
  std::string_view uri;  ///< a well-formed schema key
  std::expected<iglu::Found, iglu::Absence> schema;
  json::Value data;
  bool canonical;  ///< there is nothing but schema and data, in this order
};

/// Other members are ignored. The error is the code that bad rows carry: INVALID_DATA_PAYLOAD,
/// INVALID_IGLUURI or INVALID_SCHEMAVER.
std::expected<SelfDescribing, std::string_view> read_self_describing(const json::Value& value,
                                                                     iglu::Resolver& resolver,
                                                                     Timestamp now);

/// The text of the `data` member, given the compact text of the whole object. Views that text.
std::string_view data_text(std::string_view object_text, const SelfDescribing& object);

}  // namespace lvp::enrich
