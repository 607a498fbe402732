// What one loop has counted. Its thread alone adds, with plain stores; any thread may look.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace lvp::net {

enum class Count : std::uint8_t {
  connections,
  connections_refused,
  requests,
  bytes_in,
  bytes_out,
  tls_failures,
  errors_400,
  errors_408,
  errors_413,
  errors_431,
  errors_503,
};

class Counts {
 public:
  void add(Count count, std::uint64_t amount = 1) {
    auto& value = values_[static_cast<std::size_t>(count)];
    value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }

  std::uint64_t operator[](Count count) const {
    return values_[static_cast<std::size_t>(count)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Count::errors_503) + 1> values_{};
};

}  // namespace lvp::net
