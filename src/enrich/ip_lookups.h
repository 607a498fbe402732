// ip_lookups: where an address is, and whose network it belongs to.
#pragma once

#include <memory>
#include <string_view>

#include "enrich/assets.h"
#include "enrich/configuration.h"
#include "enrich/draft.h"
#include "enrich/ip_database.h"

namespace lvp::enrich {

class IpLookups {
 public:
  static constexpr std::string_view asn_uri =
      "iglu:com.snowplowanalytics.snowplow/asn/jsonschema/1-0-1";

  /// ip_lookups/2-0-x: geo, isp, domain, connectionType and asn, each with the name of its
  /// database.
  static Result<IpLookups> load(const Configuration& configuration, const Assets& assets);

  /// Sets the columns geo_* and ip_* from user_ipaddress, which may have a port, and adds an asn
  /// entity. What a database does not know stays empty.
  void apply(Draft& draft) const;

 private:
  std::unique_ptr<IpDatabase> geo_;
  std::unique_ptr<IpDatabase> isp_;
  std::unique_ptr<IpDatabase> domain_;
  std::unique_ptr<IpDatabase> connection_type_;
  std::unique_ptr<IpDatabase> asn_;
};

/// As Java's Float.toString: "51.0", "1.0E-4".
std::string java_float(float value);

}  // namespace lvp::enrich
