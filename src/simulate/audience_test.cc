#include "simulate/audience.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace lvp::simulate {
namespace {

using namespace std::chrono_literals;

Plan plan_of(std::uint64_t seed) {
  Plan plan;
  plan.seed = seed;
  plan.viewers = 20;
  plan.duration = 30s;
  plan.ping = 3s;
  plan.activity = 5s;
  plan.disorder = 0.2;
  plan.duplicates = 0.1;
  return plan;
}

// All requests, asked for every `step`.
std::vector<Request> requests_of(const Plan& plan, Duration step) {
  const Catalogue catalogue(plan.seed, plan.contents);
  static std::vector<std::unique_ptr<Catalogue>> kept;  // events point into it
  kept.push_back(std::make_unique<Catalogue>(catalogue));
  Truth truth(plan.viewers, 1s);
  Audience audience(plan, *kept.back(), truth);
  std::vector<Request> requests;
  for (Duration now{}; audience.next(); now += step) {
    while (auto request = audience.due(now)) {
      RC_ASSERT(request->due <= now);
      requests.push_back(std::move(*request));
    }
  }
  RC_ASSERT(audience.arrived() == plan.viewers);
  RC_ASSERT(audience.over() == plan.viewers);
  return requests;
}

std::string bytes_of(const Plan& plan, const std::vector<Request>& requests) {
  const Ids ids(plan.seed);
  std::string bytes;
  for (const Request& request : requests) {
    const Tracker tracker{request.viewer, &device_kinds()[request.viewer % 5], 0ms};
    bytes += body_text(tracker, request.events, ids, plan.ping, {from_ms(0), request.due});
  }
  return bytes;
}

TEST(Audience, IsTheSameForTheSameSeedHoweverOftenItIsAsked) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const Plan plan = plan_of(seed);
    RC_ASSERT(bytes_of(plan, requests_of(plan, 7ms)) == bytes_of(plan, requests_of(plan, 450ms)));
  }));
}

TEST(Audience, EachEventIsSentOnceAndItsCopiesAreTheSame) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> sent;
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> copied;
    for (const Request& request : requests_of(plan_of(seed), 100ms)) {
      RC_ASSERT(!request.events.empty());
      for (const Event& event : request.events)
        ++(request.copy ? copied : sent)[{request.viewer, event.number}];
    }
    for (const auto& [event, times] : sent) RC_ASSERT(times == 1);
    for (const auto& [event, times] : copied) RC_ASSERT(times == 1 && sent.contains(event));
  }));
}

TEST(Audience, RequestsComeWhenTheyAreDue) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const Plan plan = plan_of(seed);
    Duration last{};
    bool overtaken = false;
    std::map<std::uint32_t, std::uint32_t> newest;  // event of each viewer
    for (const Request& request : requests_of(plan, 10ms)) {
      RC_ASSERT(request.due >= last && request.due <= plan.duration);
      RC_ASSERT(request.due >= request.events.back().at);
      if (!request.held && !request.copy) RC_ASSERT(request.due == request.events.back().at);
      last = request.due;
      overtaken = overtaken || newest[request.viewer] > request.events.front().number;
      newest[request.viewer] = std::max(newest[request.viewer], request.events.back().number);
    }
    RC_ASSERT(overtaken);
  }));
}

TEST(Audience, SharesAreThoseOfThePlan) {
  Plan plan = plan_of(3);
  plan.viewers = 3000;
  plan.deaths = 0.3;
  std::size_t held = 0, copies = 0, originals = 0;
  for (const Request& request : requests_of(plan, 50ms)) {
    copies += request.copy;
    originals += !request.copy;
    held += !request.copy && request.held;
  }
  EXPECT_NEAR(static_cast<double>(copies) / static_cast<double>(originals), 0.1, 0.01);
  EXPECT_NEAR(static_cast<double>(held) / static_cast<double>(originals), 0.2, 0.01);
}

TEST(Audience, NobodyIsDisturbedInAQuietOne) {
  Plan plan = plan_of(5);
  plan.disorder = plan.duplicates = 0;
  std::map<std::uint32_t, std::uint32_t> next;
  for (const Request& request : requests_of(plan, 20ms)) {
    EXPECT_FALSE(request.held || request.copy);
    for (const Event& event : request.events) EXPECT_EQ(event.number, next[request.viewer]++);
  }
}

}  // namespace
}  // namespace lvp::simulate
