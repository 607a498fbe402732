#include "stages/patient_fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lvp::stages {
namespace {

// "https://host:port" of a URL.
std::string_view server_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t authority = scheme == std::string_view::npos ? 0 : scheme + 3;
  return url.substr(0, std::min(url.find('/', authority), url.size()));
}

}  // namespace

Result<iglu::Fetched> PatientFetch::get(std::string_view url, std::string_view apikey) {
  const std::string_view server = server_of(url);
  if (const auto silent = silent_.find(server); silent != silent_.end()) {
    const Duration ago = clock_.now() - silent->second.since;
    if (ago >= Duration::zero() && ago < pause) return unavailable(silent->second.what);
    silent_.erase(silent);
  }
  auto fetched = fetch_.get(url, apikey);
  if (!fetched)
    silent_.insert_or_assign(std::string(server),
                             Silence{clock_.now(), fmt::format("{} did not answer just now: {}",
                                                               server, fetched.error().what)});
  return fetched;
}

}  // namespace lvp::stages
