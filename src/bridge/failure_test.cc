// Rows named R… are those of docs/compatibility-bridge.md.
#include "bridge/failure.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "wire/json.h"

namespace lvp::bridge {
namespace {

constexpr std::size_t no_limit = 1 << 20;

Envelope envelope(std::size_t bytes_max) {
  return {"snowbridge", "5.1.1", *parse_timestamp("2024-11-16T13:33:30.999Z"), bytes_max};
}

std::string generic(std::string_view data, std::size_t bytes_max = no_limit) {
  const std::string errors[] = {"failure"};
  const auto row = generic_error_row(envelope(bytes_max), errors, data);
  return row ? *row : row.error().what;
}

TEST(FailureRows, AreSnowbridges) {
  const std::string one[] = {"Cannot <parse>"};
  EXPECT_EQ(
      generic_error_row(envelope(no_limit), one, "a\tb"),  // R247
      R"({"data":{"failure":{"errors":["Cannot \u003cparse\u003e"],)"
      R"("timestamp":"2024-11-16T13:33:30Z"},"payload":"a\tb",)"
      R"("processor":{"artifact":"snowbridge","version":"5.1.1"}},)"
      R"("schema":"iglu:com.snowplowanalytics.snowplow.badrows/generic_error/jsonschema/1-0-0"})");
  EXPECT_EQ(
      size_violation_row(envelope(no_limit), 20, "Hello World!"),  // R246
      R"({"data":{"failure":{"actualSizeBytes":12,)"
      R"("expectation":"Expected payload to fit into requested target",)"
      R"("maximumAllowedSizeBytes":20,"timestamp":"2024-11-16T13:33:30Z"},)"
      R"("payload":"Hello World!",)"
      R"("processor":{"artifact":"snowbridge","version":"5.1.1"}},)"
      R"("schema":"iglu:com.snowplowanalytics.snowplow.badrows/size_violation/jsonschema/1-0-0"})");
  EXPECT_EQ(
      forwarding_error_row(envelope(no_limit),  // R248
                           {.type = "api",
                            .code = "401",
                            .message = "HTTP Status Code: 401 Body: unauthorised",
                            .latest_state = "<data>"},
                           "<original tsv>"),
      R"({"data":{"failure":{"errorCode":"401",)"
      R"("errorMessage":"HTTP Status Code: 401 Body: unauthorised","errorType":"api",)"
      R"("latestState":"\u003cdata\u003e","timestamp":"2024-11-16T13:33:30Z"},)"
      R"("payload":"\u003coriginal tsv\u003e",)"
      R"("processor":{"artifact":"snowbridge","version":"5.1.1"}},"schema":)"
      R"("iglu:com.snowplowanalytics.snowplow.badrows/event_forwarding_error/jsonschema/1-0-0"})");
}

std::string payload_of(std::string_view row) {
  json::Parser parser;
  const auto root = parser.parse(row);
  return root ? std::string((*root)["data"]["payload"].string().value_or("none")) : "no JSON";
}

TEST(FailureRows, HoldWhatIsNoText) {
  EXPECT_EQ(payload_of(generic("")), "");                              // R254
  const auto row = generic_error_row(envelope(no_limit), {}, "\x01");  // R255
  ASSERT_TRUE(row);
  EXPECT_NE(row->find(R"("errors":[])"), row->npos);
  EXPECT_NE(row->find(R"("payload":"\u0001")"), row->npos);
  EXPECT_EQ(payload_of(generic("a\xff"
                               "b")),
            "a\ufffd"
            "b");
}

TEST(FailureRows, AreCutToTheLimit) {
  const std::string ascii = "This is a payload of fifty-two characters, no more, no.";
  const std::string wide = "\u541b\u304c\u4ee3\u306f\u5343\u4ee3\u306b\u516b\u5343\u4ee3\u306b";
  const std::size_t frame = generic("").size();
  EXPECT_EQ(payload_of(generic(ascii, frame + 7)), "This is");               // R249
  EXPECT_EQ(payload_of(generic(wide, frame + 8)), "\u541b\u304c");           // R250
  EXPECT_EQ(generic("x", frame).substr(0, 24), "Failed to create bad-row");  // R253
  const std::string escapes(100, '\x01');                                    // R251: six bytes each
  for (std::size_t room = 1; room < 700; room += 13) {
    const std::string row = generic(escapes, frame + room);
    EXPECT_LE(row.size(), frame + room);
    EXPECT_TRUE(escapes.starts_with(payload_of(row)));
  }
  EXPECT_EQ(payload_of(generic(escapes, frame + 600)), escapes);

  const std::string hello = "Hello World! This is one hundred characters long";  // R252
  const std::size_t size_frame = size_violation_row(envelope(no_limit), 20, "")->size();
  const auto violation = size_violation_row(envelope(size_frame + 16), 20, hello);
  ASSERT_TRUE(violation);
  EXPECT_EQ(payload_of(*violation), "Hello World! Th");  // the size has one digit more
  EXPECT_NE(violation->find("\"actualSizeBytes\":48,"), violation->npos);
}

TEST(FailureRows, OfForwardingLoseTheStateFirst) {  // R256
  const std::string state(200, 's');
  const std::string original = "This is a very long payload that should be cut";
  const ForwardingFailure none{"", "", "", ""};
  const std::size_t frame = forwarding_error_row(envelope(no_limit), none, "")->size();
  const ForwardingFailure failure{"", "", "", state};
  for (std::size_t room = 0; room < 300; room += 7) {
    const auto row = forwarding_error_row(envelope(frame + room), failure, original);
    ASSERT_TRUE(row) << room;
    EXPECT_LE(row->size(), frame + room);
    const std::string payload = payload_of(*row);
    EXPECT_TRUE(original.starts_with(payload));
    const bool whole = payload == original;
    EXPECT_EQ(row->find("\"latestState\":\"\"") == row->npos, whole && room > original.size())
        << room;
  }
  EXPECT_FALSE(forwarding_error_row(envelope(frame - 1), failure, original));
}

TEST(FailureRows, NameTheErrorsCode) {
  EXPECT_EQ(transformation_error_code("error running [main]: TypeError: a ReferenceError"),
            "TypeError");
  EXPECT_EQ(transformation_error_code("ReferenceError: TypeError"), "ReferenceError");
  EXPECT_EQ(transformation_error_code("SyntaxError: x"), "SyntaxError");
  EXPECT_EQ(transformation_error_code("Cannot parse tsv event"), "TransformationError");
}

}  // namespace
}  // namespace lvp::bridge
