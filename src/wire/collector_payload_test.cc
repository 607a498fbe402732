#include "wire/collector_payload.h"

#include <gtest/gtest.h>

#include "wire/base64.h"

namespace lvp {
namespace {

CollectorPayload golden_get() {
  CollectorPayload payload;
  payload.ip_address = "203.0.113.7";
  payload.timestamp_ms = 1735689600000;
  payload.collector = "ssc-3.4.0-kafkasink";
  payload.user_agent = "curl/8.5.0";
  payload.path = "/i";
  payload.querystring = "e=pv&p=web&tv=no-js-0.1.0";
  payload.headers = {"Host: c.example.com", "User-Agent: curl/8.5.0", "Accept: */*"};
  payload.network_userid = "11111111-2222-4333-8444-555555555555";
  return payload;
}

// Two records as the original's Thrift writer spells them.
constexpr std::string_view get_hex =
    "0b00640000000b3230332e302e3131332e370a00c8000001941f297c000b00d2000000055554462d380b00dc000000"
    "137373632d332e342e302d"
    "6b61666b6173696e6b0b012c0000000a6375726c2f382e352e300b0140000000022f690b014a00000019653d707626"
    "703d7765622674763d6e6f"
    "2d6a732d302e312e300f015e0b0000000300000013486f73743a20632e6578616d706c652e636f6d00000016557365"
    "722d4167656e743a206375"
    "726c2f382e352e300000000b4163636570743a202a2f2a0b019a0000002431313131313131312d323232322d343333"
    "332d383434342d35353535"
    "35353535353535350b7a690000004169676c753a636f6d2e736e6f77706c6f77616e616c79746963732e736e6f7770"
    "6c6f772f436f6c6c656374"
    "6f725061796c6f61642f7468726966742f312d302d3000";

constexpr std::string_view post_base64 =
    "CwBkAAAACzIwMy4wLjExMy43CgDIAAABlB8pfAALANIAAAAFVVRGLTgLANwAAAATc3NjLTMuNC4wLWthZmthc2luawsBLA"
    "AAAApjdXJsLzguNS4wCwFA"
    "AAAAIy9jb20uc25vd3Bsb3dhbmFseXRpY3Muc25vd3Bsb3cvdHAyCwFKAAAAAAsBVAAAAJJ7InNjaGVtYSI6ImlnbHU6Y2"
    "9tLnNub3dwbG93YW5hbHl0"
    "aWNzLnNub3dwbG93L3BheWxvYWRfZGF0YS9qc29uc2NoZW1hLzEtMC00IiwiZGF0YSI6W3siZSI6InB2IiwicCI6IndlYi"
    "IsInR2IjoianMtNC42LjAi"
    "LCJzdG0iOiIxNzM1Njg5NjAwMDAwIn1dfQ8BXgsAAAAGAAAAE0hvc3Q6IGMuZXhhbXBsZS5jb20AAAAtQ29udGVudC1UeX"
    "BlOiBhcHBsaWNhdGlvbi9q"
    "c29uOyBjaGFyc2V0PVVURi04AAAAE0NvbnRlbnQtTGVuZ3RoOiAxNDYAAAAWVXNlci1BZ2VudDogY3VybC84LjUuMAAAAA"
    "tBY2NlcHQ6ICovKgAAAB9h"
    "cHBsaWNhdGlvbi9qc29uOyBjaGFyc2V0PXV0Zi04CwFoAAAAH2FwcGxpY2F0aW9uL2pzb247IGNoYXJzZXQ9dXRmLTgLAZ"
    "oAAAAkMTExMTExMTEtMjIy"
    "Mi00MzMzLTg0NDQtNTU1NTU1NTU1NTU1C3ppAAAAQWlnbHU6Y29tLnNub3dwbG93YW5hbHl0aWNzLnNub3dwbG93L0NvbG"
    "xlY3RvclBheWxvYWQvdGhy"
    "aWZ0LzEtMC0wAA==";

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

TEST(CollectorPayload, WritesTheGoldenGet) {
  const std::string bytes = encode(golden_get());
  EXPECT_EQ(bytes.size(), 313u);
  EXPECT_EQ(hex(bytes), get_hex);
}

TEST(CollectorPayload, WritesTheSameFromViews) {
  CollectorPayloadView view;
  view.ip_address = "203.0.113.7";
  view.timestamp_ms = 1735689600000;
  view.collector = "ssc-3.4.0-kafkasink";
  view.user_agent = "curl/8.5.0";
  view.path = "/i";
  view.querystring = "e=pv&p=web&tv=no-js-0.1.0";
  view.headers = {{"Host", "c.example.com"}, {"", "User-Agent: curl/8.5.0"}, {"Accept", "*/*"}};
  view.network_userid = "11111111-2222-4333-8444-555555555555";
  EXPECT_EQ(hex(encode(view)), get_hex);
}

TEST(CollectorPayload, WritesTheGoldenPost) {
  CollectorPayload payload = golden_get();
  payload.path = "/com.snowplowanalytics.snowplow/tp2";
  payload.querystring = "";
  payload.body =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{"e":"pv","p":"web","tv":"js-4.6.0","stm":"1735689600000"}]})";
  payload.headers = {"Host: c.example.com", "Content-Type: application/json; charset=UTF-8",
                     "Content-Length: 146", "User-Agent: curl/8.5.0",
                     "Accept: */*",         "application/json; charset=utf-8"};
  payload.content_type = "application/json; charset=utf-8";
  const std::string bytes = encode(payload);
  EXPECT_EQ(bytes.size(), 619u);
  EXPECT_EQ(base64_encode(bytes), post_base64);
  EXPECT_EQ(*decode_collector_payload(bytes), payload);
}

TEST(CollectorPayload, AnEmptyListIsNoWorseThanNoList) {
  CollectorPayload payload;
  EXPECT_EQ(*decode_collector_payload(encode(payload)), payload);
}

TEST(CollectorPayload, NothingStaysOfThePayloadBefore) {
  CollectorPayload full = golden_get();
  full.encoding = "ISO-8859-1";
  full.referer_uri = "http://a.com/";
  full.body = "{}";
  full.content_type = "application/json";
  full.hostname = "c.example.com";
  CollectorPayload nearly_empty;
  nearly_empty.schema = "";
  CollectorPayload with_fewer_headers = full;
  with_fewer_headers.headers.pop_back();
  CollectorPayload decoded;
  for (const CollectorPayload& payload :
       {full, nearly_empty, full, with_fewer_headers, full, golden_get(), full}) {
    ASSERT_TRUE(decode_collector_payload(encode(payload), decoded));
    EXPECT_EQ(decoded, payload);
  }
  ASSERT_TRUE(decode_collector_payload(std::string_view("\0", 1), decoded));  // no field at all
  nearly_empty.timestamp_ms = 0;
  EXPECT_EQ(decoded, nearly_empty);
}

TEST(CollectorPayload, RefusesCutAndForeignBytes) {
  const std::string bytes = encode(golden_get());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(decode_collector_payload(std::string_view(bytes).substr(0, length))) << length;
  }
  EXPECT_FALSE(decode_collector_payload("\x01"));
}

}  // namespace
}  // namespace lvp
