// What the collector's server counts, as metrics.
#pragma once

#include <cstdint>

#include "base/metrics.h"
#include "base/mutex.h"
#include "net/server.h"

namespace lvp::app {

/// Thread-safe: scrapes may overlap.
class CollectorMeter {
 public:
  explicit CollectorMeter(Metrics& metrics)
      : connections_(metrics.gauge("lvp_collect_connections", "Open connections")),
        buffers_(metrics.gauge("lvp_collect_buffer_bytes",
                               "Memory of requests that are being received or answered")),
        taken_(metrics.counter("lvp_collect_connections_total", "Connections taken")),
        refused_(metrics.counter("lvp_collect_connections_refused_total",
                                 "Connections over collector.connections_max")),
        in_(metrics.counter("lvp_collect_received_bytes_total", "Bytes received")),
        out_(metrics.counter("lvp_collect_sent_bytes_total", "Bytes sent")),
        tls_failures_(metrics.counter("lvp_collect_tls_failures_total",
                                      "TLS handshakes that failed, and connections broken later")) {
  }

  void read(const net::ServerStats& now) {
    MutexLock lock(mutex_);
    connections_.set(static_cast<double>(now.connections_open));
    buffers_.set(static_cast<double>(now.buffer_bytes));
    const auto add = [](Counter& counter, std::uint64_t before, std::uint64_t after) {
      counter.add(static_cast<double>(after - before));
    };
    add(taken_, last_.connections_total, now.connections_total);
    add(refused_, last_.refused_connections, now.refused_connections);
    add(in_, last_.bytes_in, now.bytes_in);
    add(out_, last_.bytes_out, now.bytes_out);
    add(tls_failures_, last_.tls_failures, now.tls_failures);
    last_ = now;
  }

 private:
  Gauge& connections_;
  Gauge& buffers_;
  Counter& taken_;
  Counter& refused_;
  Counter& in_;
  Counter& out_;
  Counter& tls_failures_;
  Mutex mutex_;
  net::ServerStats last_ GUARDED_BY(mutex_);
};

}  // namespace lvp::app
