// Iglu schema keys: "iglu:com.acme/click/jsonschema/1-0-0".
#pragma once

#include <compare>
#include <expected>
#include <string>
#include <string_view>

namespace lvp {

struct SchemaKey {
  std::string vendor;
  std::string name;
  std::string format;
  int model = 0;
  int revision = 0;
  int addition = 0;

  auto operator<=>(const SchemaKey&) const = default;

  std::string version() const;  ///< "1-0-0"
  std::string path() const;     ///< "com.acme/click/jsonschema/1-0-0"
  std::string uri() const;      ///< "iglu:" and the path
};

/// Why a text is no schema key; the codes that bad rows carry.
enum class SchemaKeyError { invalid_igluuri, invalid_schemaver };

/// Vendor [A-Za-z0-9_.-]+, name and format [A-Za-z0-9_-]+, version M-R-A with M >= 1 and no leading
/// zeros; vendor and name at most 128 characters.
std::expected<SchemaKey, SchemaKeyError> parse_schema_key(std::string_view uri);

/// "INVALID_IGLUURI" or "INVALID_SCHEMAVER".
std::string_view code_text(SchemaKeyError error);

}  // namespace lvp
