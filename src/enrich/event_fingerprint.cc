#include "enrich/event_fingerprint.h"

#include <algorithm>
#include <map>

namespace lvp::enrich {

Result<EventFingerprint> EventFingerprint::load(const Configuration& configuration) {
  LVP_DO(configuration.only("", {"excludeParameters", "hashAlgorithm"}));
  LVP_TRY(auto excluded, configuration.texts("excludeParameters"));
  LVP_TRY(const std::string function, configuration.text("hashAlgorithm"));
  auto digest = Digest::named(function);
  if (!digest) return configuration.wrong("hashAlgorithm", digest.error().what);
  return EventFingerprint(std::move(*digest), std::move(excluded));
}

std::string EventFingerprint::of(const Parameters& parameters) const {
  constexpr char separator = '\x1f';
  std::map<std::string_view, std::optional<std::string_view>> sorted;
  for (const Parameter& parameter : parameters) sorted[parameter.name] = parameter.value;
  std::string text;
  for (const auto& [name, value] : sorted) {
    if (!value || std::ranges::find(excluded_, name) != excluded_.end()) continue;
    text.append(name) += separator;
    text.append(*value) += separator;
  }
  return digest_.hex(text);
}

}  // namespace lvp::enrich
