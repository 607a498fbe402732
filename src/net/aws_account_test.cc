#include "net/aws_account.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/temporary_folder.h"
#include "base/text.h"
#include "net/test_site.h"

namespace lvp::net {
namespace {

using namespace std::chrono_literals;

class StoppedClock final : public Clock {
 public:
  Timestamp now() const override { return at; }
  Timestamp at = *parse_timestamp("2026-03-01T12:00:00Z");
};

// What the metadata service and the container's endpoint answer, by method and target.
class AwsAccountTest : public testing::Test {
 protected:
  AwsAccountTest() {
    environment["HOME"] = folder;
    environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = url() + "/";
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(site.port()); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(folder + name).parent_path());
    std::ofstream(folder + name) << text;
  }
  static std::string temporary(const std::string& id, const std::string& expires) {
    return R"({"AccessKeyId":")" + id + R"(","SecretAccessKey":"s","Token":"t","Expiration":")" +
           expires + R"("})";
  }
  void be_instance() {
    answers["PUT /latest/api/token"] = "tok";
    answers["GET /latest/meta-data/iam/security-credentials/"] = "my-role\n";
    answers["GET /latest/meta-data/iam/security-credentials/my-role"] =
        temporary("ASIAROLE", "2026-03-01T18:00:00Z");
  }
  std::string key_id() {
    auto found = account.credentials();
    return found ? found->key_id : "error: " + found.error().what;
  }

  const TemporaryFolder home;
  const std::string& folder = home.path();
  std::map<std::string, std::string> environment;
  std::map<std::string, std::string> answers;  // changed between requests only
  std::vector<std::string> asked;
  Site site{[this](const http::Request& request, Responder responder) {
    const std::string what = std::string(request.method) + " " + std::string(request.target);
    asked.push_back(what + " " + std::string(request.header("X-aws-ec2-metadata-token")) +
                    std::string(request.header("Authorization")));
    const auto found = answers.find(what);
    http::Response response = text(found == answers.end() ? "" : found->second);
    if (found == answers.end()) response.status = 404;
    responder.send(std::move(response));
  }};
  StoppedClock clock;
  AwsAccount account{{}, clock, [this](const char* name) {
                       const auto found = environment.find(name);
                       return found == environment.end() ? std::string() : found->second;
                     }};
};

TEST_F(AwsAccountTest, TheEnvironmentComesFirst) {
  write("/.aws/credentials", "[default]\naws_access_key_id=FILE\naws_secret_access_key=s\n");
  environment["AWS_ACCESS_KEY_ID"] = "ENV";
  EXPECT_EQ(key_id(),
            "error: aws: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together; one is not "
            "set");
  environment["AWS_SECRET_ACCESS_KEY"] = "secret";
  environment["AWS_SESSION_TOKEN"] = "token";
  const auto found = account.credentials();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->key_id, "ENV");
  EXPECT_EQ(found->secret, "secret");
  EXPECT_EQ(found->token, "token");
  EXPECT_FALSE(found->expires_at);
}

TEST_F(AwsAccountTest, ProfilesAreSectionsOfTwoFiles) {
  write("/.aws/credentials",
        "# mine\r\n[default]\r\naws_access_key_id = DEFAULT\r\naws_secret_access_key = a=b/+\r\n"
        "\n[other]\nAWS_ACCESS_KEY_ID=OTHER\naws_secret_access_key=s\naws_session_token=t\n");
  write("/.aws/config",
        "[default]\nregion = eu-central-1\ns3 =\n  region = nested\n[profile other]\n"
        "region=us-west-2\n[profile configured]\naws_access_key_id=CONF\n"
        "aws_secret_access_key=s\n[profile role]\nsource_profile = other\nrole_arn = x\n");
  const auto found = account.credentials();
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(found->key_id, "DEFAULT");
  EXPECT_EQ(found->secret, "a=b/+");
  EXPECT_EQ(found->token, "");
  EXPECT_EQ(account.region(), "eu-central-1");

  environment["AWS_PROFILE"] = "other";
  account.forget_credentials();
  EXPECT_EQ(account.credentials()->key_id, "OTHER");
  EXPECT_EQ(account.credentials()->token, "t");
  EXPECT_EQ(account.region(), "us-west-2");

  environment["AWS_PROFILE"] = "configured";
  account.forget_credentials();
  EXPECT_EQ(key_id(), "CONF");

  environment["AWS_PROFILE"] = "role";
  account.forget_credentials();
  EXPECT_TRUE(key_id().starts_with("error: aws: profile role: `source_profile` is not supported"))
      << key_id();

  environment["AWS_PROFILE"] = "absent";
  EXPECT_EQ(key_id(), "error: aws: profile absent is not there: no such section in " + folder +
                          "/.aws/credentials or " + folder + "/.aws/config");

  write("/elsewhere", "[absent]\naws_access_key_id=ELSE\naws_secret_access_key=s\n");
  environment["AWS_SHARED_CREDENTIALS_FILE"] = folder + "/elsewhere";
  EXPECT_EQ(key_id(), "ELSE");
}

TEST_F(AwsAccountTest, AContainerIsAskedWithItsToken) {
  environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url() + "/creds?x=1";
  answers["GET /creds?x=1"] = temporary("ASIACONT", "2026-03-01T13:00:00Z");
  EXPECT_EQ(key_id(), "ASIACONT");
  EXPECT_EQ(account.credentials()->expires_at, parse_timestamp("2026-03-01T13:00:00Z"));
  account.forget_credentials();
  environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Basic 1";
  EXPECT_EQ(key_id(), "ASIACONT");
  account.forget_credentials();
  write("/token", "Bearer 2\n");
  environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = folder + "/token";
  EXPECT_EQ(key_id(), "ASIACONT");
  EXPECT_EQ(asked, (std::vector<std::string>{"GET /creds?x=1 ", "GET /creds?x=1 Basic 1",
                                             "GET /creds?x=1 Bearer 2"}));
  account.forget_credentials();
  for (const char* elsewhere : {"http://example.com/creds", "http://127.0.0.1.example.com/"}) {
    environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = elsewhere;
    EXPECT_EQ(account.credentials().error().code, Error::Code::invalid) << elsewhere;
  }
  EXPECT_EQ(asked.size(), 3u);
}

TEST_F(AwsAccountTest, AnInstanceIsAskedWithASessionToken) {
  be_instance();
  EXPECT_EQ(key_id(), "ASIAROLE");
  EXPECT_EQ(asked,
            (std::vector<std::string>{
                "PUT /latest/api/token ", "GET /latest/meta-data/iam/security-credentials/ tok",
                "GET /latest/meta-data/iam/security-credentials/my-role tok"}));
}

TEST_F(AwsAccountTest, TemporaryCredentialsAreRenewedBeforeTheyExpire) {
  be_instance();
  EXPECT_EQ(key_id(), "ASIAROLE");
  clock.at += 5h;
  EXPECT_EQ(key_id(), "ASIAROLE");
  EXPECT_EQ(asked.size(), 3u);

  // Five minutes before the end; the service is away at first, so the old ones stay in use.
  clock.at += 56min;
  const auto answers_then = std::exchange(answers, {});
  EXPECT_EQ(key_id(), "ASIAROLE");
  EXPECT_EQ(key_id(), "ASIAROLE");
  EXPECT_EQ(asked.size(), 4u);
  answers = answers_then;
  answers["GET /latest/meta-data/iam/security-credentials/my-role"] =
      temporary("ASIANEXT", "2026-03-02T00:00:00Z");
  clock.at += 31s;
  EXPECT_EQ(key_id(), "ASIANEXT");
}

TEST_F(AwsAccountTest, WithNoneItSaysWhereItLooked) {
  EXPECT_EQ(key_id(),
            "error: aws: no credentials: none in AWS_ACCESS_KEY_ID, in profile default "
            "of " +
                folder + "/.aws/credentials and " + folder +
                "/.aws/config, or in "
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; aws: the instance's metadata at " +
                url() + " answered with status 404");
  // The node's role is not that of the pod.
  environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder + "/token";
  EXPECT_TRUE(key_id().starts_with("error: aws: AWS_WEB_IDENTITY_TOKEN_FILE is not supported"));
  environment.erase("AWS_WEB_IDENTITY_TOKEN_FILE");
  environment["AWS_EC2_METADATA_DISABLED"] = "TRUE";
  asked.clear();
  EXPECT_TRUE(key_id().ends_with("; AWS_EC2_METADATA_DISABLED is set")) << key_id();
  EXPECT_TRUE(asked.empty());
  EXPECT_EQ(account.credentials().error().code, Error::Code::invalid);
}

TEST_F(AwsAccountTest, AnAnswerWithoutCredentialsIsUnavailable) {
  environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url() + "/creds";
  for (const char* answer : {"", "[]", "{}", R"({"AccessKeyId":"a"})"}) {
    answers["GET /creds"] = answer;
    const auto found = account.credentials();
    ASSERT_FALSE(found) << answer;
    EXPECT_EQ(found.error().code, Error::Code::unavailable);
  }
}

TEST_F(AwsAccountTest, RegionAndEndpointBySettingEnvironmentAndDefault) {
  EXPECT_EQ(account.region().error().code, Error::Code::invalid);
  environment["AWS_DEFAULT_REGION"] = "eu-west-2";
  EXPECT_EQ(account.region(), "eu-west-2");
  EXPECT_EQ(account.endpoint("kinesis"), "https://kinesis.eu-west-2.amazonaws.com");
  environment["AWS_REGION"] = "cn-north-1";
  EXPECT_EQ(account.endpoint("dynamodb"), "https://dynamodb.cn-north-1.amazonaws.com.cn");
  environment["AWS_ENDPOINT_URL"] = "http://localhost:4566/";
  environment["AWS_ENDPOINT_URL_KINESIS"] = "http://localhost:4567";
  EXPECT_EQ(account.endpoint("kinesis"), "http://localhost:4567");
  EXPECT_EQ(account.endpoint("dynamodb"), "http://localhost:4566");
  environment["AWS_ENDPOINT_URL"] = "localhost:4566";
  EXPECT_EQ(account.endpoint("dynamodb").error().what,
            "aws: endpoint \"localhost:4566\" must begin with http:// or https://");
  environment["AWS_REGION"] = "eu.example.com/";
  EXPECT_EQ(account.region().error().what, "aws: region \"eu.example.com/\" is none");

  const AwsAccount set({.region = "us-east-1", .endpoint = "https://vpce.example.com"}, clock,
                       [](const char*) { return std::string("x"); });
  EXPECT_EQ(set.region(), "us-east-1");
  EXPECT_EQ(set.endpoint("kinesis"), "https://vpce.example.com");
}

}  // namespace
}  // namespace lvp::net
