// How messages are put together for a target that takes several at once, and what became of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "bridge/settings.h"

namespace lvp::bridge {

/// Limits of a target. Bytes are those of the messages' data.
struct Batching {
  std::size_t messages_max;
  std::size_t batch_bytes_max;
  std::size_t message_bytes_max;  ///< a larger message is never sent: it becomes a failure row

  bool operator==(const Batching&) const = default;
};

/// Reads the block `batching` of a target; what it does not set is `otherwise`. How many batches
/// may be on their way and how long one may wait to be filled have no effect: order is kept, and
/// nothing waits. Error::invalid if a message may be larger than a batch.
Result<Batching> read_batching(Settings& target, const Batching& otherwise);

/// Cuts a sequence of messages into batches.
class Batcher {
 public:
  explicit Batcher(const Batching& limits) : limits_(limits) {}

  /// Whether a message of `bytes` may join what was added, else that must be sent first.
  bool has_room(std::size_t bytes) const;
  /// Adds a message. True if no further one of average size would fit: to be sent now.
  bool add(std::size_t bytes);
  void clear() { *this = Batcher(limits_); }

 private:
  Batching limits_;
  std::size_t messages_ = 0;
  std::size_t bytes_ = 0;
};

/// What a target made of a batch.
struct Delivery {
  enum class Verdict : std::uint8_t {
    sent,       ///< all but those refused
    transient,  ///< none: try again; and so for the next two, each with a patience of its own
    setup,      ///< somebody must set something right
    throttle,   ///< the target has had too much
    fatal,      ///< none, and it will not get better
  };
  /// A message that the target will never take.
  struct Refused {
    std::size_t index;  ///< in the batch
    std::string reason;
    std::string_view type;  ///< "api", "template" or "", as in failure rows
    std::string code;
  };

  Verdict verdict = Verdict::sent;
  std::string reason{};  ///< unless sent
  std::vector<Refused> refused{};
};

}  // namespace lvp::bridge
