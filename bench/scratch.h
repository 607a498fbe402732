// The value of a result that a benchmark cannot go on without.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "base/result.h"

namespace lvp::bench {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  return std::move(*result);
}
inline void must(const Status& status) {
  if (!status) throw std::runtime_error(status.error().what);
}

}  // namespace lvp::bench
