// Snowplow's configuration file of one enrichment:
//
//   {"schema":"iglu:<vendor>/<name>/jsonschema/<version>",
//    "data":{"vendor":…,"name":…,"enabled":true,"parameters":{…}}}
//
// The schema says which enrichment it is; `vendor` and `name` are not looked at.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/json.h"
#include "wire/self_describing.h"

namespace lvp::enrich {

struct NamedText {
  std::string name;  ///< of the file, for messages
  std::string text;
};

/// Errors name the file and the key: "anon_ip.json: parameters.anonOctets: not a whole number from
/// 1 to 4". Keys may be paths, "fields.mktMedium".
class Configuration {
 public:
  static Result<Configuration> parse(const NamedText& file);

  const SchemaKey& schema() const { return schema_; }
  bool enabled() const { return enabled_; }

  /// A value of the parameters, absent if there is none. Views this configuration.
  json::Value parameter(std::string_view key) const;
  /// A flag that stands beside `enabled` in some versions, among the parameters in others.
  bool flag(std::string_view key) const;

  Result<std::string> text(std::string_view key) const;
  /// A list of texts; empty if it is missing.
  Result<std::vector<std::string>> texts(std::string_view key) const;
  Result<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max) const;

  /// Error::invalid if `object` (a key, "" for the parameters) has other members than these.
  Status only(std::string_view object, std::initializer_list<std::string_view> members) const;

  std::unexpected<Error> wrong(std::string_view key, std::string_view what) const;

 private:
  std::string file_;
  json::Parser parser_;
  json::Value data_;
  SchemaKey schema_;
  bool enabled_ = false;
};

}  // namespace lvp::enrich
