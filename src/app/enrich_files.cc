#include "app/enrich_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace lvp::app {
namespace {

namespace fs = std::filesystem;

// The same error, with where it comes from in front.
template <class T>
Result<T> because_of(std::string_view setting, Result<T> result) {
  if (!result) return invalid(fmt::format("{}: {}", setting, result.error().what));
  return result;
}

Result<std::vector<enrich::NamedText>> read_configurations(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  if (error) return invalid(fmt::format("{}: {}", folder.string(), error.message()));
  std::ranges::sort(files);
  std::vector<enrich::NamedText> texts;
  for (const fs::path& file : files) {
    LVP_TRY(std::string text, read_text(file.string()));
    texts.push_back({file.string(), std::move(text)});
  }
  return texts;
}

enrich::Assets assets_in(const std::string& folder) {
  if (folder.empty()) return {};
  enrich::Assets assets;
  assets.read = [folder](std::string_view name) {
    return read_text((fs::path(folder) / name).string());
  };
  assets.open_database = [folder](std::string_view name) {
    return enrich::open_mmdb((fs::path(folder) / name).string());
  };
  return assets;
}

Result<enrich::Enrichments> read_enrichments(const std::string& folder, const std::string& assets) {
  if (folder.empty()) return enrich::Enrichments{};
  LVP_TRY(const auto configurations, read_configurations(folder));
  return enrich::Enrichments::load(configurations, assets_in(assets));
}

// Each connection reads them; what is wrong shall be known at the start.
Status check_authorities(const std::string& file) {
  if (file.empty()) return {};
  LVP_TRY(const std::string text, read_text(file));
  if (text.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
    return invalid(fmt::format("{}: holds no certificate in PEM", file));
  return {};
}

}  // namespace

Result<std::string> read_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!fs::is_regular_file(file) || !(text << in.rdbuf()))
    return invalid(fmt::format("{}: cannot be read", file));
  return text.str();
}

Result<iglu::ResolverConfig> read_resolver_file(const std::string& file) {
  if (file.empty()) return iglu::ResolverConfig{};
  LVP_TRY(const std::string text, read_text(file));
  auto config = iglu::parse_resolver_config(text);
  if (!config) return invalid(fmt::format("{}: {}", file, config.error().what));
  return config;
}

Result<stages::EnrichSources> read_enrich_files(const Config& config) {
  LVP_TRY(auto registry, iglu::Registry::embedded());
  LVP_TRY(auto resolver, because_of("enrich.resolver", read_resolver_file(config.enrich.resolver)));
  LVP_DO(because_of("enrich.resolver_ca", check_authorities(config.enrich.resolver_ca)));
  LVP_TRY(auto enrichments,
          because_of("enrich.enrichments",
                     read_enrichments(config.enrich.enrichments, config.enrich.assets)));
  return stages::EnrichSources{iglu::Resolver(std::move(registry), std::move(resolver)),
                               std::make_shared<const enrich::Enrichments>(std::move(enrichments))};
}

}  // namespace lvp::app
