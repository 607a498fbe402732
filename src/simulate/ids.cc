#include "simulate/ids.h"

#include <fmt/format.h>

#include <charconv>

#include "base/uuid.h"
#include "simulate/random.h"

namespace lvp::simulate {
namespace {

enum Kind : std::uint64_t {
  device_kind = 1,
  network_kind,
  session_kind,
  page_kind,
  play_kind,
  event_kind
};

UuidBytes bytes_of(std::uint64_t salt, Kind kind, std::uint64_t number) {
  UuidBytes bytes;
  for (std::size_t half = 0; half < bytes.size(); half += 8) {
    const std::uint64_t bits = mixed(salt + half, kind, number);
    for (unsigned i = 0; i < 8; ++i) bytes[half + i] = static_cast<std::uint8_t>(bits >> 8 * i);
  }
  return bytes;
}

std::string uuid_of(std::uint64_t salt, Kind kind, std::uint32_t viewer, std::uint32_t number = 0) {
  return uuid_v4(bytes_of(salt, kind, std::uint64_t{viewer} << 32 | number));
}

// The last four bytes of a device's id are the viewer's number under this mask.
std::uint32_t mask_of(std::uint64_t salt) {
  return static_cast<std::uint32_t>(mixed(salt, device_kind));
}

std::string user_prefix(std::uint64_t salt) {
  return fmt::format("viewer-{:08x}-", static_cast<std::uint32_t>(salt));
}

}  // namespace

std::string Ids::device(std::uint32_t viewer) const {
  UuidBytes bytes = bytes_of(salt_, device_kind, viewer);
  const std::uint32_t number = viewer ^ mask_of(salt_);
  for (unsigned i = 0; i < 4; ++i) bytes[12 + i] = static_cast<std::uint8_t>(number >> 8 * i);
  return uuid_v4(bytes);
}

std::string Ids::user(std::uint32_t viewer) const {
  return user_prefix(salt_) + std::to_string(viewer);
}

std::string Ids::network(std::uint32_t viewer) const {
  return uuid_of(salt_, network_kind, viewer);
}

std::string Ids::session(std::uint32_t viewer) const {
  return uuid_of(salt_, session_kind, viewer);
}

std::string Ids::page(std::uint32_t viewer, std::uint32_t play) const {
  return uuid_of(salt_, page_kind, viewer, play);
}

std::string Ids::play(std::uint32_t viewer, std::uint32_t play) const {
  return uuid_of(salt_, play_kind, viewer, play);
}

std::string Ids::event(std::uint32_t viewer, std::uint32_t number) const {
  return uuid_of(salt_, event_kind, viewer, number);
}

std::optional<Ids::Viewer> Ids::viewer_of(std::string_view id) const {
  if (const auto bytes = parse_uuid(id)) {
    std::uint32_t number = 0;
    for (unsigned i = 0; i < 4; ++i) number |= std::uint32_t{(*bytes)[12 + i]} << 8 * i;
    const std::uint32_t viewer = number ^ mask_of(salt_);
    return device(viewer) == id ? std::optional(Viewer{viewer, false}) : std::nullopt;
  }
  const std::string prefix = user_prefix(salt_);
  if (!id.starts_with(prefix)) return std::nullopt;
  id.remove_prefix(prefix.size());
  std::uint32_t viewer = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), viewer);
  if (error != std::errc{} || end != id.data() + id.size()) return std::nullopt;
  return Viewer{viewer, true};
}

}  // namespace lvp::simulate
