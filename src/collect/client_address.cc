#include "collect/client_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace lvp::collect {
namespace {

// An IPv4 or IPv6 address in its usual form; nothing if it is neither.
std::optional<std::string> address(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> zero_ended{};
  if (text.size() >= zero_ended.size()) return std::nullopt;
  std::ranges::copy(text, zero_ended.begin());
  std::array<unsigned char, sizeof(in6_addr)> bytes;
  if (inet_pton(AF_INET, zero_ended.data(), bytes.data()) == 1)
    return std::string(text);  // has no other form
  std::array<char, INET6_ADDRSTRLEN> usual;
  if (inet_pton(AF_INET6, zero_ended.data(), bytes.data()) != 1 ||
      inet_ntop(AF_INET6, bytes.data(), usual.data(), usual.size()) == nullptr)
    return std::nullopt;
  return std::string(usual.data());
}

// The leftmost element, if all are addresses or "unknown".
std::optional<std::string> first_forwarded(std::string_view list) {
  std::optional<std::string> first;
  for (bool more = true; more;) {
    const std::size_t comma = list.find(',');
    const std::string_view item = trim(list.substr(0, comma));
    more = comma != std::string_view::npos;
    if (more) list.remove_prefix(comma + 1);
    auto element = equal_ignoring_case(item, unknown_address)
                       ? std::optional(std::string(unknown_address))
                       : address(item);
    if (!element) return std::nullopt;
    if (!first) first = std::move(element);
  }
  return first;
}

}  // namespace

std::string client_address(const http::Request& request, bool trust_forwarded_for) {
  if (trust_forwarded_for) {
    const std::string_view list = request.header("X-Forwarded-For");
    if (list.data() != nullptr) {
      if (auto first = first_forwarded(list)) return *std::move(first);
    }
  }
  return std::string(request.peer.empty() ? unknown_address : request.peer);
}

std::string sender_of(std::string_view address) {
  std::array<char, INET6_ADDRSTRLEN> zero_ended{};
  in6_addr bytes;
  if (address.size() >= zero_ended.size()) return std::string(address);
  std::ranges::copy(address, zero_ended.begin());
  if (inet_pton(AF_INET6, zero_ended.data(), &bytes) != 1) return std::string(address);
  return {reinterpret_cast<const char*>(bytes.s6_addr), 8};
}

}  // namespace lvp::collect
