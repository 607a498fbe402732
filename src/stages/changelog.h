// Tables whose every change is also a record of a compacted stream, the changelog, from which
// whoever owns them next makes them anew.
//
//   key     := table(text) 0x00 key
//   value   := 0x01 value                 or nothing: the row was erased
//
// The changelog is what counts; the tables are a copy of it. So a unit's records go out with the
// rest of the unit, and the copy follows when the unit has succeeded: it may be behind, never
// ahead. What cannot follow makes the copy useless, which broken() tells; it is then made anew.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "base/unit_of_work.h"
#include "store/store.h"
#include "stream/stream.h"

namespace lvp::stages {

/// Belongs to one thread, as what it makes does. All of it outlives the units that it took part in.
class ChangelogStore final : public store::Store {
 public:
  /// `copy` holds what the changelog holds; `changes` appends to it. `copy_unit` makes the units in
  /// which the copy follows.
  ChangelogStore(store::Store& copy, stream::Writer& changes, NewUnitOfWork copy_unit);
  ~ChangelogStore() override;

  Result<std::unique_ptr<store::Table>> table(std::string_view name) override;

  /// The copy could not follow. Nothing may be read from it any more.
  bool broken() const;

 private:
  class Followed;
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

/// What a partition of the changelog holds, in tables.
struct Copy {
  std::unique_ptr<store::Store> store;
  NewUnitOfWork new_unit;
  stream::Offset at = {};  ///< holds the changelog up to there, and may hold more; "": nothing
  Timestamp known = {};    ///< when `at` was reached
};

struct Restored {
  std::size_t records = 0;
  std::size_t bytes = 0;
};

/// Lets the copy have what a batch of its partition holds beyond `copy.at`, and moves that. What it
/// held already changes nothing at the end: later rows come again, too. Error::corrupt if a record
/// is no change of a table.
Result<Restored> follow(Copy& copy, const stream::Batch& batch, Timestamp now);

/// Brings the copy to the end of that partition as it is now. `progress` is called after each
/// batch, and may end it with an error; the copy keeps what it has by then. Error::corrupt as
/// above.
Result<Restored> restore(Copy& copy, stream::Stream& changelog, std::string_view partition,
                         const Clock& clock,
                         const std::function<Status(const Restored&)>& progress);

}  // namespace lvp::stages
