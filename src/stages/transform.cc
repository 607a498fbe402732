// input → function → outputs: this is enrich, resolve, and bridge.
#include "stages/transform.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "base/check.h"
#include "stages/refused.h"

namespace lvp::stages {
namespace {

using Entries = std::vector<stream::Entry>;

void move_to(Entries& to, Entries& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

BatchTransform::BatchTransform(const std::string& stage, TransformPorts ports, Transform transform)
    : ports_(std::move(ports)),
      transform_(std::move(transform)),
      outputs_{output(stage, "good", &Transformed::good, &ports_.out),
               output(stage, "bad", &Transformed::bad, &ports_.bad),
               output(stage, "later", &Transformed::later, ports_.later),
               output(stage, "incomplete", &Transformed::incomplete, ports_.incomplete)} {}

BatchTransform::Output BatchTransform::output(const std::string& stage, const std::string& kind,
                                              Entries Transformed::* entries,
                                              stream::Writer* writer) {
  return {entries, writer,
          ports_.metrics.counter("lvp_stage_made_total", "Records that a stage made",
                                 {{"stage", stage}, {"kind", kind}})};
}

Result<std::size_t> BatchTransform::handle(const stream::Batch& batch, std::size_t records_max) {
  const auto done = handle(batch, records_max, &BatchTransform::append_all);
  if (done || done.error().code != Error::Code::invalid) return done;
  return handle(batch, records_max, &BatchTransform::append_each);
}

Result<std::size_t> BatchTransform::handle(const stream::Batch& batch, std::size_t records_max,
                                           Append append_made) {
  Transformed all;
  std::size_t done = 0;
  const std::span records(batch.records);
  for (const stream::Record& record : records.first(std::min(records_max, records.size()))) {
    Result<Transformed> one = transform_(record);
    if (!one && done == 0) return std::unexpected(std::move(one.error()));
    if (!one) break;  // the next step begins with it
    for (const Output& output : outputs_) move_to(all.*output.entries, (*one).*output.entries);
    ++done;
  }
  const auto unit = ports_.new_unit();
  LVP_DO((this->*append_made)(*unit, all));
  LVP_DO(ports_.in.commit(*unit, {batch.partition, batch.records[done - 1].offset}));
  LVP_DO(unit->commit());
  return done;
}

Status BatchTransform::append_all(UnitOfWork& unit, Transformed& all) {
  for (const Output& output : outputs_) LVP_DO(append(unit, output, all.*output.entries));
  return {};
}

Status BatchTransform::append(UnitOfWork& unit, const Output& output, Entries& entries) {
  if (entries.empty()) return {};
  LVP_CHECK(output.writer != nullptr);
  const auto count = static_cast<double>(entries.size());
  LVP_DO(output.writer->append(unit, std::move(entries)));
  unit.after([&made = output.made, count] { made.add(count); });
  return {};
}

// One by one, so that those which a stream does not take are found.
Status BatchTransform::append_each(UnitOfWork& unit, Transformed& all) {
  Entries refused;
  for (const Output& output : outputs_) {
    for (stream::Entry& entry : all.*output.entries) {
      Entries one{entry};
      const Status taken = append(unit, output, one);
      if (taken) continue;
      if (taken.error().code != Error::Code::invalid) return taken;
      refused.push_back({std::move(entry.key), refused_row(ports_.processor, ports_.clock.now(),
                                                           taken.error().what, entry.value)});
    }
  }
  return append(unit, outputs_[1], refused);
}

namespace {

class TransformStage final : public Stage {
 public:
  TransformStage(std::string name, TransformPorts ports, Transform transform)
      : name_(std::move(name)), batches_(name_, std::move(ports), std::move(transform)) {}

  std::string_view name() const override { return name_; }

  Result<std::size_t> step(Duration wait) override {
    const TransformPorts& ports = batches_.ports();
    LVP_TRY(const stream::Batch batch, ports.in.poll(transform_records_max, wait));
    if (batch.records.empty()) {
      ports.progress.caught_up = batch.caught_up;
      return std::size_t{0};
    }
    // Not before the commit: who reads it takes silence for the truth.
    ports.progress.caught_up = false;
    const auto done = batches_.handle(batch);
    if (done) ports.progress.caught_up = batch.caught_up && *done == batch.records.size();
    return done;
  }

 private:
  const std::string name_;
  BatchTransform batches_;
};

}  // namespace

std::unique_ptr<Stage> make_transform_stage(std::string name, TransformPorts ports,
                                            Transform transform) {
  return std::make_unique<TransformStage>(std::move(name), std::move(ports), std::move(transform));
}

}  // namespace lvp::stages
