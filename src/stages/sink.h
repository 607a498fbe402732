// sink: updates → tables of others, from which other programs read.
//
// Writes two tables: `events`, the accelerator's, with an item for each status of a viewer, and
// `profiles`, with what each device says of each of its viewers now. docs/sink.md has attributes.
//
// At its own pace: a slow table holds up nobody, since what waits is in `updates`; here is one
// batch at most. A position is committed after all of its batch was written or refused, so a crash
// repeats writes, and repeated they leave the same tables.
#pragma once

#include <cstddef>
#include <memory>

#include "base/metrics.h"
#include "base/time.h"
#include "base/unit_of_work.h"
#include "stages/stage.h"
#include "stages/stages.h"
#include "store/external_table.h"
#include "stream/stream.h"

namespace lvp::stages {

struct SinkPorts {
  stream::Reader& updates;
  stream::Writer& bad;                       ///< what a table refuses, with the reason
  store::ExternalTable* events = nullptr;    ///< events_shape(); nullptr: not written
  store::ExternalTable* profiles = nullptr;  ///< profiles_shape(); nullptr: not written
  NewUnitOfWork new_unit;
  const Clock& clock;
  Metrics& metrics;
  Progress& progress;
};

struct SinkSettings {
  Mode mode = Mode::mapped;           ///< whose statuses are the events
  bool create = true;                 ///< makes tables that are missing
  std::size_t records_max = 1'000;    ///< of a batch
  std::size_t write_items = 25;       ///< that are given to a table at once
  std::size_t devices_max = 100'000;  ///< whose viewers are remembered rather than read
  std::string version = {};           ///< of the program, for bad rows
};

/// Asks the tables nothing yet: they may be away. step() gives Error::unavailable while a table is
/// away or throttles, and goes on where it was; Error::invalid if one is missing or has another
/// shape.
std::unique_ptr<Stage> make_sink_stage(SinkPorts ports, SinkSettings settings);

}  // namespace lvp::stages
