#include "enrich/atomic_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "enrich/conversions.h"
#include "wire/base64.h"

namespace lvp::enrich {
namespace {

enum class Kind : std::uint8_t {
  text,
  code,
  platform,
  uuid,
  integer,
  decimal,
  boolean,
  timestamp,
  address,
  dimensions,  // this column and the next one
  json,        // unstruct_event or contexts
  base64_json,
};

struct Row {
  std::string_view name;
  Column column;
  Kind kind;
};

// In the order of processing: where two parameters feed one column, the later one wins.
constexpr std::array table = std::to_array<Row>({
    {"e", Column::event, Kind::code},
    {"eid", Column::event_id, Kind::uuid},
    {"p", Column::platform, Kind::platform},
    {"aid", Column::app_id, Kind::text},
    {"tna", Column::name_tracker, Kind::text},
    {"tv", Column::v_tracker, Kind::text},
    {"cv", Column::v_collector, Kind::text},
    {"tz", Column::os_timezone, Kind::text},
    {"dtm", Column::dvce_created_tstamp, Kind::timestamp},
    {"stm", Column::dvce_sent_tstamp, Kind::timestamp},
    {"ttm", Column::true_tstamp, Kind::timestamp},
    {"tid", Column::txn_id, Kind::integer},
    {"uid", Column::user_id, Kind::text},
    {"duid", Column::domain_userid, Kind::text},
    {"nuid", Column::network_userid, Kind::text},
    {"tnuid", Column::network_userid, Kind::text},
    {"vid", Column::domain_sessionidx, Kind::integer},
    {"sid", Column::domain_sessionid, Kind::uuid},
    {"fp", Column::user_fingerprint, Kind::text},
    {"ip", Column::user_ipaddress, Kind::address},
    {"ua", Column::useragent, Kind::text},
    {"url", Column::page_url, Kind::text},
    {"page", Column::page_title, Kind::text},
    {"refr", Column::page_referrer, Kind::text},
    {"cs", Column::doc_charset, Kind::text},
    {"ds", Column::doc_width, Kind::dimensions},
    {"vp", Column::br_viewwidth, Kind::dimensions},
    {"res", Column::dvce_screenwidth, Kind::dimensions},
    {"cd", Column::br_colordepth, Kind::text},
    {"cookie", Column::br_cookies, Kind::boolean},
    {"lang", Column::br_lang, Kind::text},
    {"f_pdf", Column::br_features_pdf, Kind::boolean},
    {"f_fla", Column::br_features_flash, Kind::boolean},
    {"f_java", Column::br_features_java, Kind::boolean},
    {"f_dir", Column::br_features_director, Kind::boolean},
    {"f_qt", Column::br_features_quicktime, Kind::boolean},
    {"f_realp", Column::br_features_realplayer, Kind::boolean},
    {"f_wma", Column::br_features_windowsmedia, Kind::boolean},
    {"f_gears", Column::br_features_gears, Kind::boolean},
    {"f_ag", Column::br_features_silverlight, Kind::boolean},
    {"co", Column::contexts, Kind::json},
    {"cx", Column::contexts, Kind::base64_json},
    {"ue_pr", Column::unstruct_event, Kind::json},
    {"ue_px", Column::unstruct_event, Kind::base64_json},
    {"ev_ca", Column::se_category, Kind::text},
    {"ev_ac", Column::se_action, Kind::text},
    {"ev_la", Column::se_label, Kind::text},
    {"ev_pr", Column::se_property, Kind::text},
    {"ev_va", Column::se_value, Kind::decimal},
    {"se_ca", Column::se_category, Kind::text},
    {"se_ac", Column::se_action, Kind::text},
    {"se_la", Column::se_label, Kind::text},
    {"se_pr", Column::se_property, Kind::text},
    {"se_va", Column::se_value, Kind::decimal},
    {"tr_id", Column::tr_orderid, Kind::text},
    {"tr_af", Column::tr_affiliation, Kind::text},
    {"tr_tt", Column::tr_total, Kind::decimal},
    {"tr_tx", Column::tr_tax, Kind::decimal},
    {"tr_sh", Column::tr_shipping, Kind::decimal},
    {"tr_ci", Column::tr_city, Kind::text},
    {"tr_st", Column::tr_state, Kind::text},
    {"tr_co", Column::tr_country, Kind::text},
    {"tr_cu", Column::tr_currency, Kind::text},
    {"ti_id", Column::ti_orderid, Kind::text},
    {"ti_sk", Column::ti_sku, Kind::text},
    {"ti_na", Column::ti_name, Kind::text},
    {"ti_nm", Column::ti_name, Kind::text},
    {"ti_ca", Column::ti_category, Kind::text},
    {"ti_cu", Column::ti_currency, Kind::text},
    {"ti_pr", Column::ti_price, Kind::decimal},
    {"ti_qu", Column::ti_quantity, Kind::integer},
    {"pp_mix", Column::pp_xoffset_min, Kind::integer},
    {"pp_max", Column::pp_xoffset_max, Kind::integer},
    {"pp_miy", Column::pp_yoffset_min, Kind::integer},
    {"pp_may", Column::pp_yoffset_max, Kind::integer},
});

// A name of up to seven bytes, which all names of the table have, and its length as one number.
constexpr std::size_t name_length_max = 7;

constexpr std::uint64_t packed(std::string_view name) {
  std::uint64_t number = name.size();
  for (const char c : name) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

// The rows by their names: a hash table with linear probing.
class Index {
 public:
  constexpr Index() {
    for (std::uint8_t row = 0; row < table.size(); ++row) {
      std::size_t slot = slot_of(packed(table[row].name));
      while (slots_[slot].name != 0) slot = (slot + 1) % slot_count;
      slots_[slot] = {packed(table[row].name), row};
    }
  }

  // table.size() for an unknown name.
  constexpr std::size_t find(std::string_view name) const {
    if (name.size() > name_length_max) return table.size();
    const std::uint64_t wanted = packed(name);
    for (std::size_t slot = slot_of(wanted); slots_[slot].name != 0; slot = (slot + 1) % slot_count)
      if (slots_[slot].name == wanted) return slots_[slot].row;
    return table.size();
  }

 private:
  struct Slot {
    std::uint64_t name = 0;  // 0: free
    std::uint8_t row = 0;
  };
  static constexpr std::size_t slot_count = 256;

  static constexpr std::size_t slot_of(std::uint64_t name) {
    constexpr std::uint64_t golden = 0x9e37'79b9'7f4a'7c15;  // 2^64 divided by the golden ratio
    return static_cast<std::size_t>(name * golden >> 56);
  }

  std::array<Slot, slot_count> slots_{};
};

constexpr Index rows_by_name;
static_assert(std::ranges::all_of(table, [](const Row& row) {
  return &row == &table[rows_by_name.find(row.name)];
}));

class Setter {
 public:
  Setter(EnrichedEvent& event, AtomicFields& out) : event_(event), out_(out) {}

  void set(const Row& row, std::string_view value) {
    switch (row.kind) {
      case Kind::text:
        set_clean(event_[row.column], value);
        return;
      case Kind::address:
        event_[row.column] = first_address(value);
        return;
      case Kind::code:
        return assign(row, value, event_from_code(value));
      case Kind::platform:
        return assign(row, value, platform(value));
      case Kind::uuid:
        return assign(row, value, uuid(value));
      case Kind::integer:
        return assign(row, value, integer(value));
      case Kind::decimal:
        return assign(row, value, decimal(value));
      case Kind::boolean:
        return assign(row, value, boolean(value));
      case Kind::timestamp:
        return assign(row, value, timestamp(value));
      case Kind::dimensions:
        return assign_both(row, value);
      case Kind::json:
        json_of(row) = value;
        return;
      case Kind::base64_json:
        json_of(row) = decoded(
            value, row.column == Column::contexts ? out_.decoded_entities : out_.decoded_event);
        return;
    }
  }

 private:
  std::optional<std::string_view>& json_of(const Row& row) {
    return row.column == Column::contexts ? out_.entities_json : out_.event_json;
  }

  static std::string_view decoded(std::string_view base64, std::string& text) {
    base64_decode(base64, text);
    make_utf8(text);
    return text;
  }

  void report(const Row& row, std::string_view value, std::string message) {
    out_.problems.push_back(
        {{std::move(message), std::string(row.name), "atomic_field_parse_error", {}},
         std::string(value)});
  }

  // Copies, because columns have memory from the event before.
  void assign(const Row& row, std::string_view value, const Converted& converted) {
    if (converted) {
      event_[row.column] = *converted;
    } else {
      report(row, value, converted.error());
    }
  }

  void assign_both(const Row& row, std::string_view value) {
    auto both = dimensions(value);
    if (!both) return report(row, value, std::move(both.error()));
    event_[row.column] = std::move(both->first);
    event_[static_cast<Column>(static_cast<std::size_t>(row.column) + 1)] = std::move(both->second);
  }

  EnrichedEvent& event_;
  AtomicFields& out_;
};

}  // namespace

void set_columns(const Parameters& parameters, EnrichedEvent& event, AtomicFields& out) {
  std::array<std::string_view, table.size()> values;
  std::array<bool, table.size()> present{};
  for (const Parameter& parameter : parameters) {
    const std::size_t row = rows_by_name.find(parameter.name);
    if (row == table.size()) continue;
    present[row] = parameter.value.has_value();
    values[row] = parameter.value.value_or("");
  }
  out.problems.clear();
  out.event_json.reset();
  out.entities_json.reset();
  Setter setter(event, out);
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (present[i]) setter.set(table[i], values[i]);
  }
}

std::vector<ColumnProblem> too_long(const EnrichedEvent& event) {
  std::vector<ColumnProblem> problems;
  event.for_each_touched([&](Column column) {
    const ColumnInfo& about = info(column);
    const std::string& value = event[column];
    // A text has at most as many UTF-16 units as bytes.
    if (about.units_max == 0 || value.size() <= about.units_max ||
        utf16_units(value) <= about.units_max) {
      return;
    }
    problems.push_back(
        {{fmt::format("Field is longer than maximum allowed size {}", about.units_max),
          std::string(about.name),
          "atomic_field_length_exceeded",
          {}},
         value});
  });
  return problems;
}

}  // namespace lvp::enrich
