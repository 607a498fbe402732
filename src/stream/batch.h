// What the streams of one process share: how offsets, partitions and batches are made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stream/stream.h"

namespace lvp::stream {

/// Key and value of one record; some streams take less.
inline constexpr std::size_t record_bytes_max = 8 << 20;
inline constexpr std::size_t batch_bytes_max = 4
                                               << 20;  ///< of a batch; its first record may be more
inline constexpr std::uint32_t partitions_max = 1024;

/// 20 digits, so that offsets sort as numbers do.
Offset offset_text(std::uint64_t number);
/// The number of the record behind `offset`: 0 for "". Error::invalid if it is not an offset.
Result<std::uint64_t> number_after(std::string_view offset);

/// Error::invalid unless `name` is the decimal number of one of `partitions`.
Result<std::uint32_t> partition_number(std::string_view name, std::uint32_t partitions);
/// Where records with that key go. Stable for ever: it decides where a key's history is.
std::uint32_t partition_of(std::string_view key, std::uint32_t partitions);

/// Error::invalid, which names the stream, if an entry is larger than `most`.
Status check_sizes(std::string_view stream, const std::vector<Entry>& entries,
                   std::size_t most = record_bytes_max);

/// Whether a batch of so many records and bytes takes one more of that size; the first always fits.
inline bool batch_takes(std::size_t records, std::size_t batch_bytes, std::size_t bytes) {
  return records == 0 || batch_bytes + bytes <= batch_bytes_max;
}

/// Copies records into one piece of memory and gives them out as a Batch.
class BatchBuilder {
 public:
  /// Whether a record of that size still fits.
  bool takes(std::size_t bytes) const { return batch_takes(places_.size(), bytes_.size(), bytes); }
  void add(std::string_view key, std::string_view value, std::uint64_t number, Timestamp at);
  std::size_t size() const { return places_.size(); }

  Batch finish(std::uint32_t partition, bool caught_up) &&;

 private:
  struct Place {
    std::size_t at;
    std::size_t key_bytes;
    std::size_t value_bytes;
    std::uint64_t number;
    Timestamp appended_at;
  };
  std::string bytes_;
  std::vector<Place> places_;
};

}  // namespace lvp::stream
