#include "wire/forget_request.h"

#include "wire/json.h"

namespace lvp {

std::string encode(const ForgetRequest& request) {
  json::Writer out;
  out.begin_object();
  out.key("forget_viewer").string(request.viewer);
  out.key("asked_at").integer(to_ms(request.at));
  return out.end_object().take();
}

Result<ForgetRequest> decode_forget_request(std::string_view bytes) {
  json::Parser parser;
  LVP_TRY(const json::Value root, parser.parse(bytes));
  const auto viewer = root["forget_viewer"].string();
  const auto at = root["asked_at"].integer();
  if (!viewer || viewer->empty() || !at)
    return invalid(
        R"(request to forget: needs "forget_viewer", a text, and "asked_at", milliseconds)");
  return ForgetRequest{std::string(*viewer), from_ms(*at)};
}

}  // namespace lvp
