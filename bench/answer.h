// As much of HTTP/1.1 responses as the load needs: status, where the response ends, whether the
// connection does. Bodies by Content-Length or in chunks.
#pragma once

#include <string_view>

namespace lvp::bench {

struct Answer {
  enum class State { partial, whole, unreadable };
  State state = State::partial;
  int status = 0;
  bool closes = false;
};

/// The response that `bytes` are or begin. Nothing may follow it: requests are not pipelined.
Answer read_answer(std::string_view bytes);

}  // namespace lvp::bench
