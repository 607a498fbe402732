#include "app/stream_url.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lvp::app {
namespace {

TEST(StreamUrl, NamesAnEngineAndPerhapsATopic) {
  const struct {
    std::string_view text;
    StreamEngine engine;
    std::string_view name;
  } cases[] = {
      {"rocks:", StreamEngine::rocks, ""},
      {"memory:", StreamEngine::memory, ""},
      {"kafka:", StreamEngine::kafka, ""},
      {"kafka:snowplow.raw_good-1", StreamEngine::kafka, "snowplow.raw_good-1"},
      {"kinesis:raw", StreamEngine::kinesis, "raw"},
  };
  for (const auto& [text, engine, name] : cases) {
    const auto url = parse_stream_url(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(url->engine, engine) << text;
    EXPECT_EQ(url->name, name) << text;
    EXPECT_TRUE(is_on(engine, text));
  }
  EXPECT_FALSE(is_on(StreamEngine::kafka, "rocks:"));
}

TEST(StreamUrl, AnythingElseIsRefused) {
  const std::string long_name(250, 'x');
  for (const std::string& text :
       {std::string("kafka"), std::string(""), std::string("rocks:x"), std::string("memory:x"),
        std::string("kinesis:"), std::string("kafka:a b"), std::string("kafka:ä"),
        std::string("nats:x"), "kafka:" + long_name, "kinesis:" + long_name.substr(0, 129)}) {
    const auto url = parse_stream_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, Error::Code::invalid);
  }
}

std::string complaint(const std::vector<std::string>& flags) {
  const auto config = load({.file = {}, .variables = {}, .flags = flags});
  return config ? "" : config.error().what;
}

TEST(Streams, MustFitTogether) {
  const std::string brokers = "kafka.brokers=localhost:9092";
  EXPECT_EQ(complaint({}), "");
  EXPECT_EQ(complaint({"streams.raw=kafka:"}), "streams.raw is kafka:: set kafka.brokers");
  EXPECT_EQ(complaint({brokers, "streams.raw=kafka:"}), "");
  EXPECT_EQ(complaint({"streams.raw=kinesis:raw", "streams.enriched=kinesis:good"}), "");
  EXPECT_EQ(complaint({"streams.media=kinesis:m"}),
            "streams.media is kinesis:m: only raw, later, enriched, incomplete and bad can be on "
            "Kinesis");
  EXPECT_EQ(complaint({brokers, "streams.media=kafka:"}),
            "streams.media is kafka: and streams.updates is rocks:: media, updates and state must "
            "be on Kafka together or none of them");
  EXPECT_EQ(complaint({brokers, "streams.media=kafka:", "streams.updates=kafka:"}),
            "streams.media is kafka: and streams.state is rocks:: media, updates and state must be "
            "on Kafka together or none of them");
  EXPECT_EQ(complaint({brokers,
                       "streams.media=kafka:", "streams.updates=kafka:", "streams.state=kafka:"}),
            "");
  EXPECT_EQ(complaint({brokers, "streams.later=kafka:"}),
            "streams.later is kafka: and streams.parked is rocks:: must be on Kafka, too");
  EXPECT_EQ(complaint({brokers, "streams.later=kafka:", "streams.parked=kafka:"}), "");
  EXPECT_EQ(complaint({"streams.parked=kinesis:p"}),
            "streams.parked is kinesis:p: only raw, later, enriched, incomplete and bad can be on "
            "Kinesis");
  EXPECT_NE(complaint({"streams.raw=nats:"}), "");
}

}  // namespace
}  // namespace lvp::app
