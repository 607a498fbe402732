#include "collect/client_address.h"

#include <gtest/gtest.h>

namespace lvp::collect {
namespace {

TEST(ClientAddress, IsTheFirstForwardedIfAllAreAddresses) {
  struct Row {
    std::string_view forwarded, peer, expected;
  };
  const Row rows[] = {
      {"192.0.2.4", "192.0.2.2", "192.0.2.4"},  // P02
      {"203.0.113.7, 10.0.0.1", "192.0.2.2", "203.0.113.7"},
      {"unknown, 10.0.0.1", "192.0.2.2", "unknown"},
      {"203.0.113.7:4711", "192.0.2.2", "192.0.2.2"},  // P15
      {"203.0.113.7, host.example", "192.0.2.2", "192.0.2.2"},
      {"203.0.113.7,", "192.0.2.2", "192.0.2.2"},
      {"203.0.113.07", "192.0.2.2", "192.0.2.2"},
      {"2001:DB8:0:0::1", "192.0.2.2", "2001:db8::1"},  // P16
      {"[2001:db8::1]", "192.0.2.2", "192.0.2.2"},
      {"1234:1234:1234:1234:1234:1234:255.255.255.255", "",
       "1234:1234:1234:1234:1234:1234:ffff:ffff"},
      {"1234:1234:1234:1234:1234:1234:1234:1234:1234:1234", "192.0.2.2", "192.0.2.2"},
      {"", "192.0.2.2", "192.0.2.2"},
  };
  for (const Row& row : rows) {
    const http::Request request{"GET", "/i", {{"X-Forwarded-For", row.forwarded}}, "", row.peer};
    EXPECT_EQ(client_address(request, true), row.expected) << row.forwarded;
    EXPECT_EQ(client_address(request, false), row.peer.empty() ? "unknown" : row.peer);
  }
}

TEST(ClientAddress, IsThePeersOtherwise) {  // P03
  EXPECT_EQ(client_address({"GET", "/i", {}, "", "192.0.2.2"}, true), "192.0.2.2");
  EXPECT_EQ(client_address({"GET", "/i", {}, "", "2001:db8::2"}, true), "2001:db8::2");
  EXPECT_EQ(client_address({"GET", "/i", {}, "", ""}, true), "unknown");
}

TEST(ClientAddress, ASenderOfManyIpv6AddressesIsOne) {
  EXPECT_EQ(sender_of("2001:db8:0:7::1"), sender_of("2001:db8:0:7:ffff:ffff:ffff:ffff"));
  EXPECT_NE(sender_of("2001:db8:0:7::1"), sender_of("2001:db8:0:8::1"));
  EXPECT_NE(sender_of("192.0.2.1"), sender_of("192.0.2.2"));
  EXPECT_EQ(sender_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(sender_of("unknown"), "unknown");
}

}  // namespace
}  // namespace lvp::collect
