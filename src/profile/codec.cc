#include "profile/codec.h"

#include <algorithm>

#include "profile/archive.h"
#include "profile/fields.h"

namespace lvp::profile {
namespace {

constexpr char version = 2;  // written; 1 is read, too

// ---- What must hold beyond the grammar ----

// A session that has events has a content run to book them on.
bool sound(const Session& session) {
  return !session.any || !session.runs.empty();
}

bool sound(const Profile& profile) {
  return std::ranges::all_of(profile.plays, [](const Play& play) { return sound(play.session); });
}

bool sound(const Device& device) {
  return sound(device.profile) && device.windows.size() == device.profile.plays.size() &&
         std::ranges::all_of(device.windows, [](const Window& w) { return sound(w.checkpoint); });
}

template <class T>
void write(Writer& out, const T& value) {
  out.raw({&version, 1});
  out(value);
}

template <class T>
std::string encode_record(const T& value) {
  Writer writer;
  write(writer, value);
  return std::string(writer.bytes());
}

// What the record does not have, because its writer did not know it, is as in a new value.
template <class T>
Status decode_record(std::string_view bytes, std::string_view what, T& value) {
  if (bytes.empty() || bytes[0] < 1 || bytes[0] > version)
    return corrupt(std::string(what) + ": unknown version");
  Reader reader(bytes.substr(1), bytes[0]);
  if (reader.at_end()) return corrupt(std::string(what) + ": no content");
  reader(value);
  if (reader.left_some()) {
    value = T();
    reader = Reader(bytes.substr(1), bytes[0]);
    reader(value);
  }
  if (!reader.good() || !reader.at_end() || !sound(value)) {
    return corrupt(std::string(what) + ": the bytes make no sense");
  }
  return {};
}

template <class T>
Result<T> decode_record(std::string_view bytes, std::string_view what) {
  T value;
  LVP_DO(decode_record(bytes, what, value));
  return value;
}

}  // namespace

std::string encode(const Profile& profile) {
  return encode_record(profile);
}
void write_record(Writer& out, const Profile& profile) {
  write(out, profile);
}
Result<Profile> decode_profile(std::string_view bytes) {
  return decode_record<Profile>(bytes, "profile");
}
lvp::Status decode_profile(std::string_view bytes, Profile& profile) {
  return decode_record(bytes, "profile", profile);
}
std::string encode(const Device& device) {
  return encode_record(device);
}
Result<Device> decode_device(std::string_view bytes) {
  return decode_record<Device>(bytes, "device");
}

}  // namespace lvp::profile
