#include "enrich/container.h"

#include "base/test_compress.h"
#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

std::string with_length(std::string_view payload) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift);
  return out.append(payload);
}

constexpr std::string_view header = "\x01\x01";

std::string container(const Texts& payloads) {
  std::string out(header);
  for (const std::string& payload : payloads) out += with_length(payload);
  return out;
}

std::string message(std::string_view error) {
  return bad_row::payload_error(error);
}

using Views = std::vector<std::string_view>;

TEST(Container, IsTakenApart) {
  const std::string two = container({"one", "", "three"});
  EXPECT_EQ(unpack(two, 5).payloads, (Views{"one", "", "three"}));
  EXPECT_EQ(unpack(two, 5).error, "");
  EXPECT_EQ(unpack(header, 5).payloads, Views{});
  EXPECT_EQ(unpack(header, 5).error, "");
}

TEST(Container, LeavesOutWhatIsTooLarge) {
  const std::string bytes = container({"one", "larger", "two"});
  const Unpacked unpacked = unpack(bytes, 5);
  EXPECT_EQ(unpacked.payloads, (Views{"one", "two"}));
  EXPECT_EQ(unpacked.oversized, std::vector<std::uint32_t>{6});
  EXPECT_EQ(unpacked.error, "");
}

TEST(Container, GivesWhatComesBeforeAnError) {
  const std::string one = container({"one"});
  const struct {
    std::string rest;
  } rows[] = {{std::string(3, '\0')}, {with_length("two").substr(0, 6)}, {"\xff\xff\xff\xff"}};
  for (const auto& row : rows) {
    const std::string bytes = one + row.rest;
    const Unpacked unpacked = unpack(bytes, 5);
    EXPECT_EQ(unpacked.payloads, Views{"one"});
    EXPECT_EQ(unpacked.error, "corrupt compressed payload");
  }
}

TEST(Container, RefusesOtherVersions) {
  const struct {
    std::string_view bytes, versions;
  } rows[] = {{"", "-1, -1"}, {"\x01", "1, -1"}, {"\x02\x01", "2, 1"}, {"\x01\xff", "1, 255"}};
  for (const auto& row : rows) {
    EXPECT_EQ(unpack(row.bytes, 5).error,
              fmt::format("Unsupported versions in compressed record header: {}", row.versions));
  }
}

TEST(Container, HoldsALimitedNumber) {
  std::string bytes(header);
  bytes.append(4 * (container_payloads_max + 1), '\0');
  const Unpacked unpacked = unpack(bytes, 5);
  EXPECT_EQ(unpacked.payloads.size(), container_payloads_max);
  EXPECT_EQ(unpacked.error, "corrupt compressed payload");
}

class EnrichContainer : public Enrich,
                        public testing::WithParamInterface<std::string (*)(std::string_view)> {
 protected:
  std::string compress(std::string_view bytes) const { return GetParam()(bytes); }
  std::string loader() const { return GetParam() == gzip ? "Gzip" : "Zstd"; }
};
INSTANTIATE_TEST_SUITE_P(All, EnrichContainer, testing::Values(gzip, zstd));

TEST_P(EnrichContainer, EnrichesAllItHolds) {
  const std::string pv = encode(pixel({{"e", "pv"}}));
  const std::string pp = encode(pixel({{"e", "pp"}}));
  const Outcome outcome = run_bytes(compress(container({pv, "\x01", pp})));
  ASSERT_EQ(outcome.good.size(), 2u);
  EXPECT_EQ((*EnrichedView::parse(outcome.good[0].tsv))[Column::event], "page_view");
  EXPECT_EQ((*EnrichedView::parse(outcome.good[1].tsv))[Column::event], "page_ping");
  // What is wrong with one payload is told with its own bytes, by the reader of payloads.
  EXPECT_EQ(outcome.bad,
            Texts{bad_row::collector_payload_format_violation(
                Settings{}.processor, now,
                message("error deserializing raw event: Reached end of bytes when parsing as "
                        "thrift format"),
                "\x01")});
}

TEST_P(EnrichContainer, TooLargePayloadIsASizeViolation) {
  const std::string record = compress(container({std::string(51, 'x')}));
  Settings settings;
  settings.payload_bytes_max = 50;
  const Outcome outcome = run_bytes(record, settings);
  EXPECT_TRUE(outcome.good.empty());
  EXPECT_EQ(outcome.bad,
            Texts{fmt::format(
                R"({{"schema":"iglu:com.snowplowanalytics.snowplow.badrows/size_violation/)"
                R"(jsonschema/1-0-0","data":{{"processor":{{"artifact":"lvp-enrich","version":)"
                R"("0.1.0"}},"failure":{{"timestamp":"2026-05-01T08:00:00.120Z",)"
                R"("maximumAllowedSizeBytes":50,"actualSizeBytes":51,"expectation":"Collector )"
                R"(payload will exceed maximum allowed size of 50 after {} decompression"}},)"
                R"("payload":"{}"}}}})",
                loader(), base64_encode(record))});
}

TEST_P(EnrichContainer, WhatIsBrokenKeepsAllItsBytes) {
  const std::string good = container({encode(pixel({{"e", "pv"}}))});
  const std::string whole = compress(good);
  const struct {
    std::string record;
    std::string error;
    std::size_t good;
  } rows[] = {
      {whole.substr(0, whole.size() - 1), "corrupt compressed payload", 0},
      {whole.substr(0, 4), "corrupt compressed payload", 0},
      {compress(good + "abc"), "corrupt compressed payload", 1},
      {compress(""), "Unsupported versions in compressed record header: -1, -1", 0},
      {compress(std::string(container_bytes_max + 1, 'x')),
       fmt::format("compressed record is larger than {} bytes", container_bytes_max), 0},
  };
  for (const auto& row : rows) {
    const Outcome outcome = run_bytes(row.record);
    EXPECT_EQ(outcome.good.size(), row.good) << row.error;
    EXPECT_EQ(outcome.bad,
              Texts{bad_row::collector_payload_format_violation(
                  Settings{}.processor, now, message(row.error), row.record, loader())});
  }
}

}  // namespace
}  // namespace lvp::enrich
