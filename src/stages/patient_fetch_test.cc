#include "stages/patient_fetch.h"

#include <gtest/gtest.h>

#include <vector>

namespace lvp::stages {
namespace {

class StandingClock final : public Clock {
 public:
  Timestamp now() const override { return time; }
  Timestamp time = from_ms(1'700'000'000'000);
};

class Servers final : public iglu::Fetch {
 public:
  Result<iglu::Fetched> get(std::string_view url, std::string_view) override {
    asked.emplace_back(url);
    if (is_away && url.find("//away") != url.npos) return unavailable("no route");
    return iglu::Fetched{503, ""};
  }

  std::vector<std::string> asked;
  bool is_away = true;
};

TEST(PatientFetch, SparesWhoDidNotAnswerForAMoment) {
  StandingClock clock;
  Servers servers;
  PatientFetch fetch(servers, clock);
  EXPECT_EQ(fetch.get("http://away:1/a", "").error().what, "no route");
  const auto spared = fetch.get("http://away:1/b", "");
  EXPECT_EQ(spared.error().code, Error::Code::unavailable);
  EXPECT_EQ(spared.error().what, "http://away:1 did not answer just now: no route");
  EXPECT_EQ(servers.asked.size(), 1u);
  clock.time += PatientFetch::pause;
  servers.is_away = false;
  EXPECT_TRUE(fetch.get("http://away:1/b", ""));
  EXPECT_TRUE(fetch.get("http://away:1/a", ""));
}

TEST(PatientFetch, AsksOthersAndThoseWhoAnswerWhateverItIs) {
  StandingClock clock;
  Servers servers;
  PatientFetch fetch(servers, clock);
  EXPECT_FALSE(fetch.get("http://away:1/a", ""));
  for (const char* url : {"http://away:2", "http://here/a", "http://here/a", "https://away:1/a"})
    (void)fetch.get(url, "");
  EXPECT_EQ(servers.asked,
            (std::vector<std::string>{"http://away:1/a", "http://away:2", "http://here/a",
                                      "http://here/a", "https://away:1/a"}));
}

}  // namespace
}  // namespace lvp::stages
