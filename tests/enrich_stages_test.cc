// Both lanes of the enricher on real streams, with a repository that the test switches off and on:
// what waits, what passes, and what is known after a restart (P1, P4).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engines.h"
#include "stages/enrich.h"
#include "wire/collector_payload.h"

namespace lvp::tests {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view dog = "iglu:com.acme/dog/jsonschema/1-0-0";

class Repository final : public iglu::Fetch {
 public:
  Result<iglu::Fetched> get(std::string_view, std::string_view) override {
    ++asked;
    if (is_away) return unavailable("nobody answers");
    return text ? iglu::Fetched{200, *text} : iglu::Fetched{404, ""};
  }

  bool is_away = false;
  std::optional<std::string> text;
  int asked = 0;
};

class Texts final : public iglu::Archive {
 public:
  Result<std::optional<std::string>> get(std::string_view uri) override {
    const auto found = texts.find(uri);
    return found == texts.end() ? std::nullopt : std::optional(found->second);
  }
  Status put(std::string_view uri, std::string_view text) override {
    texts.insert_or_assign(std::string(uri), text);
    return {};
  }

  std::map<std::string, std::string, std::less<>> texts;
};

// A page view, with an entity of that schema if one is given.
std::string page_view(std::string_view uri = {}) {
  CollectorPayload payload;
  payload.collector = "c";
  payload.path = "/com.snowplowanalytics.snowplow/tp2";
  payload.content_type = "application/json";
  const std::string entities =
      uri.empty()
          ? ""
          : fmt::format(R"(,"co":"{{\"schema\":\"iglu:com.snowplowanalytics.snowplow/contexts/)"
                        R"(jsonschema/1-0-0\",\"data\":[{{\"schema\":\"{}\",\"data\":{{}}}}]}}")",
                        uri);
  payload.body = fmt::format(
      R"({{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{{)"
      R"("e":"pv","p":"web","tv":"t"{}}}]}})",
      entities);
  return encode(payload);
}

class EnrichStages : public testing::TestWithParam<EngineCase> {
 protected:
  EnrichStages() : engine_(GetParam().make()) {
    for (const char* name : {"raw", "later", "enriched", "bad"})
      writers_[name] = must(engine_->stream(name).writer());
    start();
  }

  static stages::EnrichSources sources(std::optional<Duration> ttl = {}) {
    iglu::ResolverConfig config;
    config.cache_ttl = ttl;
    config.repositories = {{"Acme", 0, {}, "http://acme", ""}};
    return {iglu::Resolver(must(iglu::Registry::embedded()), config),
            std::make_shared<const enrich::Enrichments>()};
  }

  // As after a crash: nothing but streams and archive is left.
  void start(std::optional<Duration> ttl = {}) {
    enrich_.reset();
    resolve_.reset();
    raw_.reset();
    later_.reset();
    raw_ = must(engine_->stream("raw").reader("enrich"));
    later_ = must(engine_->stream("later").reader("resolve"));
    lanes_.emplace(enrich::Settings{}, sources(ttl),
                   stages::LookupPorts{repository_, archive_, engine_->clock, metrics_});
    enrich_ = lanes_->enrich_stage(ports(*raw_));
    resolve_ = lanes_->resolve_stage(ports(*later_));
  }

  stages::TransformPorts ports(stream::Reader& in) {
    return {.in = in,
            .out = *writers_["enriched"],
            .bad = *writers_["bad"],
            .later = writers_["later"].get(),
            .new_unit = [this] { return engine_->unit(); },
            .processor = {"lvp-enrich", "0"},
            .clock = engine_->clock,
            .metrics = metrics_,
            .progress = progress_};
  }

  // What trackers send, through the fast lane.
  void send(const std::vector<std::string_view>& uris) {
    const auto unit = engine_->unit();
    for (const std::string_view uri : uris)
      must(writers_["raw"]->append(*unit, {{"k", page_view(uri)}}));
    must(unit->commit());
    EXPECT_EQ(must(enrich_->step(0ms)), uris.size());
  }

  std::size_t count(const std::string& stream) {
    return must(engine_->stream(stream).read("0", "", 1'000)).records.size();
  }

  std::unique_ptr<Engine> engine_;
  Repository repository_;
  Texts archive_;
  Metrics metrics_;
  stages::Progress progress_;
  std::map<std::string, std::unique_ptr<stream::Writer>> writers_;
  std::unique_ptr<stream::Reader> raw_, later_;
  std::optional<stages::Lanes> lanes_;
  std::unique_ptr<stages::Stage> enrich_, resolve_;
};

TEST_P(EnrichStages, WhatNeedsASchemaIsPutAsideUntilItIsKnown) {
  repository_.text = "{}";
  send({"", dog});
  EXPECT_EQ(count("enriched"), 1u);
  EXPECT_EQ(count("later"), 1u);
  EXPECT_EQ(repository_.asked, 0);  // the fast lane asks nobody
  EXPECT_EQ(must(resolve_->step(0ms)), 1u);
  EXPECT_EQ(count("enriched"), 2u);
  send({dog});  // from now on both lanes know it
  EXPECT_EQ(count("enriched"), 3u);
  EXPECT_EQ(count("later"), 1u);
  EXPECT_EQ(repository_.asked, 1);
}

TEST_P(EnrichStages, AnOutageHoldsBackWhatNeedsTheRepositoryAndNothingElse) {
  repository_.is_away = true;
  send({dog, dog, ""});
  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto handled = resolve_->step(0ms);
    ASSERT_FALSE(handled);
    EXPECT_EQ(handled.error().code, Error::Code::unavailable);
  }
  EXPECT_EQ(count("enriched"), 1u);
  start();
  EXPECT_FALSE(resolve_->step(0ms));
  repository_.is_away = false;
  repository_.text = "{}";
  EXPECT_EQ(must(resolve_->step(0ms)), 2u);
  EXPECT_EQ(must(resolve_->step(0ms)), 0u);
  EXPECT_EQ(count("enriched"), 3u);
  EXPECT_EQ(count("bad"), 0u);
}

TEST_P(EnrichStages, WhatComesBeforeARecordThatMustWaitIsDone) {
  repository_.text = "{}";
  send({dog, "iglu:com.acme/cat/jsonschema/1-0-0"});
  archive_.texts.emplace(dog, "{}");
  repository_.is_away = true;
  EXPECT_EQ(must(resolve_->step(0ms)), 1u);
  EXPECT_EQ(count("enriched"), 1u);
  EXPECT_FALSE(resolve_->step(0ms));
}

TEST_P(EnrichStages, WhatNobodyHasIsABadRow) {
  send({dog});
  EXPECT_EQ(must(resolve_->step(0ms)), 1u);
  EXPECT_EQ(count("enriched"), 0u);
  EXPECT_EQ(count("bad"), 1u);
  send({dog});  // and is for the fast lane, too, for a while
  EXPECT_EQ(count("bad"), 2u);
  EXPECT_EQ(repository_.asked, 1);
}

TEST_P(EnrichStages, ARestartNeedsNoRepositoryAndRenewsWhatIsOld) {
  repository_.text = "{}";
  send({dog});
  must(resolve_->step(0ms));
  repository_.is_away = true;
  start();
  send({dog});
  must(resolve_->step(0ms));
  EXPECT_EQ(count("enriched"), 2u);
  EXPECT_EQ(repository_.asked, 1);
  send({dog});
  EXPECT_EQ(must(resolve_->step(0ms)), 0u);  // asks in vain, which is no matter
  EXPECT_EQ(repository_.asked, 2);
  repository_.is_away = false;
  repository_.text = R"({"required":["age"]})";
  engine_->clock.advance(1min);
  send({dog});
  must(resolve_->step(0ms));
  send({dog});
  EXPECT_EQ(count("bad"), 1u);
  EXPECT_EQ(archive_.texts.find(dog)->second, R"({"required":["age"]})");
}

// cacheTtl 0: nothing is kept, so every record asks, and an archive would be wrong.
TEST_P(EnrichStages, NothingIsKeptIfNothingShallBe) {
  start(/*ttl=*/0s);
  repository_.text = "{}";
  send({dog, dog});
  EXPECT_EQ(must(resolve_->step(0ms)), 2u);
  EXPECT_EQ(count("enriched"), 2u);
  EXPECT_EQ(repository_.asked, 2);
  EXPECT_TRUE(archive_.texts.empty());
}

TEST_P(EnrichStages, ReplacedSourcesHoldFromTheNextRecordOn) {
  send({dog});
  must(resolve_->step(0ms));
  EXPECT_EQ(count("bad"), 1u);
  repository_.text = "{}";
  lanes_->replace(sources());
  send({dog});
  must(resolve_->step(0ms));
  EXPECT_EQ(count("bad"), 1u);
  EXPECT_EQ(count("enriched"), 1u);
}

INSTANTIATE_TEST_SUITE_P(Engines, EnrichStages, testing::Values(memory_case, rocks_case),
                         case_name);

}  // namespace
}  // namespace lvp::tests
