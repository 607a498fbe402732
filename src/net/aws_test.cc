#include "net/aws.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <map>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/text.h"
#include "net/test_site.h"

namespace lvp::net {
namespace {

using namespace std::chrono_literals;

// Signature Version 4 from its definition, for what arrived at the server.

std::string sha256(std::string_view bytes) {
  std::string digest(32, '\0');
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
             EVP_sha256(), nullptr);
  return digest;
}

std::string hmac(std::string_view key, std::string_view bytes) {
  std::string digest(32, '\0');
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
       reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

struct Arrived {
  std::string method = "POST";
  std::string path = "/";
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case
  std::string body = {};

  std::string header(std::string_view name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

std::string signature_of(const Arrived& request, std::string_view signed_headers,
                         std::string_view secret, const std::string& scope) {
  std::string canonical = request.method + "\n" + request.path + "\n\n";
  for (const auto name : split(signed_headers, ';')) {
    canonical += fmt::format("{}:{}\n", name, request.header(name));
  }
  canonical += fmt::format("\n{}\n{}", signed_headers, hex(sha256(request.body)));
  const std::string text = fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", request.header("x-amz-date"),
                                       scope, hex(sha256(canonical)));
  std::string key = fmt::format("AWS4{}", secret);
  for (const auto part : split(scope, '/')) key = hmac(key, part);
  return hex(hmac(key, text));
}

// "get-vanilla" of the test suite that Amazon publishes for the signature.
TEST(AwsSignature, TheTestsOwnComputationGivesThePublishedOne) {
  const Arrived request{
      .method = "GET",
      .headers = {{"host", "example.amazonaws.com"}, {"x-amz-date", "20150830T123600Z"}}};
  EXPECT_EQ(signature_of(request, "host;x-amz-date", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                         "20150830/us-east-1/service/aws4_request"),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

struct Said {
  int status = 200;
  std::string body = "{}";
  std::vector<http::OwnHeader> headers = {};
};

class AwsTest : public testing::Test {
 protected:
  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(site.port()); }
  std::string environment_value(const std::string& name) const {
    const auto found = environment.find(name);
    return found == environment.end() ? "" : found->second;
  }
  std::vector<Arrived> arrived() {
    MutexLock lock(mutex);
    return arrived_;
  }
  // What the next calls are answered; the last of them again and again.
  void say(std::vector<Said> answers) {
    MutexLock lock(mutex);
    answers_ = std::move(answers);
  }

  std::map<std::string, std::string> environment = {
      {"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
      {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
      {"HOME", "/nonexistent"},
      {"AWS_EC2_METADATA_DISABLED", "true"}};
  Mutex mutex;
  std::vector<Arrived> arrived_ GUARDED_BY(mutex);
  std::vector<Said> answers_ GUARDED_BY(mutex) = {Said{}};
  std::vector<Responder> late_ GUARDED_BY(mutex);
  Site site{[this](const http::Request& request, Responder responder) {
              Arrived copy{std::string(request.method),
                           std::string(request.target),
                           {},
                           std::string(request.body)};
              for (const auto& [name, value] : request.headers) {
                copy.headers[ascii_lower(name)] = value;
              }
              MutexLock lock(mutex);
              arrived_.push_back(std::move(copy));
              const Said said = answers_.front();
              if (answers_.size() > 1) answers_.erase(answers_.begin());
              if (said.status == 0) return late_.push_back(std::move(responder));
              http::Response response = http::text_response(said.status, "text/plain", said.body);
              for (const auto& [name, value] : said.headers) response.headers.add(name, value);
              responder.send(std::move(response));
            },
            {.body_bytes_max = 8 << 20}};
  AwsAccount account{
      {}, system_clock(), [this](const char* name) { return environment_value(name); }};
  AwsClient client{kinesis, "eu-west-1", endpoint(), account, 5s};
};

TEST_F(AwsTest, ACallIsOneSignedPost) {
  for (const bool has_token : {false, true}) {
    if (has_token) environment["AWS_SESSION_TOKEN"] = "a/token+with=all";
    account.forget_credentials();
    for (const std::string& body : {std::string("{}"), std::string(3 << 20, 'x')}) {
      say({{200, R"({"Records":[]})"}});
      const auto answer = client.call("PutRecords", body);
      ASSERT_TRUE(answer) << answer.error().message;
      EXPECT_EQ(*answer, R"({"Records":[]})");
      const Arrived request = arrived().back();
      EXPECT_EQ(request.method, "POST");
      EXPECT_EQ(request.path, "/");
      EXPECT_EQ(request.body, body);
      EXPECT_EQ(request.header("x-amz-target"), "Kinesis_20131202.PutRecords");
      EXPECT_EQ(request.header("content-type"), "application/x-amz-json-1.1");
      EXPECT_EQ(request.header("x-amz-security-token"), has_token ? "a/token+with=all" : "");

      const std::string scope =
          request.header("x-amz-date").substr(0, 8) + "/eu-west-1/kinesis/aws4_request";
      const std::string names =
          has_token ? "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
                    : "content-type;host;x-amz-date;x-amz-target";
      EXPECT_EQ(
          request.header("authorization"),
          fmt::format("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{}, SignedHeaders={}, "
                      "Signature={}",
                      scope, names,
                      signature_of(request, names, environment["AWS_SECRET_ACCESS_KEY"], scope)));
    }
  }
}

TEST_F(AwsTest, ConnectionsAreKept) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(client.call("ListShards", "{}"));
  EXPECT_EQ(arrived().size(), 20u);
  EXPECT_EQ(site.server->stats().connections_total, 1u);
}

TEST_F(AwsTest, ThreadsMayCallAtOnce) {
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([this] {
        for (int i = 0; i < 25; ++i) EXPECT_TRUE(client.call("ListShards", "{}"));
      });
    }
  }
  EXPECT_EQ(arrived().size(), 100u);
  EXPECT_LE(site.server->stats().connections_total, 4u);
}

TEST_F(AwsTest, ErrorsHaveTheServicesName) {
  struct Case {
    Said said;
    std::string type;
    bool throttled;
    bool retryable;
    Error::Code code;
    std::string message;
  };
  const std::string call = "aws: kinesis PutRecords in eu-west-1: ";
  using enum Error::Code;
  const std::vector<Case> cases = {
      {{400, R"({"__type":"ResourceNotFoundException","message":"Stream a not found"})"},
       "ResourceNotFoundException",
       false,
       false,
       invalid,
       call + "ResourceNotFoundException: Stream a not found"},
      {{400, R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",)"
             R"("message":"The conditional request failed"})"},
       "ConditionalCheckFailedException",
       false,
       false,
       conflict,
       call + "ConditionalCheckFailedException: The conditional request failed"},
      {{400, R"({"__type":"com.amazon.coral.service#ThrottlingException","message":"Rate"})"},
       "ThrottlingException",
       true,
       true,
       unavailable,
       call + "ThrottlingException: Rate"},
      {{400, R"({"__type":"ProvisionedThroughputExceededException","message":"slow"})"},
       "ProvisionedThroughputExceededException",
       true,
       true,
       unavailable,
       call + "ProvisionedThroughputExceededException: slow"},
      {{400, R"({"__type":"AccessDeniedException","Message":"not authorized to perform: x"})"},
       "AccessDeniedException",
       false,
       false,
       unavailable,
       call + "access denied: give the role or user this permission: AccessDeniedException: not "
              "authorized to perform: x"},
      {{400, R"({"__type":"InvalidSignatureException","message":"Credential should be scoped"})"},
       "InvalidSignatureException",
       false,
       false,
       unavailable,
       call + "the signature is refused: wrong secret key, wrong region, or this machine's clock "
              "is off: InvalidSignatureException: Credential should be scoped"},
      {{500, R"({"__type":"InternalFailure"})"},
       "InternalFailure",
       false,
       true,
       unavailable,
       call + "InternalFailure"},
      {{429, ""}, "", true, true, unavailable, call + endpoint() + " answered with status 429"},
      {{503, "<html>"},
       "",
       false,
       true,
       unavailable,
       call + endpoint() + " answered with status 503"},
      {{403, "<html>"},
       "",
       false,
       false,
       unavailable,
       call + endpoint() + " answered with status 403"},
      {{400, "", {{"x-amzn-ErrorType", "ValidationException:http://internal/"}}},
       "ValidationException",
       false,
       false,
       invalid,
       call + "ValidationException"},
      {{400, R"({"__type":7,"message":{}})"},
       "",
       false,
       false,
       invalid,
       call + endpoint() + " answered with status 400"},
  };
  for (const Case& each : cases) {
    say({each.said});
    const auto answer = client.call("PutRecords", "{}");
    ASSERT_FALSE(answer);
    const AwsError& error = answer.error();
    EXPECT_EQ(error.status, each.said.status) << each.message;
    EXPECT_EQ(error.type, each.type);
    EXPECT_EQ(error.throttled(), each.throttled) << each.message;
    EXPECT_EQ(error.retryable(), each.retryable) << each.message;
    EXPECT_EQ(error.error().code, each.code) << each.message;
    EXPECT_EQ(error.message, each.message);
    EXPECT_EQ(error.body, each.said.body);
  }
}

TEST_F(AwsTest, NoAnswerInTimeIsUnavailable) {
  AwsClient hasty(kinesis, "eu-west-1", endpoint(), account, 50ms);
  say({{0}});
  const auto answer = hasty.call("PutRecords", "{}");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().status, 0);
  EXPECT_TRUE(answer.error().retryable());
  EXPECT_EQ(answer.error().error().code, Error::Code::unavailable);
}

TEST_F(AwsTest, CallAgainRepeatsWhatMayPass) {
  const Said slow{400, R"({"__type":"ThrottlingException","message":"Rate exceeded"})"};
  const Said gone{400, R"({"__type":"ResourceNotFoundException","message":"no"})"};
  const Patience patience{.tries_max = 4, .first_wait = 1ms, .wait_max = 2ms};
  say({slow, {500, ""}, {200, "done"}});
  EXPECT_EQ(client.call_again("PutRecords", "{}", patience).value_or(""), "done");
  EXPECT_EQ(arrived().size(), 3u);

  say({slow});
  EXPECT_EQ(client.call_again("PutRecords", "{}", patience).error().type, "ThrottlingException");
  EXPECT_EQ(arrived().size(), 7u);

  say({gone});
  EXPECT_EQ(client.call_again("PutRecords", "{}", patience).error().type,
            "ResourceNotFoundException");
  EXPECT_EQ(arrived().size(), 8u);

  std::stop_source stopped;
  stopped.request_stop();
  say({slow});
  EXPECT_FALSE(client.call_again("PutRecords", "{}", {}, stopped.get_token()));
  EXPECT_EQ(arrived().size(), 9u);
}

TEST_F(AwsTest, ExpiredCredentialsAreLookedForAnew) {
  ASSERT_TRUE(client.call("PutRecords", "{}"));
  environment["AWS_ACCESS_KEY_ID"] = "NEW";
  say({{400, R"({"__type":"ExpiredTokenException","message":"The security token is expired"})"},
       {200, "{}"}});
  ASSERT_TRUE(client.call_again("PutRecords", "{}", {.first_wait = 1ms}));
  EXPECT_NE(arrived()[1].header("authorization").find("Credential=AKIDEXAMPLE/"),
            std::string::npos);
  EXPECT_NE(arrived()[2].header("authorization").find("Credential=NEW/"), std::string::npos);
}

TEST_F(AwsTest, WithoutCredentialsNothingIsSent) {
  environment.erase("AWS_ACCESS_KEY_ID");
  environment.erase("AWS_SECRET_ACCESS_KEY");
  const auto answer = client.call_again("PutRecords", "{}");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().type, "NotSent");
  EXPECT_FALSE(answer.error().retryable());
  EXPECT_TRUE(answer.error().message.starts_with(
      "aws: kinesis PutRecords in eu-west-1: aws: no credentials: "))
      << answer.error().message;
  EXPECT_TRUE(arrived().empty());
}

TEST_F(AwsTest, OpensWithTheAccountsRegionAndEndpoint) {
  EXPECT_EQ(AwsClient::open(dynamodb, account).error().what,
            "aws: no region: set it here, in AWS_REGION or in the profile");
  environment["AWS_REGION"] = "ap-south-1";
  environment["AWS_ENDPOINT_URL"] = endpoint() + "/";
  const auto tables = AwsClient::open(dynamodb, account);
  ASSERT_TRUE(tables);
  EXPECT_EQ((*tables)->region(), "ap-south-1");
  EXPECT_EQ((*tables)->endpoint(), endpoint());
  ASSERT_TRUE((*tables)->call("ListTables", "{}"));
  EXPECT_EQ(arrived().back().header("x-amz-target"), "DynamoDB_20120810.ListTables");
  EXPECT_EQ(arrived().back().header("content-type"), "application/x-amz-json-1.0");
}

}  // namespace
}  // namespace lvp::net
