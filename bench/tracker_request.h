// The request of a browser tracker: a POST of media events with the headers that Chromium sends.
//
// Its bytes are made once for a connection; before each sending only the event ids and the times in
// them are overwritten, so that what the generator costs is almost all the kernel's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace lvp::bench {

using Uuid = std::array<std::uint8_t, 16>;
using Random = std::mt19937_64;

constexpr std::size_t uuid_text_bytes = 36;

Uuid random_uuid(Random& random);             ///< version 4
void write_text(const Uuid& uuid, char* to);  ///< uuid_text_bytes of it

class TrackerRequest {
 public:
  /// One device with one play, which sends `events` (at least 1) pings at a time to `host`
  /// ("name:port").
  TrackerRequest(std::string_view host, std::size_t events, Random& random);

  /// Makes the events new: other ids, sent at `now_ms` (milliseconds since 1970).
  void renew(Random& random, std::uint64_t now_ms);

  std::string_view bytes() const { return bytes_; }
  const std::vector<Uuid>& event_ids() const { return event_ids_; }

 private:
  std::string bytes_;
  std::vector<Uuid> event_ids_;
  std::vector<std::size_t> id_places_;    // in bytes_, one for each event
  std::vector<std::size_t> time_places_;  // in bytes_: created and sent of each event
};

}  // namespace lvp::bench
