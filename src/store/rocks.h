// Tables in a rocks::Db, beside the streams of the embedded program.
//
// Changes in one of its units are part of that unit's one write. A unit of another kind has each
// change made by a write of its own before its own atomic part.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace lvp::rocks {
class Db;
}

namespace lvp::store {

/// The tables of one space of `db`, which outlives the store and its tables; those of another space
/// are others. "" is the program's own; a cache of tables that lie elsewhere has one with a name,
/// in which no byte is zero.
std::unique_ptr<Store> make_rocks_store(rocks::Db& db, std::string_view space = "");

/// Removes all rows of a space that has a name.
Status clear_rocks_store(rocks::Db& db, std::string_view space);

}  // namespace lvp::store
