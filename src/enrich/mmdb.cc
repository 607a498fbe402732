#include <fmt/format.h>
#include <maxminddb.h>

#include <string_view>

#include "base/text.h"
#include "enrich/ip_database.h"

namespace lvp::enrich {
namespace {

using Path = const char* const*;  // ends with a null pointer

std::optional<MMDB_entry_data_s> value_at(MMDB_entry_s entry, Path path) {
  MMDB_entry_data_s data;
  if (MMDB_aget_value(&entry, &data, path) != MMDB_SUCCESS || !data.has_data) return std::nullopt;
  return data;
}

std::string text_at(MMDB_entry_s entry, Path path) {
  const auto data = value_at(entry, path);
  if (!data || data->type != MMDB_DATA_TYPE_UTF8_STRING) return "";
  return repaired_utf8({data->utf8_string, data->data_size});
}

template <class... Keys>
std::string text(MMDB_entry_s entry, Keys... keys) {
  const char* const path[] = {keys..., nullptr};
  return text_at(entry, path);
}

template <class... Keys>
std::optional<double> number(MMDB_entry_s entry, Keys... keys) {
  const char* const path[] = {keys..., nullptr};
  const auto data = value_at(entry, path);
  if (!data || data->type != MMDB_DATA_TYPE_DOUBLE) return std::nullopt;
  return data->double_value;
}

template <class... Keys>
std::uint32_t size(MMDB_entry_s entry, Keys... keys) {
  const char* const path[] = {keys..., nullptr};
  const auto data = value_at(entry, path);
  return data && data->type == MMDB_DATA_TYPE_ARRAY ? data->data_size : 0;
}

std::optional<std::uint32_t> asn(MMDB_entry_s entry) {
  const char* const path[] = {"autonomous_system_number", nullptr};
  const auto data = value_at(entry, path);
  if (!data || data->type != MMDB_DATA_TYPE_UINT32) return std::nullopt;
  return data->uint32;
}

IpRecord read(MMDB_entry_s entry) {
  IpRecord record;
  record.country = text(entry, "country", "iso_code");
  if (const auto regions = size(entry, "subdivisions"); regions > 0) {  // the largest comes first
    const std::string last = std::to_string(regions - 1);
    record.region = text(entry, "subdivisions", last.c_str(), "iso_code");
    record.region_name = text(entry, "subdivisions", last.c_str(), "names", "en");
  }
  record.city = text(entry, "city", "names", "en");
  record.zipcode = text(entry, "postal", "code");
  record.timezone = text(entry, "location", "time_zone");
  record.latitude = number(entry, "location", "latitude");
  record.longitude = number(entry, "location", "longitude");
  record.isp = text(entry, "isp");
  record.organization = text(entry, "organization");
  record.domain = text(entry, "domain");
  record.connection_type = text(entry, "connection_type");
  record.asn = asn(entry);
  record.asn_organization = text(entry, "autonomous_system_organization");
  return record;
}

class Mmdb final : public IpDatabase {
 public:
  Mmdb() = default;
  Mmdb(const Mmdb&) = delete;
  Mmdb& operator=(const Mmdb&) = delete;
  ~Mmdb() override {
    if (is_open_) MMDB_close(&file_);
  }

  Status open(const std::string& path) {
    const int said = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &file_);
    if (said != MMDB_SUCCESS) return invalid(fmt::format("{}: {}", path, MMDB_strerror(said)));
    is_open_ = true;
    return {};
  }

  std::optional<IpRecord> find(const std::string& address) const override {
    int not_an_address = 0;
    int error = MMDB_SUCCESS;
    MMDB_lookup_result_s result =
        MMDB_lookup_string(&file_, address.c_str(), &not_an_address, &error);
    if (not_an_address != 0 || error != MMDB_SUCCESS || !result.found_entry) return std::nullopt;
    return read(result.entry);
  }

 private:
  MMDB_s file_{};
  bool is_open_ = false;
};

}  // namespace

Result<std::unique_ptr<IpDatabase>> open_mmdb(const std::string& path) {
  auto database = std::make_unique<Mmdb>();
  LVP_DO(database->open(path));
  return database;
}

}  // namespace lvp::enrich
