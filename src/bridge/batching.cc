#include "bridge/batching.h"

#include <fmt/format.h>

namespace lvp::bridge {
namespace {

constexpr std::int64_t messages_most = 10'000;
constexpr std::int64_t bytes_most = std::int64_t{1} << 30;

}  // namespace

Result<Batching> read_batching(Settings& target, const Batching& otherwise) {
  LVP_TRY(const hcl::Block* block, target.block("batching"));
  if (block == nullptr) return otherwise;
  Settings inside = target.inner(*block);
  const auto limit = [&](std::string_view name, std::size_t default_value, std::int64_t most) {
    return inside.whole_or(name, static_cast<std::int64_t>(default_value), 1, most);
  };
  LVP_TRY(const auto messages, limit("max_batch_messages", otherwise.messages_max, messages_most));
  LVP_TRY(const auto batch_bytes, limit("max_batch_bytes", otherwise.batch_bytes_max, bytes_most));
  LVP_TRY(const auto message_bytes,
          limit("max_message_bytes", otherwise.message_bytes_max, bytes_most));
  inside.ignore({"max_concurrent_batches", "flush_period_millis"});
  LVP_DO(inside.check_all_known());
  if (message_bytes > batch_bytes)
    return inside.error("max_message_bytes",
                        fmt::format("invalid batching configuration: {} is more than "
                                    "max_batch_bytes, {}",
                                    message_bytes, batch_bytes));
  return Batching{static_cast<std::size_t>(messages), static_cast<std::size_t>(batch_bytes),
                  static_cast<std::size_t>(message_bytes)};
}

bool Batcher::has_room(std::size_t bytes) const {
  return messages_ == 0 ||
         (messages_ < limits_.messages_max && bytes_ + bytes <= limits_.batch_bytes_max);
}

bool Batcher::add(std::size_t bytes) {
  ++messages_;
  bytes_ += bytes;
  return messages_ >= limits_.messages_max || bytes_ >= limits_.batch_bytes_max ||
         limits_.batch_bytes_max - bytes_ < bytes_ / messages_;
}

}  // namespace lvp::bridge
