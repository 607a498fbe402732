// Sends what an audience has to send, each request when it is due.
//
// An open loop: a request that finds no free connection waits, and its latency counts from when it
// was due, so that a collector that stalls cannot hide the requests that would have come meanwhile.
// What fails is sent again a second later, as trackers do.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "net/sender.h"
#include "simulate/audience.h"
#include "simulate/ids.h"
#include "simulate/report.h"

namespace lvp::simulate {

class Load {
 public:
  using Nanoseconds = std::chrono::nanoseconds;
  using OnSend = std::function<void(const Request&)>;

  /// `began` is the moment that the audience counts from. All must outlive it.
  Load(const Plan& plan, const Ids& ids, Audience& audience, Truth& truth, net::Sender& sender,
       std::string host, Timestamp began)
      : plan_(plan),
        ids_(ids),
        audience_(audience),
        truth_(truth),
        sender_(sender),
        host_(std::move(host)),
        began_(began) {}

  /// Sends what is due, tells of each first attempt, and takes the answers that have come.
  void step(Nanoseconds now, const OnSend& on_send);

  /// When the next request is due; a long time ahead if there is none.
  Nanoseconds next() const;
  bool is_over() const { return !audience_.next() && sender_.under_way() == 0; }

  const Traffic& traffic() const { return traffic_; }

 private:
  void send(Request request, Nanoseconds now, const OnSend& on_send);
  void answered(const net::Sender::Answer& answer, Nanoseconds now);
  void failed(Request request, Nanoseconds now);

  const Plan& plan_;
  const Ids& ids_;
  Audience& audience_;
  Truth& truth_;
  net::Sender& sender_;
  const std::string host_;
  const Timestamp began_;
  std::vector<Request> sent_;        // by tag
  std::vector<std::size_t> unused_;  // tags
  Traffic traffic_;
};

}  // namespace lvp::simulate
