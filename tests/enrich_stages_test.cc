// Both lanes of the enricher on real streams, with a repository that the test switches off and on:
// what waits, what passes, and what is known after a restart (P1, P4).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "engines.h"
#include "stages/enrich.h"
#include "wire/collector_payload.h"
#include "wire/enriched_event.h"

namespace lvp::tests {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view dog = "iglu:com.acme/dog/jsonschema/1-0-0";
constexpr std::string_view cat = "iglu:com.acme/cat/jsonschema/1-0-0";
constexpr Duration ask_again_after = 2s;
constexpr Duration pass_every = 1min;

// One for all, but for the schemas that are in trouble.
class Repository final : public iglu::Fetch {
 public:
  Result<iglu::Fetched> get(std::string_view url, std::string_view) override {
    ++asked;
    if (is_away) return unavailable("nobody answers");
    for (const std::string& name : in_trouble)
      if (url.find(name) != url.npos) return iglu::Fetched{503, ""};
    return text ? iglu::Fetched{200, *text} : iglu::Fetched{404, ""};
  }

  bool is_away = false;
  std::set<std::string> in_trouble;  ///< names of schemas that cannot be had for now
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

// A page view, with an entity of that schema and an id if they are given.
std::string page_view(std::string_view uri = {}, std::string_view id = {}) {
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
      R"("e":"pv","p":"web","tv":"t"{}{}}}]}})",
      id.empty() ? "" : fmt::format(R"(,"eid":"{}")", id), entities);
  return encode(payload);
}

class EnrichStages : public testing::TestWithParam<EngineCase> {
 protected:
  explicit EnrichStages(std::uint32_t partitions = 1) : engine_(GetParam().make()) {
    for (const char* name : {"raw", "later", "parked", "enriched", "bad"})
      writers_[name] = must(engine_->stream(name, partitions).writer());
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
    parked_.reset();
    raw_ = must(engine_->stream("raw").reader("enrich"));
    later_ = must(engine_->stream("later").reader("resolve"));
    lanes_.emplace(enrich::Settings{}, sources(ttl),
                   stages::LookupPorts{repository_, archive_, engine_->clock, metrics_});
    parked_ = must(engine_->stream("parked").reader("resolve-parked"));
    enrich_ = lanes_->enrich_stage(ports(*raw_, "later"));
    resolve_ = lanes_->resolve_stage(ports(*later_, "parked"), engine_->stream("parked"),
                                     ports(*parked_, "parked"));
  }

  stages::TransformPorts ports(stream::Reader& in, const std::string& later) {
    return {.in = in,
            .out = *writers_["enriched"],
            .bad = *writers_["bad"],
            .later = writers_[later].get(),
            .new_unit = [this] { return unit(); },
            .processor = {"lvp-enrich", "0"},
            .clock = engine_->clock,
            .metrics = metrics_,
            .progress = progress_};
  }

  std::unique_ptr<UnitOfWork> unit() {
    auto made = engine_->unit();
    if (commits_fail_) made->before([]() -> Status { return unavailable("the disk is full"); });
    return made;
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
  bool commits_fail_ = false;
  Repository repository_;
  Texts archive_;
  Metrics metrics_;
  stages::Progress progress_;
  std::map<std::string, std::unique_ptr<stream::Writer>> writers_;
  std::unique_ptr<stream::Reader> raw_, later_, parked_;
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

// As after a crash between writing and remembering the position.
TEST_P(EnrichStages, AnEventWithoutAnIdHasTheSameOneWhenItsRecordIsReadAgain) {
  send({""});
  const auto again = must(engine_->stream("raw").reader("again"));
  EXPECT_EQ(must(lanes_->enrich_stage(ports(*again, "later"))->step(0ms)), 1u);
  const stream::Batch enriched = must(engine_->stream("enriched").read("0", "", 10));
  ASSERT_EQ(enriched.records.size(), 2u);
  constexpr std::size_t event_id = 6;
  std::vector<std::string> ids;
  for (const stream::Record& record : enriched.records)
    ids.emplace_back(split(record.value, '\t').at(event_id));
  EXPECT_EQ(ids[0].size(), 36u);
  EXPECT_EQ(ids[0], ids[1]);
}

TEST_P(EnrichStages, AnOutageHoldsBackWhatNeedsTheRepositoryAndNothingElse) {
  repository_.is_away = true;
  send({dog, dog, ""});
  EXPECT_EQ(must(resolve_->step(0ms)), 2u);
  EXPECT_EQ(count("parked"), 2u);
  for (int step = 0; step < 3; ++step) EXPECT_EQ(must(resolve_->step(0ms)), 0u);
  EXPECT_EQ(repository_.asked, 1);  // not for each record, not at each step
  engine_->clock.advance(ask_again_after);
  EXPECT_EQ(must(resolve_->step(0ms)), 0u);
  EXPECT_EQ(repository_.asked, 2);
  EXPECT_EQ(count("parked"), 2u);  // nobody moves them without need
  EXPECT_EQ(count("enriched"), 1u);
  start();
  EXPECT_EQ(must(resolve_->step(0ms)), 2u);  // who does not know them tries
  EXPECT_EQ(count("enriched"), 1u);
  repository_.is_away = false;
  repository_.text = "{}";
  engine_->clock.advance(ask_again_after);
  EXPECT_EQ(must(resolve_->step(0ms)), 2u);
  EXPECT_EQ(must(resolve_->step(0ms)), 0u);
  EXPECT_EQ(count("enriched"), 3u);
  EXPECT_EQ(count("bad"), 0u);
}

TEST_P(EnrichStages, WhoWaitsHoldsUpNobodyBehind) {
  repository_.text = "{}";
  repository_.in_trouble = {"dog", "cat"};
  send({dog, cat, "iglu:com.acme/cow/jsonschema/1-0-0", dog});
  EXPECT_EQ(must(resolve_->step(0ms)), 4u);
  EXPECT_EQ(count("enriched"), 1u);
  EXPECT_EQ(count("parked"), 3u);
  repository_.in_trouble = {"dog"};
  engine_->clock.advance(ask_again_after);
  EXPECT_EQ(must(resolve_->step(0ms)), 3u);  // a dog is in front of the cat, and goes behind it
  EXPECT_EQ(count("enriched"), 2u);
  EXPECT_EQ(must(resolve_->step(0ms)), 0u);
  repository_.in_trouble = {};
  engine_->clock.advance(ask_again_after);
  EXPECT_EQ(must(resolve_->step(0ms)), 2u);
  EXPECT_EQ(count("enriched"), 4u);
  EXPECT_EQ(count("bad"), 0u);
}

// In a group each member finds out by itself; what others put aside it tries now and then.
TEST_P(EnrichStages, WhatOthersParkedIsTriedInTime) {
  repository_.text = "{}";
  EXPECT_EQ(must(resolve_->step(0ms)), 0u);
  const auto unit = engine_->unit();
  must(writers_["parked"]->append(*unit, {{"k", page_view(dog)}}));
  must(unit->commit());
  EXPECT_EQ(must(resolve_->step(0ms)), 0u);
  engine_->clock.advance(pass_every);
  EXPECT_EQ(must(resolve_->step(0ms)), 1u);
  EXPECT_EQ(count("enriched"), 1u);
}

TEST_P(EnrichStages, AServerThatIsAwayIsAskedOnceForAll) {
  repository_.is_away = true;
  send({dog, cat, "iglu:com.acme/cow/jsonschema/1-0-0"});
  EXPECT_EQ(must(resolve_->step(0ms)), 3u);
  EXPECT_EQ(repository_.asked, 1);
  repository_.is_away = false;
  repository_.text = "{}";
  engine_->clock.advance(ask_again_after);
  EXPECT_EQ(must(resolve_->step(0ms)), 3u);
  EXPECT_EQ(count("enriched"), 3u);
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

class EnrichStagesOfThreePartitions : public EnrichStages {
 protected:
  EnrichStagesOfThreePartitions() : EnrichStages(3) {}

  void send_one(int number) {
    static constexpr std::string_view names[] = {"dog", "cat", "cow"};
    const std::string uri = number % 4 == 3 ? ""
                                            : fmt::format("iglu:com.acme/{}/jsonschema/1-0-{}",
                                                          names[number % 4], number / 40);
    const auto unit = engine_->unit();
    must(writers_["raw"]->append(*unit,
                                 {{fmt::format("device {}", number), page_view(uri, id(number))}}));
    must(unit->commit());
  }

  static std::string id(int number) {
    return fmt::format("00000000-0000-4000-8000-{:012}", number);
  }

  std::vector<std::string> enriched_ids() {
    std::vector<std::string> ids;
    for (const char* partition : {"0", "1", "2"}) {
      const auto batch = must(engine_->stream("enriched").read(partition, "", 10'000));
      for (const stream::Record& record : batch.records)
        ids.emplace_back(must(EnrichedView::parse(record.value))[Column::event_id]);
    }
    std::ranges::sort(ids);
    return ids;
  }

  void step(stages::Stage& stage) { (void)stage.step(0ms); }
};

// Commits that fail, crashes, and schemas that come and go, in any order (P1, P2).
TEST_P(EnrichStagesOfThreePartitions, NothingIsLostAndNothingDoubled) {
  repository_.text = "{}";
  std::mt19937 random(7);
  const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
  constexpr int events = 400;
  std::vector<std::string> expected;
  for (int number = 0; number < events; ++number) {
    send_one(number);
    expected.push_back(id(number));
    commits_fail_ = chance(20);
    if (chance(10)) {
      repository_.in_trouble.clear();
      for (const char* name : {"dog", "cat", "cow"})
        if (chance(60)) repository_.in_trouble.insert(name);
    }
    repository_.is_away = chance(20);
    if (chance(5)) archive_.texts.clear();
    if (chance(5)) start(chance(50) ? std::optional<Duration>(0s) : std::nullopt);
    engine_->clock.advance(Duration(random() % 1'000));
    step(chance(40) ? *enrich_ : *resolve_);
  }
  commits_fail_ = repository_.is_away = false;
  repository_.in_trouble.clear();
  for (int round = 0; round < 20; ++round) {
    engine_->clock.advance(pass_every);
    for (int turn = 0; turn < 50; ++turn) {
      step(*enrich_);
      step(*resolve_);
    }
  }
  EXPECT_EQ(enriched_ids(), expected);
  EXPECT_GT(must(engine_->stream("parked").extents())[0].records, 10u);  // many had to wait
}

INSTANTIATE_TEST_SUITE_P(Engines, EnrichStagesOfThreePartitions,
                         testing::Values(memory_case, rocks_case), case_name);

INSTANTIATE_TEST_SUITE_P(Engines, EnrichStages, testing::Values(memory_case, rocks_case),
                         case_name);

}  // namespace
}  // namespace lvp::tests
