// What Snowbridge's HTTP target sends, and what it takes an answer for.
//
//   request := POST url, body: [message,message,…], or what template_file makes of them
//
// Messages are JSON, sent on compact and with < > & escaped. A batch is answered as a whole; the
// first rule that fits an answer decides, else 2xx is success and everything else passes by itself.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "bridge/batching.h"
#include "bridge/body_template.h"
#include "bridge/configuration.h"
#include "bridge/transformation.h"

namespace lvp::bridge {

/// What an answer means that has one of the codes and holds the text.
struct ResponseRule {
  enum class Type : std::uint8_t { invalid, setup, throttle, fatal };
  Type type;
  std::vector<int> codes;  ///< 0: there was no answer, and the text is sought in the client's error
  std::string body{};
};

struct HttpSettings {
  std::string url;
  Duration timeout{5000};  ///< for the whole exchange
  std::string content_type = "application/json";
  std::map<std::string, std::string> headers{};  ///< Authorization of basic_auth_… among them
  bool dynamic_headers = false;  ///< a message with headers is sent alone, with them
  bool safe = true;              ///< answers' bodies stay out of the log
  std::optional<Duration> rejection_threshold{};  ///< set if Rejection-Timestamp is sent
  std::vector<ResponseRule> rules{};
  std::optional<BodyTemplate> body{};
  Batching batching{50, 1'048'576, 1'048'576};  ///< commas, brackets and template taken off
};

/// Reads `use "http"`. Error::invalid as "file:line: block: what", also for what is not supported:
/// OAuth2, and certificates of its own.
Result<HttpSettings> read_http_target(const Component& component, const Files& files,
                                      const hcl::Environment& environment);

struct HttpBody {
  std::string text;  ///< empty if every message was refused
  std::vector<Delivery::Refused> refused;
};

/// Makes bodies, reusing its memory. Not thread-safe.
class HttpBodies {
 public:
  HttpBody make(const HttpSettings& settings, std::span<const Message> messages);

 private:
  json::Parser parser_;
};

/// By name and value; those of the first message last, and what is there twice is sent twice.
std::vector<std::pair<std::string, std::string>> http_headers(const HttpSettings& settings,
                                                              std::span<const Message> messages,
                                                              Timestamp now);

/// What an answer means for a batch of `messages`. `status` is 0 if none came; `text` is then the
/// client's error, else the answer's body. A rule of type invalid refuses every message.
Delivery judge_answer(const HttpSettings& settings, int status, std::string_view text,
                      std::size_t messages);

}  // namespace lvp::bridge
