// Copies of the partitions of a changelog (changelog.h) in one process, and who has them.
//
// Who becomes the owner of a partition takes its copy, reads what is missing of it, and has it
// until the partition goes. A copy that came back is known to be as old as when it was taken: the
// owner wrote to it since, and so may the next one have done. Reading on from there makes it whole
// again.
//
// With a standby (standby.h) the copies that nobody has here follow the changelog, so an owner has
// little to read.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "stages/changelog.h"

namespace lvp::stages {

/// Thread-safe.
class Copies {
 public:
  /// Makes an empty one, in place of what was there.
  using Make = std::function<Result<Copy>(const std::string& partition)>;

  Copies(Make make, const Clock& clock) : make_(std::move(make)), clock_(clock) {}

  /// The copy of a partition, for its owner. Who else has it is asked to give it back, and waited
  /// for: Error::unavailable if that takes long.
  Result<Copy> take(const std::string& partition);
  /// The same, for one who only brings it up to date; nothing if somebody has it.
  Result<std::optional<Copy>> borrow(const std::string& partition);
  /// An owner waits for it.
  bool is_wanted(const std::string& partition) const;

  /// What was taken or borrowed comes back.
  void give_back(const std::string& partition, Copy copy);
  /// It does not: nothing may be read from it any more.
  void drop(const std::string& partition);

 private:
  struct Place {
    Copy copy;  // without a store: to be made
    bool is_away = false;
    int wanted = 0;
  };

  Result<Copy> lend(const std::string& partition, Place& place) REQUIRES(mutex_);

  const Make make_;
  const Clock& clock_;
  mutable Mutex mutex_;
  Condition changed_;
  std::map<std::string, Place> places_ GUARDED_BY(mutex_);
};

}  // namespace lvp::stages
