// input → function → outputs: this is enrich, resolve, and bridge.
//
// One step is one batch: what it became and the position it reached are one unit of work, so after
// a crash no record was half done. A record that cannot be done now ends the batch before it.
#include <array>
#include <iterator>
#include <utility>

#include "base/check.h"
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

    Transformed all;
    std::size_t done = 0;
    for (const stream::Record& record : batch.records) {
      Result<Transformed> one = transform_(record);
      if (!one && done == 0) return std::unexpected(std::move(one.error()));
      if (!one) break;  // the next step begins with it
      for (const Output& output : outputs_) move_to(all.*output.entries, (*one).*output.entries);
      ++done;
    }
    LVP_DO(commit(std::move(all), {batch.partition, batch.records[done - 1].offset}));
    ports_.progress.caught_up = batch.caught_up && done == batch.records.size();
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

  Status commit(Transformed all, const stream::Position& position) {
    const auto unit = ports_.new_unit();
    for (const Output& output : outputs_) {
      Entries& entries = all.*output.entries;
      if (entries.empty()) continue;
      LVP_CHECK(output.writer != nullptr);
      unit->after(
          [&made = output.made, count = static_cast<double>(entries.size())] { made.add(count); });
      LVP_DO(output.writer->append(*unit, std::move(entries)));
    }
    LVP_DO(ports_.in.commit(*unit, position));
    return unit->commit();
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
