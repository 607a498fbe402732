// The URL columns: page_url and page_referrer taken apart.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/failure.h"
#include "wire/enriched_event.h"
#include "wire/form.h"

namespace lvp::enrich {

/// A URL taken apart.
struct Url {
  std::string text;                       ///< as parsed
  std::array<std::string, 6> components;  ///< as in the columns: scheme, host, port, path, …
  std::vector<FormField> query;           ///< the parameters
  std::string error;                      ///< why it is no URL, and all else is empty
};

/// What was made of the URLs seen last: a player sends the same one with each of its events. Not
/// thread-safe.
class UrlMemory {
 public:
  /// Good until the next call.
  const Url& take_apart(std::string_view url);

 private:
  struct Slot {
    std::string url;  // empty: free
    Url parsed;
  };
  static constexpr std::size_t slot_count = 512;
  static constexpr std::size_t kept_bytes_max = 1024;  // longer ones are parsed each time

  std::vector<Slot> slots_;  // by the URL's hash; a later URL takes the place of an earlier one
  Slot too_long_;
};

/// Rewrites page_url as parsed and sets page_urlscheme to page_urlfragment. Gives the parameters of
/// its query, which view `memory` until it is used again.
std::span<const FormField> read_page_url(EnrichedEvent& event, UrlMemory& memory,
                                         const Reporter& by, std::vector<Failure>& failures);

/// Sets refr_urlscheme to refr_urlfragment. page_referrer itself stays as it was sent.
void read_page_referrer(EnrichedEvent& event, UrlMemory& memory, const Reporter& by,
                        std::vector<Failure>& failures);

/// A URL that Java's parser refuses, with everything but its structure decoded and encoded again:
/// "http://a/x|y?p=$" → "http://a/x%7Cy?p=%24". The authority is left alone.
std::string reencoded(std::string_view url);

}  // namespace lvp::enrich
