// Changes that happen together or not at all: a stage's outputs, its state and its position.
//
// Streams and stores both take part in a unit of work, and neither knows the other. What shares one
// RocksDB goes into one write batch (rocks/db.h makes such units). What lives elsewhere takes part
// through hooks, in an order that can repeat a record after a crash but never lose one: outputs are
// published first, then the batch is written, then positions are committed and readers woken.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"

namespace lvp {

/// Belongs to one thread. Commit once; a unit that is destroyed uncommitted changes nothing.
class UnitOfWork {
 public:
  UnitOfWork() = default;
  virtual ~UnitOfWork() = default;
  UnitOfWork(const UnitOfWork&) = delete;
  UnitOfWork& operator=(const UnitOfWork&) = delete;

  /// Asks that commit() return only when everything it wrote would survive a crash of the whole
  /// machine. Without it, a crash of this process loses nothing that was committed, but one of the
  /// machine may lose the newest units: whole, and newest first, so that what is left is a state
  /// that once was. What other units of the same engine committed before becomes durable with it.
  /// Costs a sync of the disk, which units that commit at the same time share. Memory keeps
  /// nothing.
  void durably() { durable_ = true; }
  bool durable() const { return durable_; }

  /// Runs before anything is written, in the order of registration; an error stops the commit.
  void before(std::function<Status()> hook) { before_.push_back(std::move(hook)); }
  /// Runs once everything is written. Cannot fail: it moves memory, wakes readers.
  void after(std::function<void()> hook) { after_.push_back(std::move(hook)); }

  /// After an error nothing of the atomic part took effect, and the whole step is done again.
  Status commit();

 protected:
  virtual Status write() { return {}; }  ///< the atomic part

 private:
  bool durable_ = false;
  std::vector<std::function<Status()>> before_;
  std::vector<std::function<void()>> after_;
};

/// Makes the units of work of one storage engine.
using NewUnitOfWork = std::function<std::unique_ptr<UnitOfWork>()>;

}  // namespace lvp
