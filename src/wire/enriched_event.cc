#include "wire/enriched_event.h"

#include <fmt/format.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

namespace lvp {

using enum ColumnType;

// Source: Enrich 6.10.0, validation.atomicFieldsLimits and the column order of its TSV.
constexpr std::array<ColumnInfo, column_count> column_infos{{
    {"app_id", text, 255},
    {"platform", text, 255},
    {"etl_tstamp", timestamp, 0},
    {"collector_tstamp", timestamp, 0},
    {"dvce_created_tstamp", timestamp, 0},
    {"event", text, 128},
    {"event_id", text, 36},
    {"txn_id", integer, 0},
    {"name_tracker", text, 128},
    {"v_tracker", text, 100},
    {"v_collector", text, 100},
    {"v_etl", text, 100},
    {"user_id", text, 255},
    {"user_ipaddress", text, 128},
    {"user_fingerprint", text, 128},
    {"domain_userid", text, 128},
    {"domain_sessionidx", integer, 0},
    {"network_userid", text, 128},
    {"geo_country", text, 2},
    {"geo_region", text, 3},
    {"geo_city", text, 75},
    {"geo_zipcode", text, 15},
    {"geo_latitude", real, 0},
    {"geo_longitude", real, 0},
    {"geo_region_name", text, 100},
    {"ip_isp", text, 100},
    {"ip_organization", text, 128},
    {"ip_domain", text, 128},
    {"ip_netspeed", text, 100},
    {"page_url", text, 10000},
    {"page_title", text, 2000},
    {"page_referrer", text, 10000},
    {"page_urlscheme", text, 16},
    {"page_urlhost", text, 255},
    {"page_urlport", integer, 0},
    {"page_urlpath", text, 3000},
    {"page_urlquery", text, 6000},
    {"page_urlfragment", text, 3000},
    {"refr_urlscheme", text, 16},
    {"refr_urlhost", text, 255},
    {"refr_urlport", integer, 0},
    {"refr_urlpath", text, 6000},
    {"refr_urlquery", text, 6000},
    {"refr_urlfragment", text, 3000},
    {"refr_medium", text, 25},
    {"refr_source", text, 50},
    {"refr_term", text, 255},
    {"mkt_medium", text, 255},
    {"mkt_source", text, 255},
    {"mkt_term", text, 255},
    {"mkt_content", text, 500},
    {"mkt_campaign", text, 255},
    {"contexts", json, 0},
    {"se_category", text, 1000},
    {"se_action", text, 1000},
    {"se_label", text, 4096},
    {"se_property", text, 1000},
    {"se_value", decimal, 0},
    {"unstruct_event", json, 0},
    {"tr_orderid", text, 255},
    {"tr_affiliation", text, 255},
    {"tr_total", decimal, 0},
    {"tr_tax", decimal, 0},
    {"tr_shipping", decimal, 0},
    {"tr_city", text, 255},
    {"tr_state", text, 255},
    {"tr_country", text, 255},
    {"ti_orderid", text, 255},
    {"ti_sku", text, 255},
    {"ti_name", text, 255},
    {"ti_category", text, 255},
    {"ti_price", decimal, 0},
    {"ti_quantity", integer, 0},
    {"pp_xoffset_min", integer, 0},
    {"pp_xoffset_max", integer, 0},
    {"pp_yoffset_min", integer, 0},
    {"pp_yoffset_max", integer, 0},
    {"useragent", text, 1000},
    {"br_name", text, 50},
    {"br_family", text, 50},
    {"br_version", text, 50},
    {"br_type", text, 50},
    {"br_renderengine", text, 50},
    {"br_lang", text, 255},
    {"br_features_pdf", boolean, 0},
    {"br_features_flash", boolean, 0},
    {"br_features_java", boolean, 0},
    {"br_features_director", boolean, 0},
    {"br_features_quicktime", boolean, 0},
    {"br_features_realplayer", boolean, 0},
    {"br_features_windowsmedia", boolean, 0},
    {"br_features_gears", boolean, 0},
    {"br_features_silverlight", boolean, 0},
    {"br_cookies", boolean, 0},
    {"br_colordepth", text, 12},
    {"br_viewwidth", integer, 0},
    {"br_viewheight", integer, 0},
    {"os_name", text, 50},
    {"os_family", text, 50},
    {"os_manufacturer", text, 50},
    {"os_timezone", text, 255},
    {"dvce_type", text, 50},
    {"dvce_ismobile", boolean, 0},
    {"dvce_screenwidth", integer, 0},
    {"dvce_screenheight", integer, 0},
    {"doc_charset", text, 128},
    {"doc_width", integer, 0},
    {"doc_height", integer, 0},
    {"tr_currency", text, 3},
    {"tr_total_base", decimal, 0},
    {"tr_tax_base", decimal, 0},
    {"tr_shipping_base", decimal, 0},
    {"ti_currency", text, 3},
    {"ti_price_base", decimal, 0},
    {"base_currency", text, 3},
    {"geo_timezone", text, 64},
    {"mkt_clickid", text, 1000},
    {"mkt_network", text, 64},
    {"etl_tags", text, 500},
    {"dvce_sent_tstamp", timestamp, 0},
    {"refr_domain_userid", text, 128},
    {"refr_dvce_tstamp", timestamp, 0},
    {"derived_contexts", json, 0},
    {"domain_sessionid", text, 128},
    {"derived_tstamp", timestamp, 0},
    {"event_vendor", text, 1000},
    {"event_name", text, 1000},
    {"event_format", text, 128},
    {"event_version", text, 128},
    {"event_fingerprint", text, 128},
    {"true_tstamp", timestamp, 0},
}};

std::string EnrichedEvent::tsv() const {
  std::size_t size = column_count - 1;
  for_each_touched([&](Column column) { size += (*this)[column].size(); });
  std::string line;
  line.resize_and_overwrite(size, [&](char* out, std::size_t) {
    std::memset(out, '\t', size);
    std::size_t bytes = 0;  // of the columns so far
    for_each_touched([&](Column column) {
      const std::string& text = (*this)[column];
      std::memcpy(out + static_cast<std::size_t>(column) + bytes, text.data(), text.size());
      bytes += text.size();
    });
    return size;
  });
  return line;
}

void EnrichedEvent::clear() {
  constexpr std::size_t kept_bytes_max = 65'536;  // of a column
  for_each_touched([&](Column column) {
    std::string& text = columns_[static_cast<std::size_t>(column)];
    if (text.capacity() > kept_bytes_max) text = std::string();
    text.clear();
  });
  touched_.fill(0);
}

#ifdef __SSE2__
namespace {

// A bit for each of 64 bytes that is a tab.
std::uint64_t tabs_of_64(const char* bytes) {
  const __m128i tab = _mm_set1_epi8('\t');
  std::uint64_t tabs = 0;
  for (int i = 0; i < 4; ++i) {
    const __m128i sixteen = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(sixteen, tab)));
    tabs |= std::uint64_t{hits} << (16 * i);
  }
  return tabs;
}

}  // namespace
#endif

Result<EnrichedView> EnrichedView::parse(std::string_view line) {
  EnrichedView view;
  if (line.size() >= std::numeric_limits<std::uint32_t>::max())
    return invalid(fmt::format("a line of {} bytes is no event", line.size()));
  view.line_ = line.data();
  std::size_t count = 1;  // of columns that have begun
  const char* at = line.data();
  const char* const end = at + line.size();
  const auto pass_tab = [&](const char* tab) {
    if (count < column_count)
      view.starts_[count] = static_cast<std::uint32_t>(tab + 1 - line.data());
    ++count;
  };
#ifdef __SSE2__
  constexpr std::size_t block_bytes = 64;
  for (; static_cast<std::size_t>(end - at) >= block_bytes; at += block_bytes) {
    for (std::uint64_t tabs = tabs_of_64(at); tabs != 0; tabs &= tabs - 1)
      pass_tab(at + std::countr_zero(tabs));
  }
#endif
  for (; at != end; ++at) {
    if (*at == '\t') pass_tab(at);
  }
  view.starts_[column_count] = static_cast<std::uint32_t>(line.size()) + 1;
  if (count != column_count) {
    return invalid(
        fmt::format("Cannot parse tsv event - wrong number of fields provided: {}", count));
  }
  return view;
}

}  // namespace lvp
