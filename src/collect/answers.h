// The collector's answers, whatever the event said.
#pragma once

#include <string_view>

#include "collect/body.h"
#include "collect/incoming.h"
#include "collect/settings.h"
#include "wire/http_message.h"

namespace lvp::collect {

inline constexpr std::string_view plain_text = "text/plain; charset=UTF-8";

/// "ok" to a POST; to anything else a transparent GIF of one pixel, without bytes to a HEAD.
http::Response event_answer(std::string_view method);
/// What was wrong with the body of a POST: 400, 413 or 415.
http::Response refusal(BodyError error);
/// 302, or 400 if there is nowhere to send the browser.
http::Response redirect_answer(const std::optional<std::string>& location);
/// So that a browser or a proxy asks again for the next event.
void forbid_caching(http::Response& response);

http::Response preflight_answer(const Settings& settings);
http::Response root_answer(const RootResponse& root);
http::Response cross_domain_answer(const CrossDomain& policy);
http::Response robots_answer();
http::Response not_found(std::string_view text);
/// An error after which the same request may succeed.
http::Response try_again(int status, std::string_view text, std::string_view retry_after_s);

/// Lets the page that asked read the answer.
void add_cors(std::string_view origins, http::Response& response);
void add_hsts(const Settings& settings, http::Response& response);

}  // namespace lvp::collect
