// The load: keep-alive connections of one thread that send tracker requests and time the answers.
//
// A closed loop sends the next request of a connection when its last one is answered. An open loop
// has a timetable: request n is due at n / rate, goes to whichever connection is free, and its
// latency counts from when it was due, so that a server that stalls cannot hide the requests that
// would have come meanwhile.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/latency_histogram.h"
#include "bench/tracker_request.h"

namespace lvp::bench {

struct Plan {
  std::string host = "127.0.0.1";  ///< IPv4 address
  std::uint16_t port = 9090;
  std::size_t connections = 64;
  double rate = 0;         ///< requests a second; 0: closed loop
  std::size_t events = 1;  ///< in each request
  std::chrono::nanoseconds time = std::chrono::seconds(10);
  bool keeps_acknowledged = false;
};

struct Outcome {
  std::chrono::nanoseconds time{};  ///< from the first request to the last answer
  std::uint64_t sent = 0;
  std::map<int, std::uint64_t> answers;  ///< by status
  std::uint64_t broken = 0;      ///< connections lost with a request on them, or unreadable answers
  std::uint64_t unanswered = 0;  ///< requests still on their way when the wait for answers ended
  std::uint64_t late = 0;        ///< of an open loop: due, but never sent for want of a connection
  std::size_t request_bytes = 0;
  LatencyHistogram latency;        ///< of answers 200
  std::vector<Uuid> acknowledged;  ///< events of all requests answered 200, if kept
};

/// Opens all connections, loads for `plan.time`, then waits for what is on its way (at most 5 s).
/// Throws std::runtime_error if the server cannot be reached at the start.
Outcome generate(const Plan& plan);

}  // namespace lvp::bench
