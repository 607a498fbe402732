#include "simulate/load.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <mutex>
#include <set>
#include <vector>

#include "net/server.h"
#include "wire/json.h"

namespace lvp::simulate {
namespace {

using namespace std::chrono_literals;

// Keeps the ids of events; refuses every tenth request, and does not answer every 25th.
class Collector final : public net::Handler {
 public:
  void handle(const http::Request& request, net::Responder responder) override {
    std::lock_guard lock(mutex_);
    ++count_;
    if (count_ % 25 == 0) return kept_.push_back(std::move(responder));
    if (count_ % 10 == 0) return responder.send(http::text_response(503, "text/plain", ""));
    const auto root = parser_.parse(request.body);
    for (const json::Value event : (*root)["data"].elements())
      events.insert(std::string(*event["eid"].string()));
    responder.send(http::text_response(200, "text/plain", "ok"));
  }
  std::set<std::string> events;

 private:
  std::mutex mutex_;
  json::Parser parser_;
  int count_ = 0;
  std::vector<net::Responder> kept_;
};

TEST(Load, SendsWhatFailedUntilItIsAcknowledged) {
  Collector collector;
  const auto server = *net::Server::start({}, collector);
  Plan plan;
  plan.viewers = 20;
  plan.duration = 2s;
  plan.activity = 1s;
  plan.disorder = plan.duplicates = 0;
  const Catalogue catalogue(plan.seed, plan.contents);
  const Ids ids(1);
  Truth truth(plan.viewers, 1s);
  Audience audience(plan, catalogue, truth);
  const auto sender = *net::Sender::connect(
      {.address = {"127.0.0.1", server->port()}, .connections = 4, .answer_wait = 100ms});
  Load load(plan, ids, audience, truth, *sender, "x", from_ms(1'700'000'000'000));
  const auto began = std::chrono::steady_clock::now();
  std::size_t first_attempts = 0;
  while (!load.is_over()) {
    const auto now = std::chrono::steady_clock::now() - began;
    ASSERT_LT(now, 60s);
    load.step(now, [&](const Request&) { ++first_attempts; });
    pollfd ready{sender->descriptor(), POLLIN, 0};
    ::poll(&ready, 1, 5);
  }
  const Traffic& t = load.traffic();
  EXPECT_GT(t.refused, 0u);
  EXPECT_GT(t.unanswered, 0u);
  EXPECT_EQ(t.given_up, 0u);
  EXPECT_EQ(t.acknowledged, first_attempts);
  EXPECT_EQ(t.requests, t.acknowledged + t.refused + t.unanswered);
  std::set<std::string> made;
  for (std::uint32_t viewer = 0; viewer < plan.viewers; ++viewer)
    for (std::uint32_t n = 0; n < truth.events(viewer); ++n) made.insert(ids.event(viewer, n));
  EXPECT_EQ(collector.events, made);
}

}  // namespace
}  // namespace lvp::simulate
