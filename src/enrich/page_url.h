// The URL columns: page_url and page_referrer taken apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "enrich/failure.h"
#include "wire/enriched_event.h"

namespace lvp::enrich {

/// Rewrites page_url as parsed and sets page_urlscheme to page_urlfragment.
void read_page_url(EnrichedEvent& event, const Reporter& by, std::vector<Failure>& failures);

/// Sets refr_urlscheme to refr_urlfragment. page_referrer itself stays as it was sent.
void read_page_referrer(EnrichedEvent& event, const Reporter& by, std::vector<Failure>& failures);

/// A URL that Java's parser refuses, with everything but its structure decoded and encoded again:
/// "http://a/x|y?p=$" → "http://a/x%7Cy?p=%24". The authority is left alone.
std::string reencoded(std::string_view url);

}  // namespace lvp::enrich
