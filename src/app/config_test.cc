#include "app/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace lvp::app {
namespace {

class File {
 public:
  explicit File(std::string_view text) {
    char name[] = "/tmp/lvp_config_XXXXXX";
    const int descriptor = mkstemp(name);
    EXPECT_GE(descriptor, 0);
    close(descriptor);
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(Config, LaterSourcesOverrideEarlierOnes) {
  const File file(
      "[collector]\nport = 1\nbody_wait = \"5s\"\ncookie_secure = false\n[data]\ndir = \"a\"\n");
  const auto config = load(
      {file.path(), {{"LVP__COLLECTOR__PORT", "2"}, {"LVP__DATA__DIR", "b"}}, {"data.dir=c=d"}});
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->collector.port, 2);
  EXPECT_EQ(config->collector.body_wait, std::chrono::seconds(5));
  EXPECT_FALSE(config->collector.cookie_secure);
  EXPECT_EQ(config->data.dir, "c=d");
  EXPECT_EQ(config->player.port, 3000);
}

TEST(Config, ListsAndTablesComeFromFilesAndFromText) {
  const File file(
      "[collector]\ncookie_domains = [\"a.example\", 'b.example']\n"
      "[collector.paths]\n\"/a/b\" = \"/com.acme/\\u00e9\"\n");
  const auto config =
      load({file.path(),
            {{"LVP__COLLECTOR__REDIRECT_HOSTS", "x.example, y.example"}},
            {R"(collector.preflight_headers=["traceparent"])",
             R"(collector.root_headers={Location = "https://a.example/?a=b", X = ""})"}});
  ASSERT_TRUE(config) << config.error().what;
  using List = std::vector<std::string>;
  using Table = std::map<std::string, std::string>;
  EXPECT_EQ(config->collector.cookie_domains, (List{"a.example", "b.example"}));
  EXPECT_EQ(config->collector.redirect_hosts, (List{"x.example", "y.example"}));
  EXPECT_EQ(config->collector.preflight_headers, List{"traceparent"});
  EXPECT_EQ(config->collector.paths, (Table{{"/a/b", "/com.acme/é"}}));
  EXPECT_EQ(config->collector.root_headers,
            (Table{{"Location", "https://a.example/?a=b"}, {"X", ""}}));
}

struct Mistake {
  std::string file;
  std::vector<std::pair<std::string, std::string>> variables;
  std::vector<std::string> flags;
  std::string expected;  // part of the error; % stands for the file's path
};

TEST(Config, MistakesNameTheirPlace) {
  const std::vector<Mistake> mistakes{
      {"[collector]\nport = 1\nprot = 2\n", {}, {}, "%:3: there is no setting collector.prot"},
      {"\n[collector]\nport = \"many\"\n",
       {},
       {},
       "%:3: collector.port: \"many\" is no whole number"},
      {"[collector]\nport = 70000\n",
       {},
       {},
       "%:2: collector.port: \"70000\" is no whole number from 0 to 65535"},
      {"[collector]\nport = -1\n", {}, {}, "%:2: collector.port"},
      {"[collector]\nport = [1]\n", {}, {}, "%:2: collector.port: \"[1]\" is no whole number"},
      {"[collector]\nport = 1.5\n", {}, {}, "%:2: collector.port: must be text"},
      {"[collector]\n\ncookie_domains = [\"a\", 1]\n",
       {},
       {},
       "%:3: collector.cookie_domains: must be a list of texts"},
      {"[collector]\npaths = \"/a\"\n", {}, {}, "%:2: collector.paths: must be a table of texts"},
      {"", {}, {"collector.paths={a = 1}"}, "collector.paths: must be a table of texts"},
      {"", {}, {"collector.paths={a = "}, "--set collector.paths={a = : collector.paths: "},
      {"", {}, {"collector.tls_key=a.pem"}, "tls_key: give both or neither"},
      {"[collector\n", {}, {}, "%:1: "},
      {"port = 1\n", {}, {}, "%:1: port must be in a [section]"},
      {"",
       {{"LVP__COLLECTOR__PROT", "1"}},
       {},
       "LVP__COLLECTOR__PROT: there is no setting collector.prot"},
      {"",
       {{"LVP__COLLECTOR__BODY_WAIT", "soon"}},
       {},
       "LVP__COLLECTOR__BODY_WAIT: collector.body_wait: \"soon\""},
      {"", {}, {"collector.port"}, "--set collector.port: must be section.key=value"},
      {"",
       {},
       {"player.enabled=yes"},
       "--set player.enabled=yes: player.enabled: \"yes\" is neither true nor false"},
      {"", {}, {"profile.mode=loose"}, "profile.mode: \"loose\" is not one of: mapped, exact"},
      {"", {}, {"streams.partitions=0"}, "streams.partitions: 0 is less than 1"},
      {"", {}, {"streams.raw=carrier:pigeon"}, "streams.raw: \"carrier:pigeon\" is not one of"},
      {"", {}, {"private.address=0.0.0.0"}, "so set private.token"},
      {"", {}, {"private.token=short"}, "private.token: shorter than 16"},
  };
  for (const Mistake& mistake : mistakes) {
    const File file(mistake.file);
    const auto config = load({file.path(), mistake.variables, mistake.flags});
    ASSERT_FALSE(config) << mistake.expected;
    std::string expected = mistake.expected;
    if (expected.starts_with("%")) expected.replace(0, 1, file.path());
    EXPECT_NE(config.error().what.find(expected), std::string::npos) << config.error().what;
    EXPECT_EQ(config.error().code, Error::Code::invalid);
  }
}

TEST(Config, AMissingFileIsNamed) {
  const auto config = load({"/nonexistent/lvp.toml", {}, {}});
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().what.find("/nonexistent/lvp.toml"), std::string::npos);
}

TEST(Config, TheReferenceFileIsCompleteAndHoldsTheDefaults) {
  std::stringstream file;
  file << std::ifstream(LVP_SOURCE_DIR "/config/reference.toml").rdbuf();
  EXPECT_EQ(file.str(), reference())
      << "make it anew: lvp check --reference > config/reference.toml";

  const auto config = load({LVP_SOURCE_DIR "/config/reference.toml", {}, {}});
  ASSERT_TRUE(config) << config.error().what;
  for (const Setting& setting : settings())
    EXPECT_EQ(setting.toml(*config), setting.toml(Config())) << setting.name;
}

TEST(Config, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const Setting& setting : settings())
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
}

}  // namespace
}  // namespace lvp::app
