// input → pure function → output and bad: this is enrich, and this is bridge.
//
// One step is one batch: what it became and the position it reached are one unit of work, so after
// a crash no record was half done.
#include <iterator>
#include <utility>

#include "stages/stages.h"

namespace lvp::stages {
namespace {

constexpr std::size_t batch_records_max = 500;

void move_to(std::vector<stream::Entry>& to, std::vector<stream::Entry>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

class TransformStage final : public Stage {
 public:
  TransformStage(std::string name, TransformPorts ports, Transform transform)
      : name_(std::move(name)), ports_(std::move(ports)), transform_(std::move(transform)) {}

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
    for (const stream::Record& record : batch.records) {
      Transformed one = transform_(record);
      move_to(all.good, one.good);
      move_to(all.bad, one.bad);
    }
    const auto unit = ports_.new_unit();
    if (!all.good.empty()) LVP_DO(ports_.out.append(*unit, std::move(all.good)));
    if (!all.bad.empty()) LVP_DO(ports_.bad.append(*unit, std::move(all.bad)));
    LVP_DO(ports_.in.commit(*unit, batch.end()));
    LVP_DO(unit->commit());
    ports_.progress.caught_up = batch.caught_up;
    return batch.records.size();
  }

 private:
  std::string name_;
  TransformPorts ports_;
  Transform transform_;
};

}  // namespace

std::unique_ptr<Stage> make_transform_stage(std::string name, TransformPorts ports,
                                            Transform transform) {
  return std::make_unique<TransformStage>(std::move(name), std::move(ports), std::move(transform));
}

}  // namespace lvp::stages
