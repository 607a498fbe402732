#include "collect/split.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "wire/json.h"

namespace lvp::collect {
namespace {

using Views = std::vector<std::string_view>;

const bad_row::Processor processor{"test", "1.0.0"};
constexpr Timestamp now = from_ms(1735689600000);

// The tables this follows use a struct of a body alone. Ours always writes four strings and a list
// more, empty here: 7 and 8 bytes, which are added to the limits and sizes of the tables.
constexpr std::size_t extra = 4 * 7 + 8;

CollectorPayload bare() {
  CollectorPayload payload;
  payload.schema.clear();
  payload.encoding.clear();
  return payload;
}

struct Refusal {
  std::int64_t bytes_max, bytes;
  std::string expectation, payload;
};

Refusal only_refusal(const Pieces& pieces) {
  EXPECT_TRUE(pieces.records.empty());
  EXPECT_EQ(pieces.bad_rows.size(), 1u);
  if (pieces.bad_rows.size() != 1) return {};
  json::Parser parser;
  const auto root = parser.parse(pieces.bad_rows[0]);
  EXPECT_TRUE(root);
  EXPECT_EQ((*root)["schema"].string(),
            "iglu:com.snowplowanalytics.snowplow.badrows/size_violation/jsonschema/1-0-0");
  const json::Value failure = (*root)["data"]["failure"];
  return {failure["maximumAllowedSizeBytes"].integer().value_or(0),
          failure["actualSizeBytes"].integer().value_or(0),
          std::string(failure["expectation"].string().value_or("")),
          std::string((*root)["data"]["payload"].string().value_or(""))};
}

constexpr std::string_view prefix = "oversized collector payload: ";

TEST(Split, BatchesKeepTheirOrderAndFit) {
  struct Row {
    Views events;
    std::size_t array_bytes_max;
    std::vector<Views> fitting;
    Views too_big;
  };
  const Row rows[] = {
      {{R"("a")", R"("b")", R"("c")"}, 9, {{R"("a")", R"("b")"}, {R"("c")"}}, {}},  // S01
      {{R"("a")", R"("b")", R"("c")"}, 13, {{R"("a")", R"("b")", R"("c")"}}, {}},
      {{R"("1234567")", R"("1")", R"("123")"}, 11, {{R"("1234567")"}, {R"("1")", R"("123")"}}, {}},
      {{R"("1234567")", R"("1")", R"("123")"}, 10, {{R"("1")"}, {R"("123")"}}, {R"("1234567")"}},
      {{}, 2, {}, {}},
  };
  for (const Row& row : rows) {
    const Batches batches = batch(row.events, row.array_bytes_max);
    EXPECT_EQ(batches.fitting, row.fitting) << row.array_bytes_max;
    EXPECT_EQ(batches.too_big, row.too_big) << row.array_bytes_max;
  }
}

TEST(Split, WhatIsSmallStaysWhole) {  // S04
  const Pieces pieces = split_payload(bare(), 100, processor, now);
  ASSERT_EQ(pieces.records.size(), 1u);
  EXPECT_EQ(pieces.records[0].size(), 12 + extra);
  EXPECT_EQ(*decode_collector_payload(pieces.records[0]), bare());
  EXPECT_TRUE(pieces.bad_rows.empty());
}

TEST(Split, GetCannotBeCut) {  // S05
  CollectorPayload payload = bare();
  payload.querystring = std::string(1000, 'x');
  const Refusal refusal = only_refusal(split_payload(payload, 100, processor, now));
  EXPECT_EQ(refusal.bytes_max, 100);
  EXPECT_EQ(refusal.bytes, 1019 + static_cast<int>(extra));
  EXPECT_EQ(refusal.expectation, std::string(prefix) + "GET requests cannot be split");
  EXPECT_EQ(refusal.payload, "CollectorP");
}

TEST(Split, OnlySelfDescribingArraysCanBeCut) {
  const std::string filler(1000, 's');
  struct Row {
    std::string body;
    std::string_view expectation;  // its beginning
  };
  const Row rows[] = {
      {filler, "cannot split POST requests which are not json "},  // S07
      {R"({"schema":"s","data":[]})",
       "cannot split POST requests which are not self-describing Invalid Iglu URI: s, code: "
       "INVALID_IGLUURI"},  // S08
      {R"({"schema":"iglu:a/b/jsonschema/0-0-0","data":[]})",
       "cannot split POST requests which are not self-describing Invalid Iglu URI: "
       "iglu:a/b/jsonschema/0-0-0, code: INVALID_SCHEMAVER"},
      {R"({"schema":"iglu:a/b/jsonschema/1-0-0"})",
       "cannot split POST requests which are not self-describing "},
      {R"({"schema":7,"data":[]})", "cannot split POST requests which are not self-describing "},
      {R"([1])", "cannot split POST requests which are not self-describing "},
      {R"({"schema":"iglu:a/b/jsonschema/1-0-0","data":{}})",
       "cannot split POST requests which do not contain a data array"},  // S11
      {R"({"schema":"iglu:a/b/jsonschema/1-0-0","data":[]})",
       R"(cannot split this POST request because event without "data" field is still too big)"},
  };
  for (const Row& row : rows) {
    CollectorPayload payload = bare();
    payload.path = std::string(1000, 'p');
    payload.body = row.body;
    const std::size_t size = encode(payload).size();
    const Refusal refusal = only_refusal(split_payload(payload, 1000, processor, now));
    EXPECT_EQ(refusal.bytes_max, 1000);
    EXPECT_EQ(refusal.bytes, static_cast<std::int64_t>(size));
    EXPECT_TRUE(refusal.expectation.starts_with(std::string(prefix) + std::string(row.expectation)))
        << refusal.expectation;
    EXPECT_LE(refusal.expectation.size(), 256u);
  }
}

std::string event(std::size_t length) {
  return R"({"e":"pv","tv":")" + std::string(length, 't') + R"("})";
}

std::string seven_events(std::string_view separator) {
  std::string body =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/payload_data_of_row09/jsonschema/10-0-4",)";
  body += separator;
  body += R"("data":[)";
  for (const std::size_t length : {600, 5, 600, 1000, 1000, 1000, 1000}) {
    if (!body.ends_with('[')) body += ',';
    body += separator;
    body += event(length);
  }
  return body + "]}";
}

TEST(Split, CutsABatchAndRefusesWhatIsTooLargeAlone) {  // S09
  for (const std::string_view separator : {"", " \n  "}) {
    CollectorPayload payload = bare();
    payload.body = seven_events(separator);
    if (separator.empty()) {
      ASSERT_EQ(payload.body->size(), 5435u);
    }
    const Pieces pieces = split_payload(payload, 1000 + extra, processor, now);
    std::vector<std::size_t> sizes;
    for (const std::string& record : pieces.records) sizes.push_back(record.size());
    EXPECT_EQ(sizes, (std::vector<std::size_t>{759 + extra, 735 + extra}));
    const auto first = decode_collector_payload(pieces.records.at(0));
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->body->ends_with("\"data\":[" + event(600) + "," + event(5) + "]}"));
    ASSERT_EQ(pieces.bad_rows.size(), 4u);
    EXPECT_NE(pieces.bad_rows[0].find(R"("actualSizeBytes":1018,"expectation":)"
                                      R"("oversized collector payload: this POST request split is )"
                                      R"(still too large")"),
              std::string::npos);
  }
}

TEST(Split, EveryPieceIsShorterThanTheLimitAndNoneIsLost) {  // S12
  CollectorPayload payload;
  payload.headers = {"Content-Type: application/json", "application/json"};
  std::string body =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[)";
  for (std::size_t i = 0; i < 40; ++i) body += (i == 0 ? "" : ",") + event(i % 7);
  payload.body = body + "]}";
  const std::size_t whole = encode(payload).size();
  EXPECT_EQ(split_payload(payload, whole + 1, processor, now).records.size(), 1u);
  for (std::size_t limit = 350; limit <= whole; ++limit) {
    const Pieces pieces = split_payload(payload, limit, processor, now);
    EXPECT_TRUE(pieces.bad_rows.empty());
    EXPECT_GE(pieces.records.size(), 2u) << limit;
    std::size_t events = 0;
    json::Parser parser;
    for (const std::string& record : pieces.records) {
      EXPECT_LT(record.size(), limit);
      const auto piece = decode_collector_payload(record);
      ASSERT_TRUE(piece);
      EXPECT_EQ(piece->headers, payload.headers);
      const auto root = parser.parse(*piece->body);
      ASSERT_TRUE(root);
      events += (*root)["data"].size();
    }
    EXPECT_EQ(events, 40u) << limit;
  }
}

TEST(Split, PayloadAsText) {  // S06
  CollectorPayload payload = bare();
  payload.ip_address = "1.2.3.4";
  payload.collector = "c";
  payload.body = "ss";
  payload.headers = {"A: b", "C: d"};
  payload.network_userid = "n";
  EXPECT_EQ(text(payload),
            "CollectorPayload(schema:, ipAddress:1.2.3.4, timestamp:0, encoding:, collector:c, "
            "body:ss, headers:[A: b, C: d], networkUserId:n)");
}

}  // namespace
}  // namespace lvp::collect
