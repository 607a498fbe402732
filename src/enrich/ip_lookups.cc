#include "enrich/ip_lookups.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "base/text.h"
#include "enrich/conversions.h"
#include "wire/json.h"

namespace lvp::enrich {
namespace {

// Without brackets and port.
std::string bare_address(std::string_view text) {
  if (text.starts_with('[')) return std::string(text.substr(1, text.find(']') - 1));
  const bool is_ipv4 = text.find('.') < text.find(':');
  return std::string(is_ipv4 ? text.substr(0, text.find(':')) : text);
}

void set_geo(const IpRecord& record, EnrichedEvent& event) {
  event[Column::geo_country] = clean(record.country);
  event[Column::geo_region] = clean(record.region);
  event[Column::geo_city] = clean(record.city);
  event[Column::geo_zipcode] = clean(record.zipcode);
  event[Column::geo_region_name] = clean(record.region_name);
  event[Column::geo_timezone] = clean(record.timezone);
  if (record.latitude)
    event[Column::geo_latitude] = java_float(static_cast<float>(*record.latitude));
  if (record.longitude)
    event[Column::geo_longitude] = java_float(static_cast<float>(*record.longitude));
}

Entity asn_entity(const IpRecord& record) {
  json::Writer out;
  out.begin_object().key("number").integer(*record.asn);
  if (!record.asn_organization.empty()) out.key("organization").string(record.asn_organization);
  return {std::string(IpLookups::asn_uri), out.end_object().take()};
}

}  // namespace

Result<IpLookups> IpLookups::load(const Configuration& configuration, const Assets& assets) {
  LVP_DO(configuration.only("", {"geo", "isp", "domain", "connectionType", "asn"}));
  IpLookups out;
  const std::array<std::pair<std::string_view, std::unique_ptr<IpDatabase>*>, 5> databases{
      {{"geo", &out.geo_},
       {"isp", &out.isp_},
       {"domain", &out.domain_},
       {"connectionType", &out.connection_type_},
       {"asn", &out.asn_}}};
  for (const auto& [key, database] : databases) {
    if (!configuration.parameter(key).exists()) continue;
    LVP_DO(configuration.only(key, {"database", "uri"}));
    LVP_TRY(const std::string name, configuration.text(fmt::format("{}.database", key)));
    LVP_TRY(*database, assets.open_database(name));
  }
  return out;
}

void IpLookups::apply(Draft& draft) const {
  EnrichedEvent& event = draft.event;
  const std::string address = bare_address(event[Column::user_ipaddress]);
  const auto find = [&](const std::unique_ptr<IpDatabase>& database) {
    return database && !address.empty() ? database->find(address) : std::nullopt;
  };
  if (const auto record = find(geo_)) set_geo(*record, event);
  const auto isp = find(isp_);
  if (isp) {
    event[Column::ip_isp] = clean(isp->isp);
    event[Column::ip_organization] = clean(isp->organization);
  }
  if (const auto record = find(domain_)) event[Column::ip_domain] = clean(record->domain);
  if (const auto record = find(connection_type_))
    event[Column::ip_netspeed] = clean(record->connection_type);
  auto asn = find(asn_);
  if (!asn || !asn->asn) asn = isp;
  if (asn && asn->asn) draft.add({asn_entity(*asn)});
}

std::string java_float(float value) {
  std::array<char, 32> digits;
  const float size = std::fabs(value);
  const bool is_plain = size == 0 || (size >= 1e-3f && size < 1e7f);
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value,
                    is_plain ? std::chars_format::fixed : std::chars_format::scientific)
          .ptr;
  std::string text(digits.data(), end);
  const std::size_t exponent = text.find('e');
  std::string mantissa = text.substr(0, exponent);
  if (mantissa.find('.') == mantissa.npos) mantissa += ".0";
  if (exponent == text.npos) return mantissa;
  const auto power = parse_int64(text[exponent + 1] == '+' ? text.substr(exponent + 2)
                                                           : text.substr(exponent + 1));
  return fmt::format("{}E{}", mantissa, power.value_or(0));
}

}  // namespace lvp::enrich
