// Every channel against testing/alert_server.py: what is sent arrives whole, faults are told as what may pass
// and what won't, and no key stands in a message. A channel is aimed at the server by its settings: `url`,
// `base_url`, or `host`, `port` and `to`; one without these has its address in its secret.

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/stopwatch.h"
#include "orrery/net/curl_transport.h"
#include "plugins/alerts/registry.h"
#include "testing/alert_server.h"

namespace orrery::plugins::alerts::conformance_test {
namespace {

constexpr const char* kVariable = "ORRERY_TEST_ALERT_KEY";
constexpr const char* kKey = "s3cret+key";

const Registry& registry() {
  static const Registry all = [] {
    Registry made("kind of channel");
    register_all(made);
    return made;
  }();
  return all;
}

bool declares(const AlertChannelEntry& entry, const std::string& name) {
  for (const auto& parameter : entry.info.parameters) {
    if (parameter.name == name) return true;
  }
  return false;
}

/// Settings that lead to the server with a fault; port 9 of loopback where nobody is to listen.
ParameterMap aimed_at(const AlertChannelEntry& entry, const std::string& fault) {
  const bool is_there = fault != "nobody";
  const auto port = [&](const char* kind) {
    return is_there ? testing::alert_server_ports().at(kind).get<int>() : 9;
  };
  const std::string address = "http://127.0.0.1:" + std::to_string(port("http")) + "/" + fault;
  ParameterMap settings;
  std::string key = kKey;
  if (declares(entry, "url")) settings["url"] = address + "/hook";
  if (declares(entry, "base_url")) settings["base_url"] = address;
  if (declares(entry, "chat")) settings["chat"] = std::string("-100123");
  if (declares(entry, "host")) {
    settings["host"] = std::string("127.0.0.1");
    settings["port"] = std::int64_t{port("mail")};
    settings["security"] = std::string("none");
    settings["user"] = std::string("desk");
    settings["from"] = std::string("orrery@desk.example");
    settings["to"] = fault + "@desk.example, second@desk.example";
  }
  if (!settings.contains("url") && !settings.contains("base_url") && !settings.contains("host"))
    key = address + "/" + kKey;
  settings["secret"] = std::string(kVariable);
  ::setenv(kVariable, key.c_str(), 1);
  return complete_parameters(settings, entry.info.parameters);
}

AlertMessage example() {
  AlertMessage message;
  message.number = 41;
  message.alert = {AlertLevel::kCritical, "day/fetch",
                   "fetch failed: \"größer\" <b>&\r\nBcc: all@desk.example",
                   "line one\n.\nline three: 5 € < 6 €\n", "operate daily"};
  message.raised = {1767614400'000000000};
  message.untold = 3;
  return message;
}

nlohmann::json received() {
  const auto transport = make_curl_transport({});
  TransportRequest request;
  request.url =
      "http://127.0.0.1:" + std::to_string(testing::alert_server_ports().at("http").get<int>()) + "/log";
  return nlohmann::json::parse(transport->exchange(request).body);
}

class AlertChannels : public ::testing::TestWithParam<std::string> {
 protected:
  void TearDown() override { ::unsetenv(kVariable); }
  const AlertChannelEntry& entry() const { return registry().get(GetParam()); }
  std::unique_ptr<AlertChannel> aimed(const std::string& fault) const {
    return entry().make(aimed_at(entry(), fault));
  }
  /// The code of the error and its message.
  std::pair<ErrorCode, std::string> failure(const std::string& fault) const {
    try {
      aimed(fault)->send(example());
    } catch (const Error& error) {
      return {error.code(), error.what()};
    }
    return {ErrorCode::kInternal, "it was sent"};
  }
};

TEST_P(AlertChannels, SaysWhatItIs) {
  EXPECT_FALSE(entry().info.summary.empty());
  EXPECT_FALSE(entry().info.source.empty());
  for (const auto& parameter : entry().info.parameters)
    EXPECT_FALSE(parameter.summary.empty()) << parameter.name;
}

TEST_P(AlertChannels, WhatIsSentArrivesWhole) {
  const std::size_t before = received().size();
  aimed("none")->send(example());
  const auto all = received();
  ASSERT_EQ(all.size(), before + 1);
  const nlohmann::json& seen = all.back();
  // Whatever marks the channel uses, the words are there, and a title adds no header.
  std::string text = seen.at("kind") == "mail"
                         ? seen.at("subject").get<std::string>() + "\n" + seen.at("text").get<std::string>()
                         : seen.at("body").dump(-1, ' ', false);
  for (const char* words :
       {"größer", "line one", "line three", "5 €", "operate daily", "41", "fetch failed"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words << " in " << text;
  }
  EXPECT_NE(text.find("3"), std::string::npos);
  const std::string level = text.find("CRITICAL") != std::string::npos ? "CRITICAL" : "critical";
  EXPECT_NE(text.find(level), std::string::npos) << text;
  if (seen.at("kind") != "mail") return;
  EXPECT_EQ(seen.at("to").size(), 2U);
  EXPECT_EQ(seen.at("user"), std::string("desk:") + kKey);
  for (const auto& header : seen.at("headers")) EXPECT_NE(header, "Bcc");
  EXPECT_EQ(seen.at("text").get<std::string>().substr(0, 11), "line one\n.\n");
}

TEST_P(AlertChannels, AVeryLongTextArrivesShortened) {
  AlertMessage message = example();
  message.alert.text.clear();
  while (message.alert.text.size() < 1'000'000) message.alert.text += "große Zahlen ";
  const std::size_t before = received().size();
  aimed("none")->send(message);
  const auto all = received();
  ASSERT_EQ(all.size(), before + 1);
  const std::string bytes = all.back().dump(-1, ' ', false);
  EXPECT_LT(bytes.size(), 400'000U);
  EXPECT_NE(bytes.find("…"), std::string::npos);
  EXPECT_EQ(bytes.find("\xEF\xBF\xBD"), std::string::npos) << "a character was cut";
}

TEST_P(AlertChannels, FaultsAreTold) {
  const std::map<std::string, ErrorCode> expected = {{"server_error", ErrorCode::kUnavailable},
                                                     {"refused", ErrorCode::kInvalidArgument},
                                                     {"nobody", ErrorCode::kUnavailable}};
  for (const auto& [fault, code] : expected) {
    const auto [found, message] = failure(fault);
    EXPECT_EQ(found, code) << fault << ": " << message;
    EXPECT_EQ(message.rfind(GetParam() + ": ", 0), 0U) << message;
    EXPECT_NE(message.find("found "), std::string::npos) << message;
    EXPECT_NE(message.find("expected "), std::string::npos) << message;
    EXPECT_EQ(message.find("s3cret"), std::string::npos) << message;
  }
}

TEST_P(AlertChannels, AStallEndsInTime) {
  const Stopwatch watch;
  const auto [found, message] = failure("stall");
  EXPECT_EQ(found, ErrorCode::kUnavailable) << message;
  EXPECT_LT(watch.seconds(), 30.0);
}

TEST_P(AlertChannels, SaysWhichKeyIsMissing) {
  const ParameterMap settings = aimed_at(entry(), "none");
  ::unsetenv(kVariable);
  try {
    entry().make(settings);
    FAIL() << "made without its key";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(kVariable), std::string::npos) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(Alerts, AlertChannels, ::testing::ValuesIn(registry().names()),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace orrery::plugins::alerts::conformance_test
