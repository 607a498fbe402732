// The stored form of a profile and of a device: what the store keeps and the `updates` stream
// carries.
//
//   record   := version struct                  version: one byte, 2
//   struct   := size field*                     size of the fields: a varint
//   field    := bool                            one byte, 0 or 1
//             | integer                         varint of its zigzag form; unsigned ones plain
//             | enumerator                      varint of its number
//             | time, duration                  as an integer, milliseconds
//             | double                          varint of 4 · zigzag(d · 10^3s) + s, if d is such a
//                                               number with s of 0, 1 or 2; else a varint of 3 and
//                                               8 bytes, IEEE 754, little-endian
//             | text                            varint of twice its size, bytes; of a UUID in lower
//                                               case a varint of 1 and its 16 bytes
//             | optional                        bool, then the field if true
//             | list                            count as a varint, then the elements
//             | struct
//   varint   := 7 bits a byte, lowest first, the top bit set on all but the last
//
// Version 1, which is read, too: sizes of structs in 4 bytes, little-endian; doubles always in 8
// bytes; texts with their plain size.
//
// Which fields, in which order: the functions named fields() in fields.h. Fields are only ever
// added, at the end of a struct. A reader skips what follows the fields it knows and takes defaults
// for those that are missing, so versions before and after read each other.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "profile/archive.h"
#include "profile/device.h"
#include "profile/profile.h"

namespace lvp::profile {

std::string encode(const Profile& profile);
/// The same bytes, behind those that `out` has.
void write_record(Writer& out, const Profile& profile);
/// Error::corrupt if the bytes are no profile.
Result<Profile> decode_profile(std::string_view bytes);
/// In place of what `profile` holds, in the same memory as far as it goes.
lvp::Status decode_profile(std::string_view bytes, Profile& profile);

std::string encode(const Device& device);
/// Error::corrupt if the bytes are no device.
Result<Device> decode_device(std::string_view bytes);

}  // namespace lvp::profile
