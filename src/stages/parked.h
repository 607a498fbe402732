// Records that wait for what somebody else must bring, in a stream of their own, `parked`.
//
//   parked ═▶ tried again ═▶ outputs
//      ▲            ╚═ still waits ═╗
//      ╚════════════════════════════╝
//
// They are tried in passes: each that is there when a pass begins is tried once, and goes to the
// end of the stream if it must wait longer. So no record waits for another one, none is lost, and
// between passes nothing is written. The move and the position are one unit of work.
//
// A pass begins when there is news, when partitions come (at the start, too), and now and then
// anyhow, for what others parked of which this process knows nothing. That is seldom, and the
// seldomer the more there is, so that a long outage costs little.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "stages/transform.h"
#include "stream/stream.h"

namespace lvp::stages {

/// Belongs to one thread.
class Parked {
 public:
  /// `ports.in` reads `stream`, and `ports.later` writes it: there `transform` puts what must wait
  /// longer. `ports.progress` is left alone.
  Parked(const std::string& stage, stream::Stream& stream, TransformPorts ports,
         Transform transform);

  /// Some of what waits can perhaps be done: a pass begins with the next step, after the one that
  /// is under way.
  void news() { is_due_ = true; }

  /// Does a batch of a pass, if one is due; says how many records that were due it was. Waits for
  /// nothing.
  Result<std::size_t> step();

 private:
  bool begins() const;
  Status begin();
  void end();
  bool is_over() const;

  stream::Stream& stream_;
  BatchTransform batches_;
  bool is_due_ = true;
  bool is_passing_ = false;
  Timestamp began_;
  Timestamp next_;                              ///< pass, if there is no news
  std::map<std::string, stream::Offset> ends_;  ///< of partitions, as far as this pass goes
  std::vector<stream::Share> shares_;           ///< for which the last pass was
};

}  // namespace lvp::stages
