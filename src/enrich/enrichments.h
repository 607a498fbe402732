// The enrichments that are configured, and the order in which an event goes through them.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "enrich/anon_ip.h"
#include "enrich/campaigns.h"
#include "enrich/configuration.h"
#include "enrich/cross_navigation.h"
#include "enrich/draft.h"
#include "enrich/event_fingerprint.h"
#include "enrich/pii.h"
#include "enrich/request_headers.h"

namespace lvp::enrich {

/// How files of data are reached that configurations name; given by the shell. A name is what the
/// configuration's `database` says, "referers-latest.json".
struct Assets {
  std::function<Result<std::string>(std::string_view name)> read;
};

/// May be used by several threads at once. Each field is empty unless the enrichment is configured
/// and enabled.
struct Enrichments {
  /// `files` are configurations, docs/enrichments.md. Error::invalid names the file and the key
  /// that is wrong, or the enrichment that cannot be had here. Disabled ones are not looked at.
  static Result<Enrichments> load(std::span<const NamedText> files, const Assets& assets);

  /// All that follows from the columns, always done; then what is configured.
  void apply(Draft& draft) const;

  std::optional<Campaigns> campaigns{};
  std::optional<CrossNavigation> cross_navigation{};
  std::optional<EventFingerprint> event_fingerprint{};
  std::optional<CookieExtractor> cookies{};
  std::optional<HeaderExtractor> headers{};
  std::optional<AnonIp> anon_ip{};
  std::optional<Pii> pii{};
};

}  // namespace lvp::enrich
