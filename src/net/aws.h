// Requests to the services of AWS that speak JSON: Kinesis, DynamoDB.
//
// One operation is one POST to "/", signed (Signature Version 4). What the service refuses is a
// value with its name for the error; to try again is the caller's, who knows what may be repeated:
// with call_again() what may be repeated as it is.
#pragma once

#include <expected>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "net/aws_account.h"

namespace lvp::net {

/// A service and the protocol it speaks.
struct AwsService {
  std::string_view name;           ///< in host names, in signatures and in AWS_ENDPOINT_URL_<NAME>
  std::string_view target_prefix;  ///< of X-Amz-Target, before the operation
  std::string_view content_type;
};
inline constexpr AwsService kinesis = {"kinesis", "Kinesis_20131202", "application/x-amz-json-1.1"};
inline constexpr AwsService dynamodb = {"dynamodb", "DynamoDB_20120810",
                                        "application/x-amz-json-1.0"};

struct AwsError {
  int status = 0;         ///< 0: no answer came, and nobody knows whether the request arrived
  std::string type = {};  ///< "ResourceNotFoundException"; "" if the answer names none; "NotSent"
  std::string message = {};  ///< whole: service, operation and region, what went wrong, what helps
  std::string body = {};     ///< the answer, where an error carries more

  bool is(std::string_view a_type) const { return type == a_type; }
  /// Too much was asked for: wait longer than after other errors.
  bool throttled() const;
  /// The same request may succeed later, throttled ones included.
  bool retryable() const;
  /// In the words of result.h: conflict for a condition that did not hold, invalid for a request
  /// that makes no sense or names what is not there, unavailable for everything else. Refused
  /// credentials are unavailable too: the request is good, and passes once they are put right.
  Error error() const;
};
template <class T>
using AwsResult = std::expected<T, AwsError>;

/// How often and how patiently a request is repeated. Throttled ones wait four times as long.
struct Patience {
  int tries_max = 8;
  Duration first_wait = std::chrono::milliseconds(50);
  Duration wait_max = std::chrono::seconds(2);
};

/// Thread-safe: as many connections are kept as threads called at once.
class AwsClient {
 public:
  /// `region` and `endpoint` as AwsAccount gives them. The account outlives the client.
  AwsClient(const AwsService& service, std::string region, std::string endpoint,
            AwsAccount& account, Duration timeout = std::chrono::seconds(10));
  /// The same with the account's region and endpoint: Error::invalid if they are not set.
  static Result<std::unique_ptr<AwsClient>> open(const AwsService& service, AwsAccount& account,
                                                 Duration timeout = std::chrono::seconds(10));
  ~AwsClient();

  /// Does one operation ("PutRecords") once, and answers with the body of the answer.
  AwsResult<std::string> call(std::string_view operation, std::string json_body);
  /// Until it succeeds, fails for good, or patience or `stop` end it; then its last error.
  AwsResult<std::string> call_again(std::string_view operation, const std::string& json_body,
                                    const Patience& patience = {},
                                    const std::stop_token& stop = {});

  const std::string& region() const;
  const std::string& endpoint() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lvp::net
