#include "plugins/providers/web/feed.h"

#include <gtest/gtest.h>

namespace orrery::plugins::providers::web::feed_test {
namespace {

/// The second example of RFC 4287, section 1.1, shortened.
constexpr const char* kAtom = R"(<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <title type="text">dive into mark</title>
  <updated>2005-07-31T12:29:29Z</updated>
  <entry>
    <title>Atom draft-07 snapshot</title>
    <link rel="alternate" type="text/html" href="http://example.org/2005/04/02/atom"/>
    <link rel="enclosure" type="audio/mpeg" length="1337" href="http://example.org/audio/ph34r_my_podcast.mp3"/>
    <id>tag:example.org,2003:3.2397</id>
    <updated>2005-07-31T12:29:29Z</updated>
    <published>2003-12-13T08:29:29-04:00</published>
    <author><name>Mark Pilgrim</name></author>
    <contributor><name>Sam Ruby</name></contributor>
    <content type="xhtml" xml:lang="en" xml:base="http://diveintomark.org/">
      <div xmlns="http://www.w3.org/1999/xhtml"><p><i>[Update: The Atom draft is finished.]</i></p></div>
    </content>
  </entry>
</feed>)";

/// An item of the sample that comes with the specification of RSS 2.0.
constexpr const char* kRss2 = R"(<?xml version="1.0"?>
<rss version="2.0"><channel><title>Liftoff News</title>
  <item><title>Star City</title>
    <link>http://liftoff.msfc.nasa.gov/news/2003/news-starcity.asp</link>
    <description>How do Americans get ready to work with Russians? They take a crash course at Russia's &lt;a
      href="http://howe.iki.rssi.ru/GCTC/gctc_e.htm"&gt;Star City&lt;/a&gt;.</description>
    <pubDate>Tue, 03 Jun 2003 09:39:21 GMT</pubDate>
    <guid>http://liftoff.msfc.nasa.gov/2003/06/03.html#item573</guid></item>
</channel></rss>)";

/// In the form of the specification of RSS 1.0, with the module of Dublin Core.
constexpr const char* kRss1 = R"(<?xml version="1.0" encoding="ISO-8859-1"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"
         xmlns:x="http://example.com/x" xmlns="http://purl.org/rss/1.0/">
  <channel rdf:about="http://meerkat.example"><title>Meerkat</title></channel>
  <item rdf:about="http://c.moreover.com/1">
    <title>XML: )"
                              "\xfc"
                              R"(ber alles</title><link>http://c.moreover.com/1</link>
    <x:title>another vocabulary's</x:title>
    <description></description>
    <dc:creator>Simon</dc:creator><dc:date>2000-08-10T09:00:00+00:00</dc:date>
  </item>
</rdf:RDF>)";

TEST(Feed, ReadsAtom) {
  const Feed feed = read_feed(kAtom);
  EXPECT_EQ(feed.problem, "");
  EXPECT_EQ(feed.entries, Json::parse(R"([{"id": "tag:example.org,2003:3.2397",
    "url": "http://example.org/2005/04/02/atom", "title": "Atom draft-07 snapshot",
    "summary": "[Update: The Atom draft is finished.]", "author": "Mark Pilgrim",
    "published": "2003-12-13T08:29:29-04:00", "updated": "2005-07-31T12:29:29Z"}])"));
}

TEST(Feed, ReadsRss2) {
  EXPECT_EQ(read_feed(kRss2).entries,
            Json::parse(R"([{"id": "http://liftoff.msfc.nasa.gov/2003/06/03.html#item573",
    "url": "http://liftoff.msfc.nasa.gov/news/2003/news-starcity.asp", "title": "Star City",
    "summary": "How do Americans get ready to work with Russians? They take a crash course at Russia's Star City.",
    "published": "Tue, 03 Jun 2003 09:39:21 GMT"}])"));
}

TEST(Feed, ReadsRss1InItsOwnEncoding) {
  EXPECT_EQ(read_feed(kRss1).entries, Json::parse(R"([{"url": "http://c.moreover.com/1",
    "title": "XML: über alles", "summary": null, "author": "Simon", "published": "2000-08-10T09:00:00+00:00"}])"));
}

TEST(Feed, MarkupBecomesALineOfText) {
  EXPECT_EQ(plain_text("<p>One<br>two</p><p>th<b>r</b>ee &amp; f\xc3\xb6ur</p><script>no()</script>"),
            "One two three & f\xc3\xb6ur");
  EXPECT_EQ(plain_text("no markup"), "no markup");
  EXPECT_EQ(plain_text(""), "");
}

TEST(Feed, SaysWhatIsWrong) {
  EXPECT_EQ(read_feed("").problem, "an empty body");
  EXPECT_EQ(read_feed("Too many requests").problem, "\"Too many requests\"");
  EXPECT_EQ(read_feed("<html><body/></html>").problem, "a document of <html>");
  EXPECT_EQ(read_feed(std::string(kRss2).substr(0, 300)).problem.substr(0, 7), "\"<?xml ");
}

/// Ten letters that would become ten thousand million, and a file of the reader's machine.
TEST(Feed, EntitiesAreRefused) {
  EXPECT_EQ(read_feed("<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]>"
                      "<rss><channel><item><title>&b;</title></item></channel></rss>")
                .problem,
            "a document that declares entities");
  EXPECT_EQ(read_feed("<!DOCTYPE rss [<!ENTITY f SYSTEM \"file:///etc/hostname\">]>"
                      "<rss><channel><item><title>&f;</title></item></channel></rss>")
                .problem,
            "a document that declares entities");
}

}  // namespace
}  // namespace orrery::plugins::providers::web::feed_test
