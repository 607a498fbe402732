// RFC 9562 UUIDs in their text form.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lvp {

using UuidBytes = std::array<std::uint8_t, 16>;

/// The all-zero UUID, which Snowplow components write where a person must stay anonymous.
inline constexpr std::string_view nil_uuid = "00000000-0000-0000-0000-000000000000";

/// Reads 8-4-4-4-12 hexadecimal digits of either case; no braces, nothing else.
std::optional<UuidBytes> parse_uuid(std::string_view text);

/// Lower case, 36 characters.
std::string uuid_text(const UuidBytes& bytes);

/// A version 4 UUID made from 16 random bytes.
std::string uuid_v4(UuidBytes random);

/// Where new identifiers come from: random in the program, counted in tests.
using NewUuid = std::function<std::string()>;

/// Version 4 UUIDs from the operating system's randomness. Thread-safe.
std::string random_uuid();

}  // namespace lvp
