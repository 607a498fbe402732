// Counters, gauges and histograms, scraped as Prometheus text.
//
// Names follow the Prometheus convention: snake_case, prefix lvp_, unit last (_total, _seconds,
// _bytes). A metric is made once, at start, and then updated without a lock.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lvp {

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double amount = 1) = 0;
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
  virtual void add(double change) = 0;
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

/// Makes and owns the metrics of one process. Thread-safe. The references live as long as it does.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();
  ~Metrics();

  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  /// Buckets suit latencies from 0.1 ms to 10 s.
  Histogram& latency(const std::string& name, const std::string& help, const Labels& labels = {});

  /// Prometheus text exposition format 0.0.4.
  std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lvp
