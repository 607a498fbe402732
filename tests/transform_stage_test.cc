// The transform stage on real streams: what a stream does not take becomes a bad row (P8).
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "stages/stages.h"
#include "stream/batch.h"
#include "tests/engines.h"
#include "tests/narrow_writer.h"
#include "wire/json.h"

namespace lvp::tests {
namespace {

constexpr Duration no_wait{};

class TransformStageTest : public testing::TestWithParam<EngineCase> {
 protected:
  static constexpr std::size_t narrow = 1 << 20;

  void send(const std::vector<std::string>& values) {
    const auto unit = engine_->unit();
    for (const std::string& value : values) must(in_writer_->append(*unit, {{"k", value}}));
    must(unit->commit());
  }
  std::vector<std::string> values(const std::string& stream) {
    const stream::Batch batch = must(engine_->stream(stream).read("0", "", 1'000));
    std::vector<std::string> found;
    for (const stream::Record& record : batch.records) found.emplace_back(record.value);
    return found;
  }
  std::unique_ptr<stages::Stage> make(stages::Transform transform) {
    return stages::make_transform_stage("copy",
                                        {.in = *reader_,
                                         .out = *out_,
                                         .bad = *bad_,
                                         .new_unit = [this] { return engine_->unit(); },
                                         .processor = {"lvp-copy", "1"},
                                         .clock = engine_->clock,
                                         .metrics = metrics_,
                                         .progress = progress_},
                                        std::move(transform));
  }

  const std::unique_ptr<Engine> engine_ = GetParam().make();
  Metrics metrics_;
  stages::Progress progress_;
  const std::unique_ptr<stream::Writer> in_writer_ = must(engine_->stream("in").writer());
  const std::unique_ptr<stream::Writer> out_ =
      std::make_unique<NarrowWriter>(must(engine_->stream("out").writer()), narrow);
  const std::unique_ptr<stream::Writer> bad_ =
      std::make_unique<NarrowWriter>(must(engine_->stream("bad").writer()), narrow);
  const std::unique_ptr<stream::Reader> reader_ = must(engine_->stream("in").reader("copy"));
};

stages::Transformed good(const stream::Record& record) {
  stages::Transformed made;
  made.good.push_back({std::string(record.key), std::string(record.value)});
  return made;
}

TEST_P(TransformStageTest, WhatAStreamDoesNotTakeIsABadRowAndTheRestGoesOn) {
  const std::string large(narrow + 1, '\x01');  // each byte six in JSON
  send({"first", large, "last"});
  const auto stage = make(good);
  EXPECT_EQ(must(stage->step(no_wait)), 3u);
  EXPECT_EQ(values("out"), (std::vector<std::string>{"first", "last"}));
  const auto bad = values("bad");
  ASSERT_EQ(bad.size(), 1u);
  json::Parser parser;
  const json::Value row = must(parser.parse(bad[0]));
  EXPECT_EQ(row["schema"].string(),
            "iglu:com.snowplowanalytics.snowplow.badrows/generic_error/jsonschema/1-0-0");
  EXPECT_EQ(row["data"]["processor"]["artifact"].string(), "lvp-copy");
  EXPECT_NE(bad[0].find("stream narrow: a record of 1048578 bytes"), std::string::npos);
  EXPECT_EQ(row["data"]["payload"].string(), large.substr(0, 100'000));

  send({"after"});
  EXPECT_EQ(must(stage->step(no_wait)), 1u);
  EXPECT_EQ(values("out").back(), "after");
}

TEST_P(TransformStageTest, ABadRowThatIsTooLargeBecomesASmallerOne) {
  send({"a", "b"});
  const auto stage = make([](const stream::Record& record) {
    stages::Transformed made;
    made.bad.push_back(
        {std::string(record.key), record.value == "a" ? std::string(narrow + 1, 'x') : "small"});
    return made;
  });
  EXPECT_EQ(must(stage->step(no_wait)), 2u);
  const auto bad = values("bad");
  ASSERT_EQ(bad.size(), 2u);
  EXPECT_EQ(bad[0], "small");
  EXPECT_NE(bad[1].find("stream narrow: a record of"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Engines, TransformStageTest, testing::Values(memory_case, rocks_case),
                         case_name);

}  // namespace
}  // namespace lvp::tests
