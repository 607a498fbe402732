// Where a stream lives, as settings say it: rocks: memory: kafka:[TOPIC] kinesis:STREAM
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "app/config.h"
#include "base/result.h"

namespace lvp::app {

enum class StreamEngine : std::uint8_t { rocks, memory, kafka, kinesis };

struct StreamUrl {
  StreamEngine engine = StreamEngine::rocks;
  std::string name;  ///< of the topic or the Kinesis stream; empty: that of the stream
};

/// Error::invalid if the text is no such URL.
Result<StreamUrl> parse_stream_url(std::string_view text);

/// Whether that setting, which was read, names the engine.
bool is_on(StreamEngine engine, std::string_view url);

/// What streams must have in common. Error::invalid with the settings that do not fit together.
Status check_streams(const Config& config);

}  // namespace lvp::app
