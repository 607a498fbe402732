// Copies of many small pieces of bytes that are all of use until the same moment: nothing is
// allocated or freed for one of them, and after clear() the same memory takes the next ones.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace lvp {

class Arena {
 public:
  /// The copy is there until clear().
  std::string_view keep(std::string_view bytes) {
    if (bytes.empty()) return {};
    if (bytes.size() > left_) next_block(bytes.size());
    char* const copy = at_;
    std::memcpy(copy, bytes.data(), bytes.size());
    at_ += bytes.size();
    left_ -= bytes.size();
    return {copy, bytes.size()};
  }

  /// Forgets all that it keeps, but not where it was.
  void clear() {
    used_ = left_ = 0;
    at_ = nullptr;
  }

  /// Of memory, used or not.
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t block_bytes = 64 << 10;
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };

  // The next one that is large enough; those that are not wait for the next clear().
  void next_block(std::size_t wanted) {
    while (used_ < blocks_.size() && blocks_[used_].size < wanted) ++used_;
    if (used_ == blocks_.size()) {
      const std::size_t size = wanted < block_bytes ? block_bytes : wanted;
      blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
      bytes_ += size;
    }
    at_ = blocks_[used_].bytes.get();
    left_ = blocks_[used_].size;
    ++used_;
  }

  std::vector<Block> blocks_;
  std::size_t used_ = 0;  // blocks
  char* at_ = nullptr;
  std::size_t left_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace lvp
