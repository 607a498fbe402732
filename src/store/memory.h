// Tables in memory: for tests and simulation. Units of any kind may write to them; a unit's changes
// are made right after its atomic part was written, each at its own moment.
#pragma once

#include <memory>

#include "store/store.h"

namespace lvp::store {

/// Tables, and units that changed them, may outlive it.
std::unique_ptr<Store> make_memory_store();

}  // namespace lvp::store
