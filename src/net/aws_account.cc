#include "net/aws_account.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "net/client.h"
#include "wire/json.h"

namespace lvp::net {
namespace {

using namespace std::chrono_literals;

constexpr Duration metadata_wait = 2s;      // a machine without such an address does not answer
constexpr Duration before_expiry = 5min;    // when temporary credentials are fetched anew
constexpr Duration between_failures = 30s;  // when that fails while the old ones still hold
constexpr std::size_t file_bytes_max = 1 << 20;
constexpr std::string_view container_host = "http://169.254.170.2";
constexpr std::string_view instance_host = "http://169.254.169.254";

// Where the token of the container's credentials may go without TLS: to this machine.
constexpr std::array<std::string_view, 6> plain_hosts = {
    "localhost", "127.0.0.1", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};

using Section = std::map<std::string, std::string, std::less<>>;

// One section of an INI file: "[name]", then "key = value" lines. Nested ones are indented.
Section section_of(std::string_view text, std::string_view name) {
  Section section;
  bool is_here = false;
  for (std::string_view line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool is_nested = line.starts_with(' ') || line.starts_with('\t');
    line = trim(line);
    if (line.empty() || line.starts_with('#') || line.starts_with(';') || is_nested) continue;
    if (line.starts_with('[')) {
      is_here = trim(line.substr(1, line.find(']') - 1)) == name;
    } else if (const auto at = line.find('='); is_here && at != std::string_view::npos) {
      section.emplace(ascii_lower(trim(line.substr(0, at))), trim(line.substr(at + 1)));
    }
  }
  return section;
}

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(file_bytes_max, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

struct Profile {
  std::string name;
  std::string credentials_path;
  std::string config_path;
  Section credentials;
  Section config;

  std::string value(std::string_view key) const {
    for (const Section* section : {&credentials, &config}) {
      if (const auto found = section->find(key); found != section->end()) return found->second;
    }
    return {};
  }
  bool exists() const { return !credentials.empty() || !config.empty(); }
};

Profile read_profile(const Environment& environment) {
  const auto either = [](std::string value, std::string otherwise) {
    return value.empty() ? std::move(otherwise) : std::move(value);
  };
  Profile profile;
  const std::string home = environment("HOME");
  profile.name = either(environment("AWS_PROFILE"), "default");
  profile.credentials_path =
      either(environment("AWS_SHARED_CREDENTIALS_FILE"), home + "/.aws/credentials");
  profile.config_path = either(environment("AWS_CONFIG_FILE"), home + "/.aws/config");
  profile.credentials = section_of(file_text(profile.credentials_path), profile.name);
  const std::string config = file_text(profile.config_path);
  profile.config =
      section_of(config, profile.name == "default" ? "default" : "profile " + profile.name);
  return profile;
}

// Of ways to get credentials that take a program, a browser or another role.
Status check_is_plain(const Profile& profile) {
  for (const char* key : {"credential_process", "source_profile", "sso_session", "sso_start_url",
                          "web_identity_token_file"}) {
    if (!profile.value(key).empty()) {
      return invalid(fmt::format(
          "aws: profile {}: `{}` is not supported: set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY "
          "and AWS_SESSION_TOKEN (`aws configure export-credentials --format env` prints them)",
          profile.name, key));
    }
  }
  return {};
}

Result<std::optional<AwsCredentials>> from_profile(const Environment& environment) {
  const Profile profile = read_profile(environment);
  AwsCredentials found{profile.value("aws_access_key_id"), profile.value("aws_secret_access_key"),
                       profile.value("aws_session_token")};
  if (!found.key_id.empty() && !found.secret.empty()) return found;
  LVP_DO(check_is_plain(profile));
  if (!environment("AWS_PROFILE").empty()) {
    return invalid(fmt::format("aws: profile {} {} in {} or {}", profile.name,
                               profile.exists() ? "has no keys" : "is not there: no such section",
                               profile.credentials_path, profile.config_path));
  }
  return std::nullopt;
}

// {"AccessKeyId":…,"SecretAccessKey":…,"Token":…,"Expiration":…}: what container and instance say.
Result<AwsCredentials> parse_credentials(std::string_view text, std::string_view source) {
  json::Parser parser;
  const auto root = parser.parse(text);
  const json::Value value = root ? *root : json::Value();
  const auto key_id = value["AccessKeyId"].string();
  const auto secret = value["SecretAccessKey"].string();
  if (!key_id || !secret) {
    return unavailable(fmt::format("aws: {} answered without credentials", source));
  }
  AwsCredentials found{std::string(*key_id), std::string(*secret),
                       std::string(value["Token"].string().value_or(""))};
  if (const auto expires = value["Expiration"].string()) {
    found.expires_at = parse_timestamp(*expires);
  }
  return found;
}

Result<ClientResponse> ask(const ClientRequest& request, std::string_view source) {
  auto response = fetch(request);
  if (!response) {
    return unavailable(fmt::format("aws: {} does not answer: {}", source, response.error().what));
  }
  if (response->status != 200) {
    return unavailable(fmt::format("aws: {} answered with status {}", source, response->status));
  }
  return response;
}

Status check_container_url(const std::string& url) {
  if (url.starts_with("https://")) return {};
  if (constexpr std::string_view scheme = "http://"; url.starts_with(scheme)) {
    const std::string_view rest = std::string_view(url).substr(scheme.size());
    const std::string_view host = http::without_port(rest.substr(0, rest.find('/')));
    if (std::ranges::find(plain_hosts, host) != plain_hosts.end()) return {};
  }
  return invalid(
      fmt::format("aws: AWS_CONTAINER_CREDENTIALS_FULL_URI {}: must be https, or on "
                  "this machine",
                  url));
}

Result<std::optional<AwsCredentials>> from_container(const Environment& environment) {
  std::string url = environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (const auto path = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); !path.empty()) {
    url = fmt::format("{}{}", container_host, path);
  }
  if (url.empty()) return std::nullopt;
  LVP_DO(check_container_url(url));
  std::string token = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (const auto path = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !path.empty()) {
    token = trim(split(file_text(path), '\n').front());
    if (token.empty()) return invalid(fmt::format("aws: no token in {}", path));
  }
  ClientRequest request{.url = url, .timeout = metadata_wait};
  if (!token.empty()) request.headers.push_back({"Authorization", token});
  const std::string source = fmt::format("the container's credentials at {}", url);
  LVP_TRY(const auto response, ask(request, source));
  return parse_credentials(response.body, source);
}

Result<AwsCredentials> from_instance(const Environment& environment) {
  std::string host = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (host.empty()) host = instance_host;
  while (host.ends_with('/')) host.pop_back();
  const std::string source = fmt::format("the instance's metadata at {}", host);
  LVP_TRY(const auto token, ask({.method = "PUT",
                                 .url = host + "/latest/api/token",
                                 .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "300"}},
                                 .timeout = metadata_wait},
                                source));
  const std::string roles = host + "/latest/meta-data/iam/security-credentials/";
  ClientRequest request{.url = roles,
                        .headers = {{"X-aws-ec2-metadata-token", token.body}},
                        .timeout = metadata_wait};
  LVP_TRY(const auto role, ask(request, source + ", for a role,"));
  request.url += trim(split(role.body, '\n').front());
  LVP_TRY(const auto response, ask(request, source));
  return parse_credentials(response.body, source);
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

std::string process_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

AwsAccount::AwsAccount(AwsSettings settings, const Clock& clock, Environment environment)
    : settings_(std::move(settings)), clock_(clock), environment_(std::move(environment)) {}

Result<AwsCredentials> AwsAccount::find() const {
  const AwsCredentials found{environment_("AWS_ACCESS_KEY_ID"),
                             environment_("AWS_SECRET_ACCESS_KEY"),
                             environment_("AWS_SESSION_TOKEN")};
  if (found.key_id.empty() != found.secret.empty()) {
    return invalid(
        "aws: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together; one is not set");
  }
  if (!found.key_id.empty()) return found;
  LVP_TRY(const auto of_profile, from_profile(environment_));
  if (of_profile) return *of_profile;
  LVP_TRY(const auto of_container, from_container(environment_));
  if (of_container) return *of_container;

  if (!environment_("AWS_WEB_IDENTITY_TOKEN_FILE").empty()) {
    return invalid(
        "aws: AWS_WEB_IDENTITY_TOKEN_FILE is not supported: in EKS, give the pod its role by Pod "
        "Identity (AWS_CONTAINER_CREDENTIALS_FULL_URI)");
  }
  std::string instance = "AWS_EC2_METADATA_DISABLED is set";
  if (!equal_ignoring_case(environment_("AWS_EC2_METADATA_DISABLED"), "true")) {
    auto of_instance = from_instance(environment_);
    if (of_instance) return of_instance;
    instance = of_instance.error().what;
  }
  const Profile profile = read_profile(environment_);
  return invalid(
      fmt::format("aws: no credentials: none in AWS_ACCESS_KEY_ID, in profile {} of {} and {}, or "
                  "in AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; {}",
                  profile.name, profile.credentials_path, profile.config_path, instance));
}

std::optional<AwsCredentials> AwsAccount::kept(bool even_if_late) {
  const Timestamp now = clock_.now();
  MutexLock lock(mutex_);
  if (!kept_ || (kept_->expires_at && *kept_->expires_at <= now)) return std::nullopt;
  if (!even_if_late && kept_->expires_at && look_at_ <= now) return std::nullopt;
  return kept_;
}

Result<AwsCredentials> AwsAccount::credentials() {
  if (auto fresh = kept(/*even_if_late=*/false)) return std::move(*fresh);
  MutexLock finding(finding_);
  if (auto fresh = kept(/*even_if_late=*/false)) return std::move(*fresh);
  auto found = find();
  if (found) {
    MutexLock lock(mutex_);
    kept_ = *found;
    look_at_ = found->expires_at.value_or(Timestamp()) - before_expiry;
    return found;
  }
  auto late = kept(/*even_if_late=*/true);
  if (!late) return found;
  log::warn("aws: the credentials expire at {} and cannot be renewed: {}",
            iso_text(*late->expires_at), found.error().what);
  MutexLock lock(mutex_);
  look_at_ = clock_.now() + between_failures;
  return std::move(*late);
}

void AwsAccount::forget_credentials() {
  MutexLock lock(mutex_);
  kept_.reset();
}

Result<std::string> AwsAccount::region() const {
  std::string region = settings_.region;
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (region.empty()) region = environment_(name);
  }
  if (region.empty()) region = read_profile(environment_).value("region");
  if (region.empty()) {
    return invalid("aws: no region: set it here, in AWS_REGION or in the profile");
  }
  if (!is_name(region)) return invalid(fmt::format("aws: region \"{}\" is none", region));
  return region;
}

Result<std::string> AwsAccount::endpoint(std::string_view service) const {
  std::string url = settings_.endpoint;
  std::string variable = fmt::format("AWS_ENDPOINT_URL_{}", service);
  std::ranges::transform(variable, variable.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  for (const std::string& name : {variable, std::string("AWS_ENDPOINT_URL")}) {
    if (url.empty()) url = environment_(name.c_str());
  }
  if (url.empty()) {
    LVP_TRY(const std::string of, region());
    return fmt::format("https://{}.{}.amazonaws.com{}", service, of,
                       of.starts_with("cn-") ? ".cn" : "");
  }
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return invalid(fmt::format("aws: endpoint \"{}\" must begin with http:// or https://", url));
  }
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace lvp::net
