// Bridges with a configuration, on real streams: order through many workers, what targets that are
// slow, away or never content leave behind, and that nothing is lost or done twice.
// Rows named R… are those of docs/compatibility-bridge.md.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "bridge/configuration.h"
#include "engines.h"
#include "narrow_writer.h"
#include "net/server.h"
#include "stages/bridge.h"
#include "stages/lines.h"
#include "stages/workers.h"
#include "wire/enriched_event.h"
#include "wire/json.h"

namespace lvp::tests {
namespace {

using namespace std::chrono_literals;
using bridge::Batching;
using bridge::Delivery;
using Verdict = bridge::Delivery::Verdict;

constexpr Batching batches_of_three{3, 1000, 100};

Result<std::string> file(std::string_view path) {
  std::ostringstream read;
  read << std::ifstream(std::string(LVP_CONFIG "/bridge/") + std::string(path)).rdbuf();
  return read.str();
}

std::vector<bridge::Chain> chains(std::string_view text, std::size_t count) {
  const auto configuration = must(bridge::read_configuration(
      text, "test.hcl", [](std::string_view name) -> std::optional<std::string> {
        if (name == "BRIDGE_SCRIPT") return "viewers.js";
        return std::nullopt;
      }));
  std::vector<bridge::Chain> made;
  for (std::size_t i = 0; i < count; ++i)
    made.push_back(must(bridge::Chain::compile(configuration, file)));
  return made;
}

// What it was given, and answers as it is told.
class FakeTarget final : public stages::BridgeTarget {
 public:
  explicit FakeTarget(const Batching& batching = batches_of_three) : batching_(batching) {}

  const Batching& batching() const override { return batching_; }
  bool wants_alone(const bridge::Message& message) const override {
    return !message.headers.empty();
  }
  Delivery send(std::span<const stages::Outgoing> messages, UnitOfWork&) override {
    std::string batch;
    for (const auto& one : messages) batch += (batch.empty() ? "" : ",") + one.message.data;
    batches.push_back(batch);
    if (answers.empty()) return {};
    Delivery answer = std::move(answers.front());
    answers.erase(answers.begin());
    return answer;
  }

  std::vector<std::string> batches;
  std::vector<Delivery> answers;  // to the next ones; then everything is taken

 private:
  Batching batching_;
};

// A unit whose commit fails as often as it is told.
class FailingUnit final : public UnitOfWork {
 public:
  explicit FailingUnit(int& failures) {
    before([&failures]() -> Status {
      if (failures == 0) return {};
      --failures;
      return unavailable("disk full");
    });
  }
};

class BridgeStage : public testing::Test {
 protected:
  BridgeStage() : reader_(must(engine_.stream("in", 1).reader("test"))) {}

  // Three fakes, which the test can look at.
  stages::BridgeSettings settings(std::string_view transformations = "",
                                  const Batching& batching = batches_of_three) {
    stages::BridgeSettings made;
    made.name = "test";
    made.chains = chains(transformations, 1);
    auto target = std::make_unique<FakeTarget>(batching);
    auto filtered = std::make_unique<FakeTarget>(Batching{100, 1 << 20, 1 << 20});
    auto failures = std::make_unique<FakeTarget>(Batching{100, 1 << 20, 1 << 20});
    target_ = target.get();
    filtered_ = filtered.get();
    failures_ = failures.get();
    made.target = std::move(target);
    made.filter_target = std::move(filtered);
    made.failure_target = std::move(failures);
    return made;
  }

  std::unique_ptr<stages::Stage> stage(stages::BridgeSettings settings) {
    return stage_on(*reader_, std::move(settings));
  }

  std::unique_ptr<stages::Stage> stage_on(stream::Reader& reader, stages::BridgeSettings settings) {
    return stages::make_bridge_stage({reader,
                                      [this]() -> std::unique_ptr<UnitOfWork> {
                                        return std::make_unique<FailingUnit>(commit_failures_);
                                      },
                                      engine_.clock, metrics_, progress_},
                                     std::move(settings));
  }

  void append(const std::string& stream, std::vector<stream::Entry> entries) {
    const auto unit = engine_.unit();
    const auto writer = must(engine_.stream(stream, 1).writer());
    must(writer->append(*unit, std::move(entries)));
    must(unit->commit());
  }

  void append(const std::vector<std::string>& data) {
    std::vector<stream::Entry> entries;
    for (const std::string& one : data) entries.push_back({"key", one});
    append("in", std::move(entries));
  }

  std::vector<std::string> all_of(const std::string& name) {
    std::vector<std::string> values;
    stream::Offset after;
    while (true) {
      const auto batch = must(engine_.stream(name, 1).read("0", after, 500));
      if (batch.records.empty()) return values;
      for (const auto& record : batch.records) values.emplace_back(record.value);
      after = batch.end().offset;
    }
  }

  // Steps until nothing is left or a step fails.
  Result<std::size_t> drain(stages::Stage& stage) {
    std::size_t records = 0;
    while (true) {
      LVP_TRY(const std::size_t some, stage.step(0ms));
      if (some == 0) return records;
      records += some;
    }
  }

  // The stage goes on to be, so that the test can look at its targets.
  void run_to_end(stages::BridgeSettings made) {
    running_ = stage(std::move(made));
    must(drain(*running_));
  }

  MemoryEngine engine_;
  std::unique_ptr<stream::Reader> reader_;
  Metrics metrics_;
  stages::Progress progress_;
  FakeTarget* target_ = nullptr;
  FakeTarget* filtered_ = nullptr;
  FakeTarget* failures_ = nullptr;
  int commit_failures_ = 0;
  std::unique_ptr<stages::Stage> running_;
};

using Batches = std::vector<std::string>;

// ---- Order ----

std::vector<std::string> lab_events() {
  std::ifstream sample(LVP_TEST_DATA "/bugs_bunny.tsv");
  std::vector<std::string> lines;
  for (std::string line; std::getline(sample, line);) lines.push_back(line);
  return lines;
}

TEST_F(BridgeStage, TheLabsEventsKeepTheirOrderThroughEightWorkers) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "JavaScriptCore stops other threads by a signal, which the sanitizer holds back";
#endif
  constexpr int rounds = 20;
  std::vector<std::string> expected;
  for (int round = 0; round < rounds; ++round) append(lab_events());
  constexpr Batching threes{3, 1 << 20, 1 << 20};
  auto alone = settings("", threes);
  alone.chains = chains(*file("viewers.hcl"), 1);
  auto lab = stage(std::move(alone));
  must(drain(*lab));
  expected = target_->batches;
  ASSERT_EQ(expected.size(), 18u * rounds / 3);

  auto many = settings("", threes);
  many.chains = chains(*file("viewers.hcl"), 8);
  const auto other = must(engine_.stream("in", 1).reader("other"));
  auto together = stage_on(*other, std::move(many));
  must(drain(*together));
  EXPECT_EQ(target_->batches, expected);
  json::Parser parser;
  const std::string first = "[" + expected.front() + "]";
  const auto root = must(parser.parse(first));
  Batches ids;
  for (const auto message : root.elements())
    ids.emplace_back(message["event_id"].string().value_or(""));
  EXPECT_EQ(ids,
            (Batches{"15928a51-c999-4185-bf40-796886441149", "69bc9af1-72e2-4230-8e7e-f7ac708dd754",
                     "9f0ae951-fabd-4fe0-a2d7-b1c1c182111b"}));
}

TEST_F(BridgeStage, ViewersAmongOthersKeepTheirOrder) {
  constexpr int viewers = 100;
  constexpr int events = 30;
  std::vector<std::string> expected;
  for (int event = 0; event < events; ++event) {
    for (int viewer = 0; viewer < viewers; ++viewer) {
      EnrichedEvent made;
      made[Column::domain_userid] = fmt::format("viewer{}", viewer);
      made[Column::event_id] = fmt::format("event{}", event);
      append({made.tsv()});
      expected.push_back(
          fmt::format(R"({{"event_id":"event{}","domain_userid":"viewer{}"}})", event, viewer));
    }
  }
  auto made = settings("", {});
  made.chains = chains("transform {\n use \"spEnrichedToJson\" {}\n}\n", 4);
  const auto writer = must(engine_.stream("out", 1).writer());
  made.target = stages::make_stream_target(*writer);
  run_to_end(std::move(made));
  EXPECT_EQ(all_of("out"), expected);
}

TEST(Workers, DoEachItemOnce) {
  for (const std::size_t count : {1u, 2u, 8u}) {
    stages::Workers workers(count);
    EXPECT_EQ(workers.count(), count);
    for (const std::size_t items : {0u, 1u, 7u, 8u, 9u, 1000u}) {
      std::vector<std::atomic<int>> done(items);
      workers.run(items, [&](std::size_t worker, std::size_t item) {
        ASSERT_LT(worker, count);
        ++done[item];
      });
      for (const auto& times : done) EXPECT_EQ(times, 1);
    }
  }
}

// ---- What messages become ----

constexpr std::string_view keep_web =
    "transform {\n use \"spEnrichedFilter\" {\n  atomic_field = \"platform\"\n  regex = \"^web$\"\n"
    "  filter_action = \"keep\"\n }\n}\n";

std::string event(std::string_view platform, std::string_view title = "") {
  EnrichedEvent made;
  made[Column::platform] = platform;
  made[Column::page_title] = title;
  return made.tsv();
}

TEST_F(BridgeStage, EachResultGoesToItsTarget) {  // R239, R243, R246, R247
  const std::string large = event("web", std::string(400, 'x'));
  append({event("web"), event("app"), "no event", event("web"), large});
  auto made = settings(keep_web, {3, 1000, 300});
  run_to_end(std::move(made));
  EXPECT_EQ(target_->batches, (Batches{event("web") + "," + event("web")}));
  EXPECT_EQ(filtered_->batches, Batches{event("app")});
  const std::string processor = R"("processor":{"artifact":"lvp-bridge","version":")" LVP_VERSION
                                R"("}},"schema":"iglu:com.snowplowanalytics.snowplow.badrows/)";
  ASSERT_EQ(failures_->batches.size(), 1u);
  EXPECT_EQ(failures_->batches[0].substr(0, failures_->batches[0].find(",{\"data\"")),
            R"({"data":{"failure":{"errors":["intermediate state cannot be parsed as parsedEvent: )"
            R"(Cannot parse tsv event - wrong number of fields provided: 1"],)"
            R"("timestamp":"2023-11-14T22:13:20Z"},"payload":"no event",)" +
                processor + R"(generic_error/jsonschema/1-0-0"})");
  EXPECT_NE(failures_->batches[0].find(fmt::format(
                R"("actualSizeBytes":{},"expectation":"Expected payload to fit into requested )"
                R"(target","maximumAllowedSizeBytes":300)",
                large.size())),
            std::string::npos);
}

TEST_F(BridgeStage, ForwardingFailuresHoldTheFirstState) {  // R248
  append({R"({"a":1})"});
  auto made = settings(
      "transform {\n use \"js\" {\n script = \"function main(x) { return {Data: 'changed'} }\"\n "
      "}\n"
      " use \"js\" {\n script = \"function main(x) { x.y.z }\"\n }\n}\n");
  made.failure_format = bridge::FailureFormat::event_forwarding;
  run_to_end(std::move(made));
  ASSERT_EQ(failures_->batches.size(), 1u);
  for (const std::string_view part :
       {R"("errorCode":"TypeError")", R"("errorType":"transformation")",
        R"("latestState":"changed")", R"("payload":"{\"a\":1}")", "event_forwarding_error"})
    EXPECT_NE(failures_->batches[0].find(part), std::string::npos) << failures_->batches[0];
}

TEST_F(BridgeStage, AMessageWithHeadersGoesAloneAndInItsPlace) {  // R176, but that order is kept
  append({"1", "2", "3"});
  auto made = settings(
      "transform {\n use \"js\" {\n script = \"function main(x) { if (x.Data == '2') "
      "x.HTTPHeaders = {a: 'b'}; return x }\"\n }\n}\n",
      {10, 1000, 100});
  run_to_end(std::move(made));
  EXPECT_EQ(target_->batches, (Batches{"1", "2", "3"}));
}

// ---- Targets that do not take messages ----

TEST_F(BridgeStage, WhatWasNotTakenIsSentAgainBeforeWhatFollows) {  // R234
  append({"1", "2", "3", "4"});
  auto running = stage(settings());
  target_->answers = {{}, {Verdict::transient, "away"}};
  EXPECT_EQ(drain(*running).error().what, "target: away");
  append({"5"});
  EXPECT_EQ(drain(*running).error().code, Error::Code::unavailable);  // not before its time
  EXPECT_EQ(target_->batches, (Batches{"1,2,3", "4"}));
  engine_.clock.advance(999ms);
  EXPECT_FALSE(drain(*running));
  engine_.clock.advance(1ms);
  must(drain(*running));
  EXPECT_EQ(target_->batches, (Batches{"1,2,3", "4", "4,5"}));
}

TEST_F(BridgeStage, WaitsLongerEachTimeAndGivesUpWhenTold) {  // R231, R235
  append({"1"});
  auto made = settings();
  made.transient = {Duration(1000), 3};
  made.gives_up = true;
  auto running = stage(std::move(made));
  target_->answers.assign(4, {Verdict::transient, "away"});
  for (const Duration wait : {1000ms, 2000ms, 4000ms}) {
    EXPECT_EQ(drain(*running).error().code, Error::Code::unavailable);
    engine_.clock.advance(wait - 1ms);
    EXPECT_EQ(drain(*running).error().code, Error::Code::unavailable);
    engine_.clock.advance(1ms);
  }
  EXPECT_EQ(drain(*running).error().code, Error::Code::invalid);
  EXPECT_EQ(target_->batches.size(), 4u);
  EXPECT_TRUE(failures_->batches.empty());
}

TEST_F(BridgeStage, GoesOnForEverUnlessItGivesUp) {
  append({"1"});
  auto running = stage(settings());
  target_->answers.assign(50, {Verdict::throttle, "slower"});
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(drain(*running).error().code, Error::Code::unavailable);
    engine_.clock.advance(5min);  // the longest wait
  }
  must(drain(*running));
  EXPECT_EQ(target_->batches.size(), 51u);
}

TEST_F(BridgeStage, AfterTheLastAttemptMessagesMayBecomeFailures) {  // R236
  append({"1", "2", "3", "4"});
  auto made = settings();
  made.setup = {Duration(10), 1, /*invalid_after_max=*/true};
  auto running = stage(std::move(made));
  target_->answers.assign(2, {Verdict::setup, "no such table"});
  EXPECT_FALSE(drain(*running));
  engine_.clock.advance(10ms);
  must(drain(*running));
  EXPECT_EQ(target_->batches, (Batches{"1,2,3", "1,2,3", "4"}));
  ASSERT_EQ(failures_->batches.size(), 1u);
  EXPECT_NE(failures_->batches[0].find("no such table"), std::string::npos);
}

TEST_F(BridgeStage, AFatalAnswerStops) {  // R232
  append({"1"});
  auto running = stage(settings());
  target_->answers = {{Verdict::fatal, "gone"}};
  const auto ended = drain(*running);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Error::Code::invalid);
  EXPECT_TRUE(failures_->batches.empty());
  must(drain(*running));  // after a restart it is sent again
  EXPECT_EQ(target_->batches, (Batches{"1", "1"}));
}

TEST_F(BridgeStage, WhatATargetRefusesBecomesAFailure) {
  append({"1", "2", "3"});
  auto running = stage(settings());
  target_->answers = {{.refused = {{1, "no JSON", "template", ""}}}};
  must(drain(*running));
  EXPECT_EQ(target_->batches, (Batches{"1,2,3"}));
  ASSERT_EQ(failures_->batches.size(), 1u);
  EXPECT_NE(failures_->batches[0].find(R"("errors":["no JSON"])"), std::string::npos);
  EXPECT_NE(failures_->batches[0].find(R"("payload":"2")"), std::string::npos);
}

TEST_F(BridgeStage, AStreamIsNotSentWhatItDoesNotTake) {
  constexpr std::size_t narrow = 64 << 10;
  NarrowWriter writer(must(engine_.stream("out", 1).writer()), narrow);
  auto made = settings();
  made.target = stages::make_stream_target(writer);
  const std::size_t most = made.target->batching().message_bytes_max;
  EXPECT_LT(most, narrow);  // there is room for a key
  append({std::string(most, 'a'), std::string(most + 1, 'b'), "c"});
  run_to_end(std::move(made));
  EXPECT_EQ(all_of("out"), (std::vector<std::string>{std::string(most, 'a'), "c"}));
  ASSERT_EQ(failures_->batches.size(), 1u);
  EXPECT_NE(failures_->batches[0].find("size_violation"), std::string::npos);
}

TEST_F(BridgeStage, ACommitThatFailsIsDoneAgainAndNothingTwice) {
  append({event("web", "1"), event("app"), "bad", event("web", "2")});
  auto made = settings(keep_web);
  const auto out = must(engine_.stream("out", 1).writer());
  const auto filtered = must(engine_.stream("filtered", 1).writer());
  const auto bad = must(engine_.stream("bad", 1).writer());
  made.target = stages::make_stream_target(*out);
  made.filter_target = stages::make_stream_target(*filtered);
  made.failure_target = stages::make_stream_target(*bad);
  auto running = stage(std::move(made));
  commit_failures_ = 2;
  EXPECT_FALSE(drain(*running));
  EXPECT_FALSE(drain(*running));
  EXPECT_FALSE(progress_.caught_up);
  EXPECT_EQ(must(drain(*running)), 4u);
  EXPECT_TRUE(progress_.caught_up);
  EXPECT_EQ(all_of("out"), (Batches{event("web", "1"), event("web", "2")}));
  EXPECT_EQ(all_of("filtered"), Batches{event("app")});
  EXPECT_EQ(all_of("bad").size(), 1u);
}

// ---- HTTP ----

// Keeps what it is sent, one message after the other.
class Inbox final : public net::Handler {
 public:
  void handle(const http::Request& request, net::Responder responder) override {
    json::Parser parser;
    const auto root = must(parser.parse(request.body));
    {
      MutexLock lock(mutex_);
      for (const auto message : root.elements()) taken_.push_back(json::print(message));
    }
    responder.send(http::text_response(200, "text/plain", "ok"));
  }
  std::vector<std::string> taken() {
    MutexLock lock(mutex_);
    return taken_;
  }

 private:
  Mutex mutex_;
  std::vector<std::string> taken_ GUARDED_BY(mutex_);
};

TEST_F(BridgeStage, ATargetThatIsAwayLosesNothingAndHoldsUpNobody) {
  Inbox inbox;
  auto server = must(net::Server::start({}, inbox));
  const std::uint16_t port = server->port();

  bridge::HttpSettings http;
  http.url = fmt::format("http://127.0.0.1:{}/", port);
  auto made = settings();
  made.target = stages::make_http_target(std::move(http), engine_.clock);
  auto away = stage(std::move(made));
  const auto other = must(engine_.stream("in", 1).reader("other"));
  auto beside = stage_on(*other, settings("", {500, 1 << 20, 1 << 20}));

  std::vector<std::string> sent;
  const auto append_some = [&] {
    std::vector<std::string> some;
    for (int i = 0; i < 700; ++i) some.push_back(std::to_string(sent.size() + some.size()));
    sent.insert(sent.end(), some.begin(), some.end());
    append(some);
  };
  append_some();
  must(drain(*away));
  EXPECT_EQ(inbox.taken(), sent);

  server.reset();
  for (int round = 0; round < 5; ++round) {
    append_some();
    EXPECT_EQ(drain(*away).error().code, Error::Code::unavailable);
    engine_.clock.advance(1min);
    EXPECT_EQ(must(drain(*beside)), round == 0 ? 1400u : 700u);
  }
  EXPECT_LT(inbox.taken().size(), sent.size());

  server = must(net::Server::start({.port = port}, inbox));
  must(drain(*away));
  EXPECT_EQ(inbox.taken(), sent);
}

// ---- Lines ----

TEST(Lines, AreRecordsUntilTheEnd) {  // R275
  struct Row {
    std::string_view text;
    std::vector<std::string> lines;
  };
  const Row rows[] = {
      {"Hello World!", {"Hello World!"}},
      {"a\nb\r\n\nc\n", {"a", "b", "", "c"}},
      {"", {}},
      {"\n", {""}},
  };
  for (const Row& row : rows) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    ASSERT_EQ(write(ends[1], row.text.data(), row.text.size()),
              static_cast<ssize_t>(row.text.size()));
    close(ends[1]);
    ManualClock clock;
    bool ended = false;
    const auto reader = stages::make_line_reader(ends[0], clock, [&] { ended = true; });
    std::vector<std::string> lines;
    for (int polls = 0; !ended && polls < 20; ++polls) {
      const auto batch = must(reader->poll(2, 1s));
      ASSERT_LE(batch.records.size(), 2u);
      if (batch.records.empty()) continue;
      const auto again = must(reader->poll(2, 1s));
      EXPECT_EQ(again.records.front().value, batch.records.front().value);
      UnitOfWork unit;
      must(reader->commit(unit, {batch.partition, batch.records.front().offset}));
      must(unit.commit());
      lines.emplace_back(batch.records.front().value);
    }
    EXPECT_TRUE(ended);
    EXPECT_EQ(lines, row.lines) << row.text;
    close(ends[0]);
  }
}

TEST(Lines, HaveALimit) {
  TemporaryFolder folder;
  const std::string path = folder.path() + "/long";
  std::ofstream(path) << std::string(stages::line_bytes_max + 1, 'x');
  FILE* opened = fopen(path.c_str(), "r");
  ManualClock clock;
  const auto reader = stages::make_line_reader(fileno(opened), clock, [] {});
  Status ended;
  for (int polls = 0; ended && polls < 1000; ++polls) {
    const auto batch = reader->poll(10, 0ms);
    if (!batch) ended = std::unexpected(batch.error());
  }
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Error::Code::invalid);
  fclose(opened);
}

}  // namespace
}  // namespace lvp::tests
