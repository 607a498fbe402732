// The enriched event: one line of 131 columns separated by tabs, as Snowplow Enrich 6 writes it.
//
//   event := column ( TAB column ){130}        no quoting, no newline; an empty column is null
//
// Names, types, order and limits are those of docs/formats/enriched_event.md. Columns hold text
// that is already in its final form; whoever sets one has cleaned it of tabs and controls.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lvp {

enum class Column : std::uint8_t {
  app_id,
  platform,
  etl_tstamp,
  collector_tstamp,
  dvce_created_tstamp,
  event,
  event_id,
  txn_id,
  name_tracker,
  v_tracker,
  v_collector,
  v_etl,
  user_id,
  user_ipaddress,
  user_fingerprint,
  domain_userid,
  domain_sessionidx,
  network_userid,
  geo_country,
  geo_region,
  geo_city,
  geo_zipcode,
  geo_latitude,
  geo_longitude,
  geo_region_name,
  ip_isp,
  ip_organization,
  ip_domain,
  ip_netspeed,
  page_url,
  page_title,
  page_referrer,
  page_urlscheme,
  page_urlhost,
  page_urlport,
  page_urlpath,
  page_urlquery,
  page_urlfragment,
  refr_urlscheme,
  refr_urlhost,
  refr_urlport,
  refr_urlpath,
  refr_urlquery,
  refr_urlfragment,
  refr_medium,
  refr_source,
  refr_term,
  mkt_medium,
  mkt_source,
  mkt_term,
  mkt_content,
  mkt_campaign,
  contexts,
  se_category,
  se_action,
  se_label,
  se_property,
  se_value,
  unstruct_event,
  tr_orderid,
  tr_affiliation,
  tr_total,
  tr_tax,
  tr_shipping,
  tr_city,
  tr_state,
  tr_country,
  ti_orderid,
  ti_sku,
  ti_name,
  ti_category,
  ti_price,
  ti_quantity,
  pp_xoffset_min,
  pp_xoffset_max,
  pp_yoffset_min,
  pp_yoffset_max,
  useragent,
  br_name,
  br_family,
  br_version,
  br_type,
  br_renderengine,
  br_lang,
  br_features_pdf,
  br_features_flash,
  br_features_java,
  br_features_director,
  br_features_quicktime,
  br_features_realplayer,
  br_features_windowsmedia,
  br_features_gears,
  br_features_silverlight,
  br_cookies,
  br_colordepth,
  br_viewwidth,
  br_viewheight,
  os_name,
  os_family,
  os_manufacturer,
  os_timezone,
  dvce_type,
  dvce_ismobile,
  dvce_screenwidth,
  dvce_screenheight,
  doc_charset,
  doc_width,
  doc_height,
  tr_currency,
  tr_total_base,
  tr_tax_base,
  tr_shipping_base,
  ti_currency,
  ti_price_base,
  base_currency,
  geo_timezone,
  mkt_clickid,
  mkt_network,
  etl_tags,
  dvce_sent_tstamp,
  refr_domain_userid,
  refr_dvce_tstamp,
  derived_contexts,
  domain_sessionid,
  derived_tstamp,
  event_vendor,
  event_name,
  event_format,
  event_version,
  event_fingerprint,
  true_tstamp,
};

inline constexpr std::size_t column_count = 131;

enum class ColumnType : std::uint8_t { text, timestamp, integer, decimal, real, boolean, json };

struct ColumnInfo {
  std::string_view name;
  ColumnType type;
  std::size_t units_max;  ///< longest text in UTF-16 units; 0 means no limit
};

extern const std::array<ColumnInfo, column_count> column_infos;

inline const ColumnInfo& info(Column column) {
  return column_infos[static_cast<std::size_t>(column)];
}

/// An event being made.
class EnrichedEvent {
 public:
  std::string& operator[](Column column) {
    const auto place = static_cast<std::size_t>(column);
    touched_[place / word_bits] |= std::uint64_t{1} << (place % word_bits);
    return columns_[place];
  }
  const std::string& operator[](Column column) const {
    return columns_[static_cast<std::size_t>(column)];
  }

  std::string tsv() const;

  /// Empties all columns; keeps the memory of all but the largest for the next event.
  void clear();

  /// Calls `use` with each column that may have a text, in order.
  template <class Use>
  void for_each_touched(Use use) const {
    for (std::size_t word = 0; word < touched_.size(); ++word) {
      for (std::uint64_t bits = touched_[word]; bits != 0; bits &= bits - 1) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(bits));
        use(static_cast<Column>(word * word_bits + bit));
      }
    }
  }

 private:
  static constexpr std::size_t word_bits = 64;

  std::array<std::string, column_count> columns_;
  std::array<std::uint64_t, column_count / word_bits + 1> touched_{};  // a bit for each column
};

/// An event that was read, without one all of whose columns are empty. Views the line it was parsed
/// from.
class EnrichedView {
 public:
  EnrichedView() = default;

  std::string_view operator[](Column column) const {
    const auto place = static_cast<std::size_t>(column);
    return {line_ + starts_[place], starts_[place + 1] - starts_[place] - 1};
  }

  /// Error::invalid unless the line has exactly 131 columns and less than 4 GiB.
  static Result<EnrichedView> parse(std::string_view line);

 private:
  // Of columns, and of what would follow the last: a quarter of what views would take.
  using Starts = std::array<std::uint32_t, column_count + 1>;

  static constexpr Starts starts_of_empty_columns() {
    Starts starts{};
    for (std::uint32_t i = 0; i < starts.size(); ++i) starts[i] = i;
    return starts;
  }
  static constexpr std::array<char, column_count> empty_line{};

  const char* line_ = empty_line.data();
  Starts starts_ = starts_of_empty_columns();
};

}  // namespace lvp
