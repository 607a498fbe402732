// The Origin header: which pages may read an answer, and which domain a cookie may have.
//
//   Origin := "null" | origin ( " " origin )*       origin := scheme "://" host [ ":" port ]
#pragma once

#include <optional>
#include <string_view>

namespace lvp::collect {

/// Views into the header's value.
struct Origin {
  std::string_view text;  ///< "https://a.example:8443"
  std::string_view host;  ///< "a.example", an IPv6 address with its brackets
};

/// The whole text as one origin.
std::optional<Origin> parse_origin(std::string_view text);

/// Takes the next origin off the front of a header's value. What is none, "null" included, is
/// passed over; nothing at the end.
std::optional<Origin> take_origin(std::string_view& header);

}  // namespace lvp::collect
