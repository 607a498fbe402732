#include "wire/update.h"

#include "base/check.h"

namespace lvp {
namespace {

constexpr char version = 1;

void add_text(std::string& out, std::string_view text) {
  LVP_CHECK(text.size() <= 255);
  out += static_cast<char>(text.size());
  out += text;
}

Result<std::string_view> take_text(std::string_view& left) {
  if (left.empty()) return corrupt("update: ends before its position");
  const std::size_t length = static_cast<unsigned char>(left[0]);
  if (left.size() - 1 < length) return corrupt("update: position is longer than the record");
  const std::string_view text = left.substr(1, length);
  left.remove_prefix(1 + length);
  return text;
}

}  // namespace

std::string encode(const Update& update) {
  return encode_update(update.kind, update.partition, update.offset, update.payload);
}

std::string encode_update(UpdateKind kind, std::string_view partition, std::string_view offset,
                          std::string_view payload) {
  std::string out;
  out.reserve(4 + partition.size() + offset.size() + payload.size());
  out += version;
  out += static_cast<char>(kind);
  add_text(out, partition);
  add_text(out, offset);
  out += payload;
  return out;
}

Result<Update> decode_update(std::string_view bytes) {
  LVP_TRY(const UpdateView view, view_update(bytes));
  return Update{view.kind, std::string(view.partition), std::string(view.offset),
                std::string(view.payload)};
}

Result<UpdateView> view_update(std::string_view bytes) {
  if (bytes.size() < 2) return corrupt("update: shorter than its header");
  if (bytes[0] != version) return corrupt("update: unknown version " + std::to_string(bytes[0]));
  if (bytes[1] < 1 || bytes[1] > 3)
    return corrupt("update: unknown kind " + std::to_string(bytes[1]));
  UpdateView update;
  update.kind = static_cast<UpdateKind>(bytes[1]);
  std::string_view left = bytes.substr(2);
  LVP_TRY(update.partition, take_text(left));
  LVP_TRY(update.offset, take_text(left));
  update.payload = left;
  return update;
}

}  // namespace lvp
