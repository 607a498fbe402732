// Lines of standard input, or of any file, as a stream that is read once.
//
// A line ends with \n, which a \r may precede; the last may lack it. Empty lines are records, too.
// What was not committed when the process ends is lost: a pipe remembers nothing.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "base/time.h"
#include "stream/stream.h"

namespace lvp::stages {

inline constexpr std::size_t line_bytes_max = 8 << 20;

/// Reads a file descriptor, which stays the caller's. Error::invalid from poll() at a line beyond
/// line_bytes_max. `clock` dates the records. `on_end` is called by poll() when there are no more
/// lines and all were committed.
std::unique_ptr<stream::Reader> make_line_reader(int descriptor, const Clock& clock,
                                                 std::function<void()> on_end);

}  // namespace lvp::stages
