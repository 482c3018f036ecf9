#include <gtest/gtest.h>

#include "orrery/alert/alert_router.h"
#include "orrery/base/config.h"
#include "orrery/base/error.h"
#include "testing/error_message.h"
#include "testing/temporary_folder.h"

namespace orrery::alert_test {
namespace {

Timestamp at(const std::string& text) { return *parse_timestamp(text); }
Timestamp minutes_later(Timestamp moment, double minutes) { return later(moment, minutes * 60.0); }

/// What came through a channel, and whether it works.
struct Line {
  std::vector<AlertMessage> taken;
  bool works = true;
  int asked = 0;
};

class LineChannel final : public AlertChannel {
 public:
  explicit LineChannel(Line& line) : line_(line) {}
  void send(const AlertMessage& message) override {
    ++line_.asked;
    if (!line_.works) throw external_error(ErrorCode::kUnavailable, "line: nobody answers");
    line_.taken.push_back(message);
  }

 private:
  Line& line_;
};

class Alerts : public ::testing::Test {
 protected:
  Alerts() {
    for (auto* line : {&desk_, &phone_}) {
      const std::string name = line == &desk_ ? "desk" : "phone";
      kinds_.add(name, {{"a line", "here", {}},
                        [line](const ParameterMap&) { return std::make_unique<LineChannel>(*line); }});
    }
    settings_.channels = {{"desk", "desk", AlertLevel::kWarning, 0.0, true, {}},
                          {"phone", "phone", AlertLevel::kCritical, 15.0, true, {}}};
  }

  AlertRouter& router() {
    if (!router_) router_.emplace(settings_, kinds_, store_);
    return *router_;
  }

  /// As after a restart: nothing but the file is left.
  std::vector<KeptAlert> reread() { return AlertStore(folder_.path() / "alerts.sqlite").alerts(100); }

  static Alert failure(AlertLevel level = AlertLevel::kWarning) {
    return {level, "day/fetch", "fetch failed", "no answer", "operate daily"};
  }

  testing::TemporaryFolder folder_;
  AlertChannelRegistry kinds_{"kind of channel"};
  AlertSettings settings_;
  Line desk_, phone_;
  AlertStore store_{folder_.path() / "alerts.sqlite"};
  std::optional<AlertRouter> router_;
  Timestamp noon_ = at("2026-01-05T12:00:00Z");
};

TEST_F(Alerts, GoToTheChannelsOfTheirLevel) {
  router().raise({AlertLevel::kInfo, "a", "published", "", "x"}, noon_);
  EXPECT_EQ(router().deliver(noon_), 0);
  router().raise(failure(), noon_);
  EXPECT_EQ(router().deliver(noon_), 1);
  EXPECT_EQ(router().deliver(minutes_later(noon_, 60.0)), 0) << "told once";
  ASSERT_EQ(desk_.taken.size(), 1U);
  EXPECT_EQ(desk_.taken[0].alert.title, "fetch failed");
  EXPECT_TRUE(phone_.taken.empty());
  ASSERT_EQ(reread().size(), 2U) << "an alert for nobody is kept all the same";
}

TEST_F(Alerts, TheSameIsCountedAndToldAgainAfterATime) {
  for (const double minute : {0.0, 10.0, 59.0}) router().raise(failure(), minutes_later(noon_, minute));
  router().deliver(minutes_later(noon_, 59.0));
  ASSERT_EQ(desk_.taken.size(), 1U);
  EXPECT_EQ(reread().front().times, 3);
  router().raise(failure(), minutes_later(noon_, 60.0));
  router().deliver(minutes_later(noon_, 60.0));
  ASSERT_EQ(desk_.taken.size(), 2U);
  EXPECT_EQ(desk_.taken[1].untold, 2);
  EXPECT_NE(message_body(desk_.taken[1]).find("raised 2 more times"), std::string::npos);
}

TEST_F(Alerts, WhatIsGraverOrNewIsToldAtOnce) {
  router().raise(failure(), noon_);
  router().raise(failure(AlertLevel::kCritical), minutes_later(noon_, 1.0));
  router().raise(failure(), minutes_later(noon_, 2.0));
  Alert other = failure();
  other.key = "day/run";
  router().raise(other, minutes_later(noon_, 3.0));
  router().deliver(minutes_later(noon_, 3.0));
  ASSERT_EQ(desk_.taken.size(), 3U);
  router().settle("day/fetch", minutes_later(noon_, 4.0));
  router().raise(failure(), minutes_later(noon_, 5.0));
  router().deliver(minutes_later(noon_, 5.0));
  EXPECT_EQ(desk_.taken.size(), 4U) << "it was over, and is there again";
}

TEST_F(Alerts, WhatNobodyAcknowledgesIsEscalated) {
  router().raise(failure(AlertLevel::kCritical), noon_);
  router().deliver(minutes_later(noon_, 14.9));
  EXPECT_TRUE(phone_.taken.empty());
  router().deliver(minutes_later(noon_, 15.0));
  ASSERT_EQ(phone_.taken.size(), 1U);
  EXPECT_TRUE(phone_.taken[0].escalated);
  EXPECT_EQ(message_heading(phone_.taken[0]), "Nobody acknowledged: CRITICAL: fetch failed");
}

TEST_F(Alerts, WhatIsAcknowledgedOrOverIsNot) {
  router().raise(failure(AlertLevel::kCritical), noon_);
  store_.acknowledge(1, "ann", minutes_later(noon_, 5.0));
  EXPECT_EQ(store_.acknowledge(1, "ben", minutes_later(noon_, 6.0)).acknowledged_by, "ann");
  Alert other = failure(AlertLevel::kCritical);
  other.key = "day/run";
  router().raise(other, noon_);
  router().settle("day/run", minutes_later(noon_, 5.0));
  router().deliver(minutes_later(noon_, 20.0));
  EXPECT_TRUE(phone_.taken.empty());
  EXPECT_EQ(desk_.taken.size(), 2U) << "the desk is told in any case";
  EXPECT_TRUE(store_.alerts(10, true).empty());
  EXPECT_EQ(reread()[0].deliveries[1].state, DeliveryState::kDropped);
  EXPECT_NE(testing::message_of([&] { store_.acknowledge(7, "ann", noon_); }).find("no alert 7"),
            std::string::npos);
}

TEST_F(Alerts, QuietHoursHoldBackAllButWhatIsCritical) {
  settings_.quiet =
      QuietHours{*parse_time_of_day("22:00"), *parse_time_of_day("07:00"), find_time_zone("UTC")};
  const Timestamp night = at("2026-01-05T23:30:00Z");
  router().raise(failure(), night);
  router().deliver(minutes_later(night, 7.4 * 60));
  EXPECT_TRUE(desk_.taken.empty());
  router().deliver(at("2026-01-06T07:00:00Z"));
  ASSERT_EQ(desk_.taken.size(), 1U);
  EXPECT_EQ(desk_.taken[0].raised, night) << "when it was raised, not when it was sent";
  router().raise(failure(AlertLevel::kCritical), at("2026-01-06T23:00:00Z"));
  router().deliver(at("2026-01-06T23:00:00Z"));
  EXPECT_EQ(desk_.taken.size(), 2U);
}

TEST_F(Alerts, QuietHoursAreByTheZonesClocks) {
  const QuietHours quiet{*parse_time_of_day("22:00"), *parse_time_of_day("07:00"),
                         find_time_zone("Europe/Berlin")};
  // Berlin is two hours ahead in July, one in January: zoneinfo of Python says the same.
  EXPECT_EQ(after_quiet(quiet, at("2026-07-05T20:00:00Z")), at("2026-07-06T05:00:00Z"));
  EXPECT_EQ(after_quiet(quiet, at("2026-07-05T19:59:59Z")), at("2026-07-05T19:59:59Z"));
  EXPECT_EQ(after_quiet(quiet, at("2026-01-05T20:00:00Z")), at("2026-01-05T20:00:00Z"));
  EXPECT_EQ(after_quiet(quiet, at("2026-01-05T21:00:00Z")), at("2026-01-06T06:00:00Z"));
  EXPECT_EQ(after_quiet(quiet, at("2026-01-06T05:59:00Z")), at("2026-01-06T06:00:00Z"));
  // Clocks go forward in the night to 2026-03-29.
  EXPECT_EQ(after_quiet(quiet, at("2026-03-28T22:00:00Z")), at("2026-03-29T05:00:00Z"));
  const QuietHours tokyo{*parse_time_of_day("00:00"), *parse_time_of_day("06:00"),
                         find_time_zone("Asia/Tokyo")};
  EXPECT_EQ(after_quiet(tokyo, at("2026-01-05T15:00:00Z")), at("2026-01-05T21:00:00Z"));
  EXPECT_EQ(after_quiet(tokyo, at("2026-01-05T21:00:00Z")), at("2026-01-05T21:00:00Z"));
}

TEST_F(Alerts, AChannelThatFailsIsTriedAgainAndHoldsNobodyUp) {
  desk_.works = false;
  settings_.channels[1].after_minutes = 0.0;
  router().raise(failure(AlertLevel::kCritical), noon_);
  EXPECT_EQ(router().deliver(noon_), 1);
  EXPECT_EQ(phone_.taken.size(), 1U);
  std::vector<std::int64_t> tried;
  for (std::int64_t second = 1; second < 3600; ++second) {
    const int before = desk_.asked;
    router().deliver({noon_.nanoseconds + second * kNanosecondsPerSecond});
    if (desk_.asked > before) tried.push_back(second);
  }
  // 10 s, then doubled up to 900 s.
  EXPECT_EQ(tried, (std::vector<std::int64_t>{10, 30, 70, 150, 310, 630, 1270, 2170, 3070}));
  EXPECT_EQ(reread()[0].deliveries[0].problem, "line: nobody answers");
  desk_.works = true;
  router().deliver(minutes_later(noon_, 90.0));
  EXPECT_EQ(desk_.taken.size(), 1U);
  EXPECT_EQ(reread()[0].deliveries[0].state, DeliveryState::kSent);
  EXPECT_EQ(reread()[0].deliveries[0].problem, "");
}

TEST_F(Alerts, WhatNobodyTakesForADayIsLeft) {
  desk_.works = false;
  router().raise(failure(), noon_);
  for (double minute = 0.0; minute < 26 * 60.0; minute += 1.0) router().deliver(minutes_later(noon_, minute));
  EXPECT_EQ(reread()[0].deliveries[0].state, DeliveryState::kGivenUp);
  EXPECT_EQ(reread()[0].deliveries[0].problem, "line: nobody answers");
}

TEST_F(Alerts, AProcessThatIsKilledWhileItSendsLosesNothing) {
  router().raise(failure(), noon_);
  ASSERT_TRUE(store_.take_due(noon_)) << "and then it is killed";
  AlertStore again(folder_.path() / "alerts.sqlite");
  AlertRouter restarted(settings_, kinds_, again);
  EXPECT_EQ(restarted.deliver(minutes_later(noon_, 0.5)), 0) << "held for whoever took it";
  EXPECT_EQ(restarted.deliver(minutes_later(noon_, 1.0)), 1);
  EXPECT_EQ(restarted.deliver(minutes_later(noon_, 9.0)), 0);
}

TEST_F(Alerts, AChannelThatTheSettingsLostIsTold) {
  router().raise(failure(), noon_);
  AlertSettings fewer;
  AlertRouter without(fewer, kinds_, store_);
  EXPECT_EQ(without.deliver(noon_), 0);
  EXPECT_EQ(reread()[0].deliveries[0].state, DeliveryState::kGivenUp);
  EXPECT_NE(reread()[0].deliveries[0].problem.find("no such channel"), std::string::npos);
}

TEST_F(Alerts, SettingsAreReadWithTheirPlaces) {
  const ConfigNode root = parse_config(
      "alerts:\n  repeat_minutes: 5\n  quiet: {from: \"22:00\", to: 7, zone: Europe/Atlantis}\n"
      "  channels:\n    desk: {level: loud}\n    night: {kind: phone, level: critical, after_minutes: 10, "
      "quiet: false}\n"
      "    x: {kind: pigeon}\n",
      "day.yaml");
  ConfigProblems problems;
  AlertSettings settings;
  {
    ConfigReader reader(&root, "", problems);
    settings = read_alert_settings(reader.section("alerts"), kinds_, problems);
  }
  EXPECT_EQ(settings.repeat_minutes, 5.0);
  ASSERT_EQ(settings.channels.size(), 3U);
  EXPECT_EQ(settings.channels[0].kind, "desk") << "the name, where no kind is named";
  EXPECT_EQ(settings.channels[1].after_minutes, 10.0);
  EXPECT_FALSE(settings.channels[1].keeps_quiet);
  const std::string told = testing::message_of([&] { problems.throw_if_any(); });
  for (const char* part :
       {"day.yaml:3:", "alerts.quiet.to", "expected a time such as", "Europe/Atlantis",
        "day.yaml:5:", "alerts.channels.desk.level", "loud", "alerts.channels.x.kind", "pigeon"}) {
    EXPECT_NE(told.find(part), std::string::npos) << part << " in " << told;
  }
}

TEST(Shortened, CutsNoCharacter) {
  EXPECT_EQ(shortened("größer", 20), "größer");
  for (std::size_t most = 3; most < 8; ++most) {
    const std::string cut = shortened("größer", most);
    EXPECT_LE(cut.size(), most);
    EXPECT_EQ(cut.find("\xC3\xE2"), std::string::npos);
    if (most < 8) {
      EXPECT_TRUE(cut.ends_with("…")) << cut;
    }
  }
}

}  // namespace
}  // namespace orrery::alert_test
