// Holds a running system to the truth: listens to /live while the audience acts, and asks the
// private API in the end.
//
// Nobody else may use the system meanwhile: its streams are counted, too.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "net/sender.h"
#include "simulate/audience.h"
#include "simulate/ids.h"
#include "simulate/listener.h"
#include "simulate/report.h"
#include "simulate/sightings.h"
#include "simulate/truth.h"
#include "simulate/view.h"

namespace lvp::simulate {

struct CheckSettings {
  net::Address address;                          ///< of the private API
  std::string token;                             ///< empty: none is asked for
  Duration wait = std::chrono::seconds(30);      ///< for the pipeline to read on
  Duration catch_up = std::chrono::minutes(15);  ///< and until it has read all
};

class Check {
 public:
  using Nanoseconds = std::chrono::nanoseconds;
  /// What time it is, since the run began.
  using Now = std::function<Nanoseconds()>;
  /// Hears in words how far it is.
  using OnWait = std::function<void(const std::string& words)>;

  /// Connects to /live and counts what the streams hold. Ids and truth must outlive it.
  static Result<std::unique_ptr<Check>> begin(CheckSettings settings, const Ids& ids,
                                              const Truth& truth);

  /// A first attempt is being made.
  void sent(const Request& request, Nanoseconds now);
  /// Reads the frames that have come.
  Status listen(const Now& now);
  /// For ::poll(): readable when there are some.
  int descriptor() const { return listener_->descriptor(); }
  /// Compares what is shown with what is true. Once a second.
  void sample(Duration now);
  /// Waits until the pipeline has read all of the traffic, and asks about every viewer.
  Status finish(const Traffic& traffic, const Now& now, const OnWait& on_wait);

  const View& view() const { return view_; }
  const Sightings& sightings() const { return sightings_; }
  Verification result() const;

 private:
  struct Records {
    std::uint64_t raw = 0, enriched = 0, media = 0, updates = 0, bad = 0;
    bool exact = true;
    bool operator==(const Records&) const = default;
  };

  Check(CheckSettings settings, const Ids& ids, const Truth& truth)
      : settings_(std::move(settings)),
        ids_(ids),
        truth_(truth),
        view_(ids, truth.size()),
        sightings_(truth.size()) {}

  Result<std::string> ask(std::string_view path) const;
  Result<Records> count_records();
  Result<Records> count_patiently();
  Result<bool> caught_up() const;
  void expect(const Traffic& traffic);
  void count_new(const Records& now);
  Status await_pipeline(const Now& now, const OnWait& on_wait);
  Status pause(Duration time, const Now& now);
  std::string records_read() const;
  Status ask_all(const Now& now, const OnWait& on_wait);
  Status ask_of(const std::vector<std::uint32_t>& viewers, const Now& now, const OnWait& on_wait);
  std::string question(std::uint32_t viewer) const;
  void take_answer(std::uint32_t viewer, const net::Sender::Answer& answer, Duration now);
  void compare_live(std::uint32_t viewer, Duration now);
  void find(std::uint32_t viewer, std::string words);

  const CheckSettings settings_;
  const Ids& ids_;
  const Truth& truth_;
  std::unique_ptr<Listener> listener_;
  View view_;
  Sightings sightings_;
  json::Parser parser_;
  Records before_;
  Verification result_;
  std::vector<std::uint32_t> behind_;  // viewers of whom less was told than is true, and no more
  bool is_last_look_ = false;
  std::unordered_set<std::uint32_t> found_;  // viewers of whom a finding tells
};

}  // namespace lvp::simulate
