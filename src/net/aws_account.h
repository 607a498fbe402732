// Who we are to AWS, and where its services are: credentials, region, endpoints.
//
// Looked for where Amazon's own tools look, in their order, so that a machine on which those work
// needs no settings:
//
//   credentials   AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
//                 the profile AWS_PROFILE ("default") of AWS_SHARED_CREDENTIALS_FILE
//                 (~/.aws/credentials) and AWS_CONFIG_FILE (~/.aws/config)
//                 the container's: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI, with
//                 AWS_CONTAINER_AUTHORIZATION_TOKEN or _TOKEN_FILE
//                 the role of the EC2 instance (IMDSv2), unless AWS_EC2_METADATA_DISABLED is true
//   region        the setting, AWS_REGION, AWS_DEFAULT_REGION, the profile's `region`
//   endpoint      the setting, AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, else Amazon's own
//
// Temporary credentials are fetched anew before they expire.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"

namespace lvp::net {

struct AwsCredentials {
  std::string key_id;
  std::string secret;
  std::string token = {};                    ///< of temporary ones
  std::optional<Timestamp> expires_at = {};  ///< none: they hold until they are withdrawn
};

/// What goes before the environment. Empty: not set.
struct AwsSettings {
  std::string region;
  std::string endpoint;  ///< "http://host:port", of every service
};

/// Value of an environment variable. An empty one is as good as none.
using Environment = std::function<std::string(const char* name)>;
std::string process_environment(const char* name);

/// Thread-safe. `clock` outlives it.
class AwsAccount {
 public:
  AwsAccount(AwsSettings settings, const Clock& clock,
             Environment environment = process_environment);

  /// Waits a few seconds at most. Error::invalid if there are none, with where they were looked
  /// for; Error::unavailable if the place that gives them does not answer.
  Result<AwsCredentials> credentials();
  /// They were refused as expired: looks for them anew the next time.
  void forget_credentials();

  /// Error::invalid if none is set, or it cannot be one.
  Result<std::string> region() const;
  /// Without a slash at the end. `service` as in host names: "kinesis", "dynamodb".
  Result<std::string> endpoint(std::string_view service) const;

 private:
  Result<AwsCredentials> find() const;
  std::optional<AwsCredentials> kept(bool even_if_late);

  const AwsSettings settings_;
  const Clock& clock_;
  const Environment environment_;
  Mutex finding_;  // one thread looks; taken before the other
  Mutex mutex_;
  std::optional<AwsCredentials> kept_ GUARDED_BY(mutex_);
  Timestamp look_at_ GUARDED_BY(mutex_);  // when to look again though what is kept still holds
};

}  // namespace lvp::net
