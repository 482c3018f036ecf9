#include "plugins/stores/s3/place.h"

#include <gtest/gtest.h>

#include <map>

#include "orrery/base/error.h"

namespace orrery::plugins::stores::s3::place_test {
namespace {

using Variables = std::map<std::string, std::string>;

Settings settings(const Variables& variables) {
  return read_settings([&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? "" : found->second;
  });
}

std::string complaint(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  return "none";
}

TEST(S3Place, NamesBucketAndPrefix) {
  const auto place = parse_place("s3://market-data/lakes/main/");
  EXPECT_EQ(place.bucket, "market-data");
  EXPECT_EQ(place.prefix, "lakes/main");
  EXPECT_EQ(place.key("bars_1d/x.json"), "lakes/main/bars_1d/x.json");
  EXPECT_EQ(place.address(""), "s3://market-data/lakes/main");
  EXPECT_EQ(parse_place("s3://market-data").key("a"), "a");
  EXPECT_EQ(parse_place("s3://market-data/").address(""), "s3://market-data");
}

TEST(S3Place, RefusesWhatIsNoPlaceAndRepeatsNoKey) {
  for (const char* address : {"s3://", "s3:///x", "s3://UPPER/x", "s3://ab", "s3://bucket/a//b"}) {
    EXPECT_NE(complaint([&] { parse_place(address); }), "none") << address;
  }
  for (const char* address : {"s3://AKIA:sEcReT@bucket/x", "s3://bucket/x?secret_key=sEcReT"}) {
    const auto text = complaint([&] { parse_place(address); });
    EXPECT_NE(text, "none");
    EXPECT_EQ(text.find("sEcReT"), std::string::npos) << text;
  }
}

TEST(S3Settings, AreThoseOfTheEnvironment) {
  const auto amazon = settings({{"AWS_DEFAULT_REGION", "eu-west-1"}});
  EXPECT_EQ(amazon.scheme, "https");
  EXPECT_EQ(amazon.host, "");
  EXPECT_EQ(amazon.region, "eu-west-1");
  EXPECT_FALSE(amazon.certificates.empty());
  const auto own = settings({{"AWS_ENDPOINT_URL", "http://127.0.0.1:9000/"}, {"AWS_ALLOW_HTTP", "true"}});
  EXPECT_EQ(own.scheme, "http");
  EXPECT_EQ(own.host, "127.0.0.1:9000");
  EXPECT_EQ(own.region, "us-east-1");
  EXPECT_EQ(settings({{"AWS_ENDPOINT_URL", "https://a"}, {"AWS_ENDPOINT_URL_S3", "https://b"}}).host, "b");
}

TEST(S3Settings, RefuseWhatIsNotSafeOrNotMeant) {
  EXPECT_NE(complaint([] {
              settings({{"AWS_ENDPOINT_URL", "http://store"}});
            }).find("AWS_ALLOW_HTTP=true"),
            std::string::npos);
  EXPECT_NE(complaint([] { settings({{"AWS_ENDPOINT_URL", "store:9000"}}); }), "none");
  EXPECT_NE(complaint([] { settings({{"AWS_SKIP_SIGNATURE", "maybe"}}); }), "none");
  const auto text = complaint([] { settings({{"AWS_ENDPOINT_URL", "https://me:sEcReT@store"}}); });
  EXPECT_NE(text, "none");
  EXPECT_EQ(text.find("sEcReT"), std::string::npos) << text;
}

/// The forms of Amazon's guide: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
TEST(S3Settings, MakeUrlsAsTheServersWantThem) {
  const auto url = [](const std::string& place, const Variables& variables, const std::string& path) {
    const auto read = settings(variables);
    return object_url(parse_place(place), read, read.region, path);
  };
  EXPECT_EQ(url("s3://lakes/a b", {{"AWS_REGION", "eu-west-1"}}, "t/_delta_log/0.json"),
            "https://lakes.s3.eu-west-1.amazonaws.com/a%20b/t/_delta_log/0.json");
  EXPECT_EQ(url("s3://dotted.name", {{"AWS_REGION", "eu-west-1"}}, "k=1"),
            "https://s3.eu-west-1.amazonaws.com/dotted.name/k%3D1");
  EXPECT_EQ(url("s3://lakes", {{"AWS_REGION", "cn-north-1"}}, "k"),
            "https://lakes.s3.cn-north-1.amazonaws.com.cn/k");
  const Variables own = {{"AWS_ENDPOINT_URL", "https://store:9000"}};
  EXPECT_EQ(url("s3://lakes/p", own, "k"), "https://store:9000/lakes/p/k");
  Variables in_host = own;
  in_host["AWS_VIRTUAL_HOSTED_STYLE_REQUEST"] = "true";
  EXPECT_EQ(url("s3://lakes/p", in_host, "k"), "https://lakes.store:9000/p/k");
}

}  // namespace
}  // namespace orrery::plugins::stores::s3::place_test
