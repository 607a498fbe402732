#include "enrich/page_url.h"

#include <gtest/gtest.h>

#include "enrich/java_uri.h"

namespace lvp::enrich {
namespace {

class PageUrl : public testing::Test {
 protected:
  EnrichedEvent page(std::string_view url) {
    EnrichedEvent event;
    event[Column::page_url] = url;
    failures_.clear();
    read_page_url(event, urls_, by_, failures_);
    return event;
  }

  bad_row::Processor processor_{"lvp-enrich", "1"};
  Reporter by_{processor_, from_ms(0)};
  std::vector<Failure> failures_;
  UrlMemory urls_;
};

TEST_F(PageUrl, IsRewrittenAsParsed) {
  const struct {
    std::string_view in;
    std::string_view out;
  } rows[] = {
      {"http://www.example.com/sp a ce", "http://www.example.com/sp%20a%20ce"},
      {"http://www.ex_ample.com", "http://www.ex_ample.com"},
      {"www.example.com/a%23b/?c=d%24e", "www.example.com/a%23b/?c=d%24e"},
      {"http://www.example.com/a|", "http://www.example.com/a%7C"},
      {"http://www.example.com/a${a b}", "http://www.example.com/a%24%7Ba%20b%7D"},
      {"http://www.example.com/a%a%", "http://www.example.com/a%25a%25"},
      {"http://a.com/x?p={1}&q=$|+#f#/g", "http://a.com/x?p=%7B1%7D&q=%24%7C+#f%23%2Fg"},
      {"http://a.com/x?p=1=2|", "http://a.com/x?p=1%3D2%7C"},
      {"http://a.com/%zz", "http://a.com/%25zz"},
      {"http://a.com/caf\xc3\xa9?q=\xc3\xa9", "http://a.com/caf\xc3\xa9?q=\xc3\xa9"},
      {"http://a.com/caf\xc3\xa9|", "http://a.com/caf%C3%A9%7C"},
      {"http://a.com/?q[0]=1", "http://a.com/?q[0]=1"},
      {"http://a.com/x\\y\"z^`<>", "http://a.com/x%5Cy%22z%5E%60%3C%3E"},
      {"http://a.com/a\xc2\xa0z", "http://a.com/a%C2%A0z"},
      {"myurl", "myurl"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(page(row.in)[Column::page_url], row.out);
    EXPECT_TRUE(failures_.empty()) << row.in;
  }
}

TEST_F(PageUrl, IsTakenApart) {
  const struct {
    std::string_view url, scheme, host, port, path, query, fragment;
  } rows[] = {
      {"https://www.lancs.ac.uk#footer", "https", "www.lancs.ac.uk", "443", "", "", "footer"},
      {"http://www.nbnz.co.nz:440/login.asp", "http", "www.nbnz.co.nz", "440", "/login.asp", "",
       ""},
      {"http://a.com/p%0A%09?q=%0A#%09", "http", "a.com", "80", "/p%0A%09", "q=%0A", "%09"},
      {"myurl", "", "", "80", "myurl", "", ""},
      {"about:blank", "about", "", "80", "", "", ""},
      {"HTTPS://A.com/", "HTTPS", "A.com", "80", "/", "", ""},
      {"file:///x", "file", "", "80", "/x", "", ""},
      {"http://ex_ample.com/x", "http", "", "80", "/x", "", ""},
      {"http://a..com/x", "http", "", "80", "/x", "", ""},
      {"http://b\xc3\xbc"
       "cher.de/x",
       "http", "", "80", "/x", "", ""},
      {"http://1.2.3.4.5/x", "http", "", "80", "/x", "", ""},
      {"http://1.2.3.4:8080/x", "http", "1.2.3.4", "8080", "/x", "", ""},
      {"http://a.com:99999999999/x", "http", "", "80", "/x", "", ""},
      {"http://[2001:db8::1]:81/x", "http", "[2001:db8::1]", "81", "/x", "", ""},
      {"http://u:p@a.com./x", "http", "a.com.", "80", "/x", "", ""},
      {"//a.com/x", "", "a.com", "80", "/x", "", ""},
  };
  for (const auto& row : rows) {
    const EnrichedEvent event = page(row.url);
    EXPECT_EQ(event[Column::page_urlscheme], row.scheme) << row.url;
    EXPECT_EQ(event[Column::page_urlhost], row.host) << row.url;
    EXPECT_EQ(event[Column::page_urlport], row.port) << row.url;
    EXPECT_EQ(event[Column::page_urlpath], row.path) << row.url;
    EXPECT_EQ(event[Column::page_urlquery], row.query) << row.url;
    EXPECT_EQ(event[Column::page_urlfragment], row.fragment) << row.url;
    EXPECT_TRUE(failures_.empty()) << row.url;
  }
}

TEST_F(PageUrl, NeitherParserTakesABrokenAuthority) {
  page("http://a|b/x");
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_TRUE(failures_[0].message.starts_with(
      R"({"enrichment":null,"message":{"error":"Provided URI [http://a|b/x] could not be parsed, )"
      "neither by Java parsing (error: ["))
      << failures_[0].message;
}

TEST_F(PageUrl, ReferrerStaysAsItWasSent) {
  EnrichedEvent event;
  event[Column::page_referrer] = "https://a.com/x y|?q=1#z";
  read_page_referrer(event, urls_, by_, failures_);
  EXPECT_EQ(event[Column::page_referrer], "https://a.com/x y|?q=1#z");
  EXPECT_EQ(event[Column::refr_urlscheme], "https");
  EXPECT_EQ(event[Column::refr_urlhost], "a.com");
  EXPECT_EQ(event[Column::refr_urlport], "443");
  EXPECT_EQ(event[Column::refr_urlpath], "/x%20y%7C");
  EXPECT_EQ(event[Column::refr_urlquery], "q=1");
  EXPECT_EQ(event[Column::refr_urlfragment], "z");
  EXPECT_TRUE(failures_.empty());
}

TEST_F(PageUrl, IsTheSameWhenSeenAgain) {
  for (const std::string_view url : {"https://a.com/x y|?q=1#z", "http://a|b/x", "myurl"}) {
    const EnrichedEvent first = page(url);
    const std::vector<Failure> failures = failures_;
    EXPECT_EQ(page(url).tsv(), first.tsv());
    ASSERT_EQ(failures_.size(), failures.size()) << url;
    for (std::size_t i = 0; i < failures.size(); ++i)
      EXPECT_EQ(failures_[i].message, failures[i].message);
  }
}

TEST_F(PageUrl, MemoryTakesMoreUrlsThanItKeeps) {
  UrlMemory memory;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 3000; ++i) {
      const std::string path = "/" + std::to_string(i);
      const Url& url = memory.take_apart("http://a.com" + path + "?n=" + std::to_string(i));
      ASSERT_EQ(url.components[3], path);
      ASSERT_EQ(url.query.size(), 1u);
      ASSERT_EQ(url.query[0].value, std::to_string(i));
    }
  }
  const std::string path = "/" + std::string(10'000, 'x');
  EXPECT_EQ(memory.take_apart("http://a.com" + path).components[3], path);
  EXPECT_EQ(memory.take_apart("http://b.com" + path).components[1], "b.com");
}

TEST_F(PageUrl, GivesTheParametersOfItsQuery) {
  EnrichedEvent event;
  event[Column::page_url] = "http://a.com/x?a=1&b=%20&c#?d=2";
  const auto query = read_page_url(event, urls_, by_, failures_);
  ASSERT_EQ(query.size(), 3u);
  EXPECT_EQ(query[0].value, "1");
  EXPECT_EQ(query[1].value, " ");
  EXPECT_EQ(query[2].name, "c");
  EXPECT_FALSE(query[2].value);
}

}  // namespace
}  // namespace lvp::enrich
