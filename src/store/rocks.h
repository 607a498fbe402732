// Tables in a rocks::Db, beside the streams of the embedded program.
//
// Changes in one of its units are part of that unit's one write. A unit of another kind has each
// change made by a write of its own before its own atomic part.
#pragma once

#include <memory>

#include "store/store.h"

namespace lvp::rocks {
class Db;
}

namespace lvp::store {

/// `db` outlives the store and its tables.
std::unique_ptr<Store> make_rocks_store(rocks::Db& db);

}  // namespace lvp::store
