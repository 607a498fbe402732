// When the serve stage tells its sockets what changed.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engines.h"
#include "live/made_up.h"
#include "noting_reader.h"
#include "profile/codec.h"
#include "stages/stages.h"
#include "wire/json.h"
#include "wire/update.h"

namespace lvp::tests {
namespace {

using namespace std::chrono_literals;
using profile::State;

// Keeps what it is sent.
class KeepingSocket final : public net::Socket {
 public:
  bool send(std::shared_ptr<const std::string> text) override {
    frames.push_back(*text);
    return true;
  }
  void close() override {}
  std::uint64_t id() const override { return 1; }

  std::vector<std::string> frames;
};

class ServeStage : public testing::Test {
 protected:
  ServeStage() {
    http::Request request;
    request.method = "GET";
    request.target = "/live";
    request.headers.push_back({"Host", "localhost"});
    stage_->upgrade(request)->opened(socket_, request);
  }

  void publish(State state) {
    profile::Play play = live::made_up::play("p", "v", state, engine_.clock.now());
    play.session.runs.emplace_back();  // whoever has events has one
    const auto profile = live::made_up::profile("d", ++version_, {std::move(play)});
    const auto unit = engine_.unit();
    must(writer_->append(
        *unit, {{"d", encode_update(UpdateKind::profile, "0", "0", profile::encode(profile))}}));
    must(unit->commit());
  }
  void step() { must(stage_->step(1s)); }

  // What the sockets were told since the last call: the type of each frame and the viewer's state.
  std::vector<std::string> told() {
    std::vector<std::string> all;
    for (const std::string& text : std::exchange(socket_->frames, {})) {
      const auto frame = must(parser_.parse(text));
      std::string brief(frame["type"].string().value_or("?"));
      for (const auto viewer : frame["viewers"].elements())
        brief += " " + std::string(viewer["state"].string().value_or("?"));
      all.push_back(brief);
    }
    return all;
  }

  using Frames = std::vector<std::string>;

  MemoryEngine engine_;
  Metrics metrics_;
  stages::Progress progress_;
  json::Parser parser_;
  std::uint64_t version_ = 0;
  Duration waited_{};  // that was asked for
  const std::unique_ptr<stream::Writer> writer_ = must(engine_.stream("updates", 1).writer());
  const std::unique_ptr<stream::Reader> reader_ =
      must(engine_.stream("updates", 1).reader("serve"));
  NotingReader noting_{*reader_, waited_};
  const std::unique_ptr<stages::ServeStage> stage_ =
      must(stages::make_serve_stage({.updates = &noting_,
                                     .store = engine_.store(),
                                     .new_unit = [this] { return engine_.unit(); },
                                     .clock = engine_.clock,
                                     .metrics = metrics_,
                                     .streams = {},
                                     .stages = {},
                                     .collector_healthy = [] { return true; },
                                     .renew_metrics = [] {},
                                     .files = [](const http::Request&) { return http::Response(); },
                                     .progress = progress_},
                                    {}));
  const std::shared_ptr<KeepingSocket> socket_ = std::make_shared<KeepingSocket>();
};

TEST_F(ServeStage, TellsAtOnceAfterSilence) {
  EXPECT_EQ(told(), (Frames{"snapshot"}));
  publish(State::playing);
  step();
  EXPECT_EQ(told(), (Frames{"update PLAYING"}));
}

// docs/live-protocol.md: frames are at least 25 ms apart.
TEST_F(ServeStage, WaitsNoLongerThanUntilTheNextFrameIsDue) {
  publish(State::playing);
  step();
  told();
  engine_.clock.advance(10ms);
  publish(State::paused);
  step();
  EXPECT_EQ(told(), Frames());
  step();
  EXPECT_EQ(waited_, 15ms);
  engine_.clock.advance(15ms);
  step();
  EXPECT_EQ(told(), (Frames{"update PAUSED"}));
}

TEST_F(ServeStage, TellsTheNewestOfWhatCameInBetween) {
  publish(State::playing);
  step();
  told();
  publish(State::paused);
  step();
  publish(State::ended);
  step();
  engine_.clock.advance(25ms);
  step();
  EXPECT_EQ(told(), (Frames{"update ENDED"}));
}

TEST_F(ServeStage, TellsThatTheClockStandsWhenTheNextFrameIsDue) {
  publish(State::playing);
  step();
  engine_.clock.advance(10ms);
  const auto unit = engine_.unit();
  must(writer_->append(
      *unit, {{std::string(clock_key), encode_update(UpdateKind::clock, "0", "0", clock_stands)}}));
  must(unit->commit());
  step();
  told();
  step();
  EXPECT_EQ(waited_, 15ms);
  engine_.clock.advance(15ms);
  step();
  EXPECT_EQ(told(), (Frames{"update"}));
}

// As the counts change with time alone.
TEST_F(ServeStage, LooksAgainWhileThereIsNothingToTell) {
  publish(State::playing);
  step();
  engine_.clock.advance(25ms);
  step();
  EXPECT_EQ(waited_, 50ms);
}

}  // namespace
}  // namespace lvp::tests
