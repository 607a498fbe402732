// What is known about IP addresses: MaxMind's databases (GeoIP2, GeoLite2), behind an interface.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"

namespace lvp::enrich {

/// What a database says of an address. No database has all of it; "" and nullopt are unknown.
struct IpRecord {
  std::string country;      ///< ISO 3166-1 code
  std::string region;       ///< ISO 3166-2 code of the smallest part of the country
  std::string region_name;  ///< in English, as city
  std::string city;
  std::string zipcode;
  std::string timezone;
  std::optional<double> latitude;
  std::optional<double> longitude;
  std::string isp;
  std::string organization;
  std::string domain;
  std::string connection_type;
  std::optional<std::uint32_t> asn;
  std::string asn_organization;
};

/// May be used by several threads at once.
class IpDatabase {
 public:
  virtual ~IpDatabase() = default;
  /// Nothing for what is no address, and for one that the database does not have.
  virtual std::optional<IpRecord> find(const std::string& address) const = 0;
};

/// A file in MaxMind's format, mapped into memory. Error::invalid names the file.
Result<std::unique_ptr<IpDatabase>> open_mmdb(const std::string& path);

}  // namespace lvp::enrich
