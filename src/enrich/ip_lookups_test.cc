#include "enrich/ip_lookups.h"

#include <filesystem>
#include <fstream>

#include "enrich/test_events.h"
#include "enrich/test_mmdb.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view config = "com.snowplowanalytics.snowplow/ip_lookups/2-0-1";
constexpr std::uint32_t network = 203u << 24 | 0u << 16 | 113u << 8;  // 203.0.113.0/24
constexpr int bits = 24;

std::string names(std::string_view english) {
  return mmdb::map({{"de", mmdb::text("?")}, {"en", mmdb::text(english)}});
}

std::string city_record() {
  return mmdb::map(
      {{"city", mmdb::map({{"names", names("Norwich\t")}})},
       {"country", mmdb::map({{"iso_code", mmdb::text("GB")}})},
       {"location", mmdb::map({{"latitude", mmdb::real(52.6259)},
                               {"longitude", mmdb::real(1.0)},
                               {"time_zone", mmdb::text("Europe/London")}})},
       {"postal", mmdb::map({{"code", mmdb::text("NR1")}})},
       {"subdivisions",
        mmdb::list({mmdb::map({{"iso_code", mmdb::text("ENG")}, {"names", names("England")}}),
                    mmdb::map({{"iso_code", mmdb::text("NFK")}, {"names", names("Norfolk")}})})}});
}

std::string isp_record() {
  return mmdb::map({{"isp", mmdb::text("Andrews")},
                    {"organization", mmdb::text("STONEHOUSE")},
                    {"autonomous_system_number", mmdb::uint32(20712)},
                    {"autonomous_system_organization", mmdb::text("Andrews Ltd")}});
}

class IpLookupsTest : public Enrich {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(std::string_view name, std::string_view bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }

  Assets assets() const {
    Assets out;
    out.open_database = [folder = folder_](std::string_view name) {
      return open_mmdb(folder / name);
    };
    return out;
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      fmt::format("lvp_ip_lookups_{}",
                  testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(IpLookupsTest, SetColumnsAndTheAsnEntity) {
  write("city.mmdb", mmdb::database(network, bits, city_record()));
  write("isp.mmdb", mmdb::database(network, bits, isp_record()));
  write("domain.mmdb",
        mmdb::database(network, bits, mmdb::map({{"domain", mmdb::text("in-addr.arpa")}})));
  write("speed.mmdb",
        mmdb::database(network, bits, mmdb::map({{"connection_type", mmdb::text("Dialup")}})));
  use(config,
      R"({"geo":{"database":"city.mmdb","uri":"http://a.com/"},"isp":{"database":"isp.mmdb"},)"
      R"("domain":{"database":"domain.mmdb"},"connectionType":{"database":"speed.mmdb"}})",
      assets());
  const EnrichedView event = good(pixel({{"e", "pv"}}));  // from 203.0.113.9
  EXPECT_EQ(event[Column::geo_country], "GB");
  EXPECT_EQ(event[Column::geo_region], "NFK");
  EXPECT_EQ(event[Column::geo_region_name], "Norfolk");
  EXPECT_EQ(event[Column::geo_city], "Norwich    ");
  EXPECT_EQ(event[Column::geo_zipcode], "NR1");
  EXPECT_EQ(event[Column::geo_latitude], "52.6259");
  EXPECT_EQ(event[Column::geo_longitude], "1.0");
  EXPECT_EQ(event[Column::geo_timezone], "Europe/London");
  EXPECT_EQ(event[Column::ip_isp], "Andrews");
  EXPECT_EQ(event[Column::ip_organization], "STONEHOUSE");
  EXPECT_EQ(event[Column::ip_domain], "in-addr.arpa");
  EXPECT_EQ(event[Column::ip_netspeed], "Dialup");
  EXPECT_EQ(event[Column::derived_contexts],
            entities(self_describing("iglu:com.snowplowanalytics.snowplow/asn/jsonschema/1-0-1",
                                     R"({"number":20712,"organization":"Andrews Ltd"})")));
}

TEST_F(IpLookupsTest, TolerateWhatIsNoAddress) {
  write("city.mmdb", mmdb::database(network, bits, city_record()));
  use(config, R"({"geo":{"database":"city.mmdb"}})", assets());
  const struct {
    std::string address;
    std::string_view country;
  } rows[] = {{"203.0.113.1", "GB"},      {"203.0.113.1:8080", "GB"},
              {"[203.0.113.1]:80", "GB"}, {"203.0.112.1", ""},
              {"localhost", ""},          {"::1", ""},
              {"[2001:db8::1]:443", ""},  {"[", ""}};
  for (const auto& row : rows) {
    const EnrichedView event = good(pixel({{"e", "pv"}, {"ip", row.address}}));
    EXPECT_EQ(event[Column::geo_country], row.country) << row.address;
    EXPECT_EQ(event[Column::derived_contexts], "");
  }
}

TEST_F(IpLookupsTest, TakeTheAsnFromItsOwnDatabaseFirst) {
  write("isp.mmdb", mmdb::database(network, bits, isp_record()));
  write("asn.mmdb",
        mmdb::database(network, bits, mmdb::map({{"autonomous_system_number", mmdb::uint32(7)}})));
  use(config, R"({"isp":{"database":"isp.mmdb"},"asn":{"database":"asn.mmdb"}})", assets());
  EXPECT_EQ(good(pixel({{"e", "pv"}}))[Column::derived_contexts],
            entities(self_describing("iglu:com.snowplowanalytics.snowplow/asn/jsonschema/1-0-1",
                                     R"({"number":7})")));
}

TEST_F(IpLookupsTest, NameTheFileThatIsNoDatabase) {
  write("text.mmdb", "a text");
  const auto error = [&](std::string_view text) {
    return IpLookups::load(configuration(config, text), assets()).error().what;
  };
  EXPECT_NE(error(R"({"geo":{"database":"text.mmdb"}})").find("text.mmdb: "), std::string::npos);
  EXPECT_NE(error(R"({"geo":{"database":"none.mmdb"}})").find("none.mmdb: "), std::string::npos);
  EXPECT_EQ(error(R"({"geo":{}})"), "file.json: parameters.geo.database: missing, or no text");
  EXPECT_EQ(error(R"({"city":{}})"), "file.json: parameters.city: unknown");
}

TEST(JavaFloat, PrintsAsJava) {
  const struct {
    float value;
    std::string_view text;
  } rows[] = {{51, "51.0"},        {-0.5f, "-0.5"},        {0, "0.0"},
              {0.001f, "0.001"},   {1e-4f, "1.0E-4"},      {-1.25e-5f, "-1.25E-5"},
              {37.751f, "37.751"}, {9999999, "9999999.0"}, {1e7f, "1.0E7"},
              {1.5e10f, "1.5E10"}};
  for (const auto& row : rows) EXPECT_EQ(java_float(row.value), row.text);
}

}  // namespace
}  // namespace lvp::enrich
