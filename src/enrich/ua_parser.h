// ua_parser_config: which browser, operating system and device a user agent stands for, by the
// expressions of the ua-parser project (uap-core, regexes.yaml).
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/pattern.h"
#include "enrich/assets.h"
#include "enrich/configuration.h"
#include "enrich/yaml_tables.h"

namespace lvp::enrich {

/// May be used by several threads at once.
class UaParser {
 public:
  static constexpr std::string_view entity_uri =
      "iglu:com.snowplowanalytics.snowplow/ua_parser_context/jsonschema/1-0-0";

  /// Longer user agents are not looked at: their column is too long anyway.
  static constexpr std::size_t useragent_bytes_max = 4'000;

  /// ua_parser_config/1-0-x: database, the file of expressions ("regexes.yaml" if it is missing).
  static Result<UaParser> load(const Configuration& configuration, const Assets& assets);
  /// Error::invalid if `regexes_yaml` is no such file.
  static Result<UaParser> from(std::string_view regexes_yaml);

  /// The data of a ua_parser_context.
  std::string context(std::string_view useragent) const;

 private:
  static constexpr std::size_t parts_max = 5;  // family and four parts of a version
  using Parts = std::array<std::string, parts_max>;

  // One table of the file: an expression, and for each part the text that replaces what the
  // expression took, if any.
  struct Table {
    PatternList patterns;
    std::vector<Parts> replacements;

    Parts parts(std::string_view useragent) const;
  };
  static Result<Table> table(const YamlTables& tables, std::string_view name,
                             const std::array<std::string_view, parts_max>& replacement_keys);

  UaParser(Table browsers, Table systems, Table devices)
      : browsers_(std::move(browsers)),
        systems_(std::move(systems)),
        devices_(std::move(devices)) {}

  Table browsers_;
  Table systems_;
  Table devices_;
};

/// What was made of the user agents seen last: an audience has few, and each costs a quarter of a
/// millisecond.
class UserAgentMemory {
 public:
  /// `parser` must be the same one at each call.
  const std::string& context(const UaParser& parser, const std::string& useragent);

 private:
  static constexpr std::size_t size_max = 2'500;  // of each half

  // When the younger half is full it becomes the older one, which is forgotten.
  std::unordered_map<std::string, std::string> young_;
  std::unordered_map<std::string, std::string> old_;
};

}  // namespace lvp::enrich
