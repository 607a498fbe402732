// The Origin header: which pages may read an answer, and which domain a cookie may have.
//
//   Origin := "null" | origin ( " " origin )*       origin := scheme "://" host [ ":" port ]
#pragma once

#include <string_view>
#include <vector>

namespace lvp::collect {

/// Views into the header's value.
struct Origin {
  std::string_view text;  ///< "https://a.example:8443"
  std::string_view host;  ///< "a.example", an IPv6 address with its brackets
};

/// The origins of a header in their order. Whatever is no origin, "null" included, is left out.
std::vector<Origin> parse_origins(std::string_view header);

}  // namespace lvp::collect
