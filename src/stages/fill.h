// Fills a board from the devices that are stored, at a start: two threads share the work.
#pragma once

#include "base/result.h"
#include "live/board.h"
#include "store/store.h"

namespace lvp::stages {

/// Every device of the table is on the board then, and nothing of it is news.
Status fill(live::Board& board, const store::Table& devices);

}  // namespace lvp::stages
