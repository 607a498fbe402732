// input → function → outputs: this is enrich, resolve, and bridge.
//
// One step is one batch: what it became and the position it reached are one unit of work, so after
// a crash no record was half done. A record that cannot be done now ends the batch before it. What
// a stream does not take, since it is too large, becomes a bad row.
#include <array>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "stages/refused.h"
#include "stages/stages.h"

namespace lvp::stages {
namespace {

constexpr std::size_t batch_records_max = 500;

using Entries = std::vector<stream::Entry>;

void move_to(Entries& to, Entries& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

class TransformStage final : public Stage {
 public:
  TransformStage(std::string name, TransformPorts ports, Transform transform)
      : name_(std::move(name)),
        ports_(std::move(ports)),
        transform_(std::move(transform)),
        outputs_{output("good", &Transformed::good, &ports_.out),
                 output("bad", &Transformed::bad, &ports_.bad),
                 output("later", &Transformed::later, ports_.later),
                 output("incomplete", &Transformed::incomplete, ports_.incomplete)} {}

  std::string_view name() const override { return name_; }

  Result<std::size_t> step(Duration wait) override {
    LVP_TRY(const stream::Batch batch, ports_.in.poll(batch_records_max, wait));
    if (batch.records.empty()) {
      ports_.progress.caught_up = batch.caught_up;
      return std::size_t{0};
    }
    // Not before the commit: who reads it takes silence for the truth.
    ports_.progress.caught_up = false;

    Result<std::size_t> done = handle(batch, &TransformStage::append_all);
    if (!done && done.error().code == Error::Code::invalid)
      done = handle(batch, &TransformStage::append_each);
    if (done) ports_.progress.caught_up = batch.caught_up && *done == batch.records.size();
    return done;
  }

 private:
  struct Output {
    Entries Transformed::* entries;
    stream::Writer* writer;  // nullptr if there are none
    Counter& made;
  };

  Output output(const std::string& kind, Entries Transformed::* entries, stream::Writer* writer) {
    return {entries, writer,
            ports_.metrics.counter("lvp_stage_made_total", "Records that a stage made",
                                   {{"stage", name_}, {"kind", kind}})};
  }

  using Append = Status (TransformStage::*)(UnitOfWork& unit, Transformed& all);

  // Says how many records it was.
  Result<std::size_t> handle(const stream::Batch& batch, Append append_made) {
    Transformed all;
    std::size_t done = 0;
    for (const stream::Record& record : batch.records) {
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

  Status append_all(UnitOfWork& unit, Transformed& all) {
    for (const Output& output : outputs_) LVP_DO(append(unit, output, all.*output.entries));
    return {};
  }

  static Status append(UnitOfWork& unit, const Output& output, Entries& entries) {
    if (entries.empty()) return {};
    LVP_CHECK(output.writer != nullptr);
    const auto count = static_cast<double>(entries.size());
    LVP_DO(output.writer->append(unit, std::move(entries)));
    unit.after([&made = output.made, count] { made.add(count); });
    return {};
  }

  // One by one, so that those which a stream does not take are found.
  Status append_each(UnitOfWork& unit, Transformed& all) {
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

  const std::string name_;
  const TransformPorts ports_;
  const Transform transform_;
  const std::array<Output, 4> outputs_;
};

}  // namespace

std::unique_ptr<Stage> make_transform_stage(std::string name, TransformPorts ports,
                                            Transform transform) {
  return std::make_unique<TransformStage>(std::move(name), std::move(ports), std::move(transform));
}

}  // namespace lvp::stages
