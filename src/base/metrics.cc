#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <deque>

#include "base/mutex.h"

namespace lvp {
namespace {

class PrometheusCounter final : public Counter {
 public:
  explicit PrometheusCounter(prometheus::Counter& counter) : counter_(counter) {}
  void add(double amount) override { counter_.Increment(amount); }

 private:
  prometheus::Counter& counter_;
};

class PrometheusGauge final : public Gauge {
 public:
  explicit PrometheusGauge(prometheus::Gauge& gauge) : gauge_(gauge) {}
  void set(double value) override { gauge_.Set(value); }
  void add(double change) override { gauge_.Increment(change); }

 private:
  prometheus::Gauge& gauge_;
};

class PrometheusHistogram final : public Histogram {
 public:
  explicit PrometheusHistogram(prometheus::Histogram& histogram) : histogram_(histogram) {}
  void observe(double value) override { histogram_.Observe(value); }

 private:
  prometheus::Histogram& histogram_;
};

const prometheus::Histogram::BucketBoundaries latency_buckets{
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
    0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};

}  // namespace

struct Metrics::State {
  prometheus::Registry registry;
  Mutex mutex;
  // Deques, because callers keep references to the elements.
  std::deque<PrometheusCounter> counters GUARDED_BY(mutex);
  std::deque<PrometheusGauge> gauges GUARDED_BY(mutex);
  std::deque<PrometheusHistogram> histograms GUARDED_BY(mutex);
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry);
  const MutexLock lock(state_->mutex);
  return state_->counters.emplace_back(family.Add(labels));
}

Gauge& Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry);
  const MutexLock lock(state_->mutex);
  return state_->gauges.emplace_back(family.Add(labels));
}

Histogram& Metrics::latency(const std::string& name, const std::string& help,
                            const Labels& labels) {
  auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(state_->registry);
  const MutexLock lock(state_->mutex);
  return state_->histograms.emplace_back(family.Add(labels, latency_buckets));
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace lvp
