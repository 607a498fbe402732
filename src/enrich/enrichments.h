// The enrichments that are configured, and the order in which an event goes through them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/anon_ip.h"
#include "enrich/assets.h"
#include "enrich/bots.h"
#include "enrich/campaigns.h"
#include "enrich/configuration.h"
#include "enrich/cross_navigation.h"
#include "enrich/draft.h"
#include "enrich/event_fingerprint.h"
#include "enrich/ip_lookups.h"
#include "enrich/javascript.h"
#include "enrich/page_url.h"
#include "enrich/pii.h"
#include "enrich/referers.h"
#include "enrich/request_headers.h"
#include "enrich/ua_parser.h"

namespace lvp::enrich {

/// What enrichments keep from event to event. Of one thread, and of one Enrichments.
struct Memory {
  UserAgentMemory user_agents;
  UrlMemory page_urls;
  UrlMemory referrers;
  std::vector<script::Javascript> engines;  ///< of its scripts, from when one is needed
};

/// May be used by several threads at once. Each field is empty unless the enrichment is configured
/// and enabled.
struct Enrichments {
  /// `files` are configurations, docs/enrichments.md. Error::invalid names the file and the key
  /// that is wrong, or the enrichment that cannot be had here. Disabled ones are not looked at.
  static Result<Enrichments> load(std::span<const NamedText> files, const Assets& assets);

  /// All that follows from the columns, which is always done, and what is configured. `memory` is
  /// the calling thread's.
  void apply(Draft& draft, Memory& memory) const;

  std::optional<UaParser> ua_parser{};
  std::optional<Referers> referers{};
  std::optional<Campaigns> campaigns{};
  std::optional<CrossNavigation> cross_navigation{};
  std::optional<EventFingerprint> event_fingerprint{};
  std::optional<CookieExtractor> cookies{};
  std::optional<HeaderExtractor> headers{};
  std::optional<IpLookups> ip_lookups{};
  std::optional<AsnLookups> asn_lookups{};
  std::optional<BotDetection> bot_detection{};
  std::vector<JavascriptEnrichment> scripts{};  ///< in the order of their files
  std::optional<AnonIp> anon_ip{};
  std::optional<Pii> pii{};

 private:
  void run_scripts(Draft& draft, Memory& memory) const;
};

}  // namespace lvp::enrich
