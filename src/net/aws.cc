#include "net/aws.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/backoff.h"
#include "net/client.h"
#include "wire/json.h"

namespace lvp::net {
namespace {

constexpr int ok = 200;
constexpr int too_many_requests = 429;
constexpr int throttled_factor = 4;
// The type of our own error for what cannot be sent as things are: no credentials, a wrong
// endpoint.
constexpr std::string_view not_sent = "NotSent";

// From the lists of errors in the API references of Kinesis and DynamoDB and in that of errors all
// services share.
constexpr std::array<std::string_view, 8> throttling = {
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "Throttling",
    "RequestLimitExceeded",
    "LimitExceededException",
    "KMSThrottlingException",
    "TooManyRequestsException",
    "SlowDown",
};
constexpr std::array<std::string_view, 2> expired = {"ExpiredTokenException", "ExpiredToken"};
constexpr std::array<std::string_view, 5> passing = {
    "InternalFailure", "InternalServerError", "ServiceUnavailable", "ServiceUnavailableException",
    "TransactionInProgressException"};

struct Hint {
  std::string_view type;
  std::string_view text;
};
constexpr std::array<Hint, 12> refusals = {{
    {"AccessDeniedException", "access denied: give the role or user this permission"},
    {"KMSAccessDeniedException", "access denied: give the role or user the use of the key"},
    {"UnrecognizedClientException",
     "the access key is not known: wrong credentials, or of another partition of AWS"},
    {"InvalidClientTokenId", "the access key is not known: wrong credentials"},
    {"InvalidSignatureException",
     "the signature is refused: wrong secret key, wrong region, or this machine's clock is off"},
    {"SignatureDoesNotMatch", "the signature is refused: wrong secret key"},
    {"IncompleteSignatureException", "the signature is refused: wrong secret key"},
    {"IncompleteSignature", "the signature is refused: wrong secret key"},
    {"MissingAuthenticationTokenException", "the endpoint wants other credentials"},
    {"ExpiredTokenException", "the credentials have expired: give new ones"},
    {"ExpiredToken", "the credentials have expired: give new ones"},
    {"OptInRequired", "the account has not this service"},
}};

template <std::size_t n>
bool contains(const std::array<std::string_view, n>& list, std::string_view type) {
  return std::ranges::find(list, type) != list.end();
}

std::string_view refusal(std::string_view type) {
  const auto found = std::ranges::find(refusals, type, &Hint::type);
  return found == refusals.end() ? std::string_view() : found->text;
}

// "com.amazonaws.dynamodb.v20120810#ThrottlingException:http://…" → "ThrottlingException"
std::string short_type(std::string_view type) {
  if (const auto at = type.find('#'); at != std::string_view::npos) type.remove_prefix(at + 1);
  return std::string(type.substr(0, type.find(':')));
}

}  // namespace

bool AwsError::throttled() const {
  return status == too_many_requests || contains(throttling, type);
}

bool AwsError::retryable() const {
  return (status == 0 && type != not_sent) || status >= 500 || throttled() ||
         contains(passing, type) || contains(expired, type);
}

Error AwsError::error() const {
  if (is("ConditionalCheckFailedException")) return {Error::Code::conflict, message};
  const bool later =
      status == 0 || retryable() || !refusal(type).empty() || status == 401 || status == 403;
  return {later ? Error::Code::unavailable : Error::Code::invalid, message};
}

struct AwsClient::State {
  std::string call_name(std::string_view operation) const {
    return fmt::format("aws: {} {} in {}", service.name, operation, region);
  }
  AwsError error_of(std::string_view operation, ClientResponse response) const {
    json::Parser parser;
    const auto root = parser.parse(response.body);
    const json::Value value = root ? *root : json::Value();
    AwsError error{.status = response.status};
    error.type = short_type(value["__type"].string().value_or(response.header("x-amzn-ErrorType")));
    std::string_view said = value["message"].string().value_or("");
    if (said.empty()) said = value["Message"].string().value_or("");
    error.message = call_name(operation);
    if (const auto hint = refusal(error.type); !hint.empty()) {
      error.message += fmt::format(": {}", hint);
    }
    if (error.type.empty()) {
      error.message += fmt::format(": {} answered with status {}", endpoint, response.status);
    } else {
      error.message += fmt::format(": {}", error.type);
    }
    if (!said.empty()) error.message += fmt::format(": {}", said);
    error.body = std::move(response.body);
    return error;
  }

  AwsService service;
  std::string region;
  std::string endpoint;
  AwsAccount& account;
  Duration timeout;
  Client client;
};

AwsClient::AwsClient(const AwsService& service, std::string region, std::string endpoint,
                     AwsAccount& account, Duration timeout)
    : state_(new State{service, std::move(region), std::move(endpoint), account, timeout, {}}) {}
AwsClient::~AwsClient() = default;

Result<std::unique_ptr<AwsClient>> AwsClient::open(const AwsService& service, AwsAccount& account,
                                                   Duration timeout) {
  LVP_TRY(std::string region, account.region());
  LVP_TRY(std::string endpoint, account.endpoint(service.name));
  return std::make_unique<AwsClient>(service, std::move(region), std::move(endpoint), account,
                                     timeout);
}

const std::string& AwsClient::region() const {
  return state_->region;
}
const std::string& AwsClient::endpoint() const {
  return state_->endpoint;
}

AwsResult<std::string> AwsClient::call(std::string_view operation, std::string json_body) {
  const auto failed = [&](const Error& error) {
    return std::unexpected(
        AwsError{.type = std::string(error.code == Error::Code::unavailable ? "" : not_sent),
                 .message = fmt::format("{}: {}", state_->call_name(operation), error.what)});
  };
  auto credentials = state_->account.credentials();
  if (!credentials) return failed(credentials.error());
  ClientRequest request{
      .method = "POST",
      .url = state_->endpoint + "/",
      .headers = {{"Content-Type", std::string(state_->service.content_type)},
                  {"X-Amz-Target", fmt::format("{}.{}", state_->service.target_prefix, operation)}},
      .body = std::move(json_body),
      .timeout = state_->timeout,
      .signature = Signature{std::move(credentials->key_id), std::move(credentials->secret),
                             state_->region, std::string(state_->service.name)}};
  if (!credentials->token.empty()) {
    request.headers.push_back({"X-Amz-Security-Token", std::move(credentials->token)});
  }
  auto response = state_->client.fetch(request);
  if (!response) return failed(response.error());
  if (response->status == ok) return std::move(response->body);
  AwsError error = state_->error_of(operation, std::move(*response));
  if (contains(expired, error.type)) state_->account.forget_credentials();
  return std::unexpected(std::move(error));
}

AwsResult<std::string> AwsClient::call_again(std::string_view operation,
                                             const std::string& json_body, const Patience& patience,
                                             const std::stop_token& stop) {
  Backoff backoff(patience.first_wait, patience.wait_max);
  for (int tries = 1;; ++tries) {
    auto answer = call(operation, json_body);
    if (answer || !answer.error().retryable() || tries >= patience.tries_max ||
        stop.stop_requested()) {
      return answer;
    }
    const Duration wait = backoff.next();
    sleep(answer.error().throttled() ? wait * throttled_factor : wait, stop);
  }
}

}  // namespace lvp::net
