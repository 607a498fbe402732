// A schema's URI → its parts → the same URI; and what the resolver makes of it.
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "iglu/resolver.h"
#include "wire/self_describing.h"

namespace {

// No repository may be asked for a path that leads elsewhere.
class Nobody : public lvp::iglu::Fetch {
 public:
  lvp::Result<lvp::iglu::Fetched> get(std::string_view url, std::string_view) override {
    constexpr std::string_view prefix = "http://r/schemas/";
    LVP_CHECK(url.starts_with(prefix) && url.find("/../") == url.npos);
    LVP_CHECK(url.find_first_of("?#%\\ \r\n\t", prefix.size()) == url.npos);
    return lvp::iglu::Fetched{404, ""};
  }
};

lvp::iglu::ResolverConfig one_repository() {
  lvp::iglu::ResolverConfig config;
  config.repositories = {{"R", 0, {}, "http://r", ""}};
  return config;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lvp;
  static iglu::Resolver resolver(*iglu::Registry::embedded(), one_repository());
  const std::string_view uri(reinterpret_cast<const char*>(data), size);
  if (const auto key = parse_schema_key(uri)) LVP_CHECK(key->uri() == uri);
  resolver.begin_record();
  if (resolver.find(uri, Timestamp{})) return 0;
  Nobody nobody;
  const std::vector<std::string> needs = resolver.needs();
  for (const std::string& needed : needs) {
    LVP_CHECK(
        resolver
            .keep(needed, iglu::ask(resolver.config(), needed, nobody, Timestamp{}), Timestamp{})
            .has_value());
  }
  const auto absent = resolver.find(uri, Timestamp{});
  LVP_CHECK(!absent && absent.error().why == iglu::Absence::Why::not_found);
  return 0;
}
