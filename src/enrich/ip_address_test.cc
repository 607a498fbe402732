#include "enrich/ip_address.h"

#include <gtest/gtest.h>

#include <vector>

namespace lvp::enrich {
namespace {

TEST(IpAddress, SeesThroughProxies) {
  const std::string fallback = "255.255.255.255";
  const std::string v6 = "2001:0db8:85a3:0000:0000:8a2e:0370:7334";
  const struct {
    std::vector<std::string> headers;
    std::string address;
  } rows[] = {
      {{}, fallback},
      {{"X-Forwarded-For: localhost"}, fallback},
      {{"x-FoRwaRdeD-FOr: 129.78.138.66, 129.78.64.103"}, "129.78.138.66"},
      {{"X-Forwarded-For: 129.78.138.66abcdefg"}, "129.78.138.66"},
      {{"X-Forwarded-For: " + v6}, v6},
      {{"X-Forwarded-For: " + v6 + "abcdefg"}, "2001:0db8:85a3:0000:0000:8a2e:0370:"},
      {{"X-Forwarded-For: \"[" + v6 + "]\""}, v6},
      {{"X-Forwarded-For: 2001:DB8::A"}, "2001:db8::a"},
      {{"X-Forwarded-For: " + std::string(30, ':')}, std::string(15, ':')},
      {{"Forwarded: for=129.78.138.66, 129.78.64.103"}, "129.78.138.66"},
      {{"Forwarded: for=\"[2001:db8::1]:4711\""}, "2001:db8::1"},
      {{"Forwarded: for=2.2.2.2", "X-Forwarded-For: 1.1.1.1"}, "1.1.1.1"},
      {{"Forwarded: for=2.2.2.2", "Accept: */*"}, "2.2.2.2"},
      {{"X-Forwarded-For: 1.1.1.1:8080"}, "1.1.1.1"},
      {{"X-Forwarded-For: [1fff:0:a88:85a3::ac1f]:8001"}, "1fff:0:a88:85a3::ac1f"},
      {{"X-Forwarded-For:1.1.1.1"}, fallback},
      {{"X-Forwarded-For: " + std::string(1'000'000, 'a')}, fallback},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(client_address(row.headers, fallback), row.address)
        << (row.headers.empty() ? "" : row.headers.front().substr(0, 80));
  }
}

}  // namespace
}  // namespace lvp::enrich
