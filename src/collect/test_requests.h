// Requests and answers for the tests of this room.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collect/collect.h"
#include "wire/collector_payload.h"

namespace lvp::collect {

inline constexpr std::string_view id_n = "0c5e9b0c-6a5f-4c1e-9d53-3b2f5c0a8f11";
inline constexpr std::string_view id_a = "1a1f0c2e-8f5b-4a6e-8c57-5a1b2c3d4e5f";
inline constexpr std::string_view new_id = "99999999-0000-4000-8000-000000000001";
inline constexpr std::string_view cookie_n = "sp=0c5e9b0c-6a5f-4c1e-9d53-3b2f5c0a8f11";
inline constexpr std::string_view fallback_id = "00000000-0000-4000-A000-000000000000";
inline constexpr Timestamp now = from_ms(1735689600000);  // 2025-01-01T00:00:00Z

using Headers = std::vector<http::Header>;
using Values = std::vector<std::string>;

inline http::Request make(std::string_view method, std::string_view target, Headers headers = {},
                          std::string_view body = "") {
  return {method, target, std::move(headers), body, "192.0.2.2"};
}

/// New ids count: new_id, then the same with 2 as its last digit, and so on.
inline Accepted run(const http::Request& request, const Settings& settings = {}) {
  char next = '1';
  return accept(
      request, now,
      [&next] {
        std::string id(new_id);
        id.back() = next++;
        return id;
      },
      settings);
}

/// The only record; an empty payload, which no test expects, if there is not exactly one.
inline CollectorPayload recorded(const Accepted& accepted) {
  if (accepted.raw.size() != 1) return {};
  return decode_collector_payload(accepted.raw[0].value).value_or(CollectorPayload());
}

inline Values values(const http::Response& response, std::string_view name) {
  Values found;
  for (const auto& header : response.headers.list()) {
    if (header.name == name) found.emplace_back(header.value);
  }
  return found;
}

inline std::string_view body(const http::Response& response) {
  return response.static_body.empty() ? std::string_view(response.body) : response.static_body;
}

}  // namespace lvp::collect
