#include "orrery/execution/audit_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/execution/pretrade_checks.h"
#include "testing/bookings.h"
#include "testing/checked_orders.h"

namespace orrery::audit_log_test {
namespace {

using testing::checked_order;
using testing::trade_for;

const std::vector<std::string> kSymbols = {"A", "B"};

class AuditLogFile : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    file_ = folder_ / "audit.jsonl";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::vector<nlohmann::json> records() const {
    std::vector<nlohmann::json> result;
    const std::string text = read_file(file_);
    ChainedLineReader reader(text);
    while (const auto line = reader.next()) result.push_back(nlohmann::json::parse(*line));
    EXPECT_FALSE(reader.fault());
    return result;
  }

  std::filesystem::path folder_, file_;
};

PretradeSettings small_orders() {
  PretradeSettings settings;
  settings.max_shares = 100.0;
  return settings;
}

TEST_F(AuditLogFile, HasEveryOrderWithItsVerdictAndEveryFill) {
  PretradeChecks checks(small_orders(), kSymbols);
  AuditLog log(local_disk(), file_, kSymbols);
  AuditedChecks audited(&checks, log);
  std::vector<OrderFinding> findings;
  const CheckedOrder good = checked_order(0, OrderSide::kBuy, 50);
  audited.judge(good, findings);
  EXPECT_TRUE(findings.empty());
  audited.sent(good);
  audited.booked(trade_for(make_date(2024, 3, 1), 50, 500));
  audited.judge(checked_order(1, OrderSide::kSell, 101), findings);
  EXPECT_EQ(findings.size(), 1u);
  const auto written = records();
  ASSERT_EQ(written.size(), 3u);
  EXPECT_EQ(written[0]["verdict"], "sent");
  EXPECT_EQ(written[0]["symbol"], "A");
  EXPECT_EQ(written[1]["kind"], "trade");
  EXPECT_EQ(written[1]["value_micros"], 500'000'000);
  EXPECT_EQ(written[2]["verdict"], "refused");
  EXPECT_EQ(written[2]["findings"][0]["rule"], "max_shares");
  EXPECT_EQ(written[2]["findings"][0]["figures"], "101 shares; at most 100");
  EXPECT_EQ(written[2]["n"], 3);
}

TEST_F(AuditLogFile, GoesOnWhereItStoppedAndKeepsTheChain) {
  std::string link;
  {
    AuditLog log(local_disk(), file_, kSymbols);
    log.write(trade_for(make_date(2024, 3, 1), 50, 500));
    link = log.mark().link;
  }
  AuditLog log(local_disk(), file_, kSymbols, {1, link});
  log.write(trade_for(make_date(2024, 3, 4), -50, 510));
  EXPECT_EQ(records().size(), 2u);
  EXPECT_FALSE(check_chained_file(file_, log.mark().link).fault);
}

TEST_F(AuditLogFile, ALogThatWasShortenedOrChangedIsNotTakenUp) {
  std::string link;
  {
    AuditLog log(local_disk(), file_, kSymbols);
    for (int i = 1; i <= 3; ++i) log.write(trade_for(make_date(2024, 3, i), i, 10));
    link = log.mark().link;
  }
  std::string text = read_file(file_);
  text.replace(text.find("buy"), 3, "xyz");
  write_file_atomically(file_, text);
  EXPECT_THROW(AuditLog(local_disk(), file_, kSymbols, {3, link}), Error);
  const auto found = check_chained_file(file_);
  ASSERT_TRUE(found.fault);
  EXPECT_EQ(found.fault->line, 1u);
}

TEST_F(AuditLogFile, WithoutChecksEveryOrderGoesAndIsWrittenDown) {
  AuditLog log(local_disk(), file_, kSymbols);
  AuditedChecks audited(nullptr, log);
  std::vector<OrderFinding> findings;
  audited.judge(checked_order(0, OrderSide::kBuy, 1e6), findings);
  EXPECT_TRUE(findings.empty());
  EXPECT_EQ(records().front()["verdict"], "sent");
}

TEST_F(AuditLogFile, TheStateIsThatOfTheChecks) {
  PretradeSettings settings;
  settings.rate = RateLimit{2, 60.0};
  PretradeChecks checks(settings, kSymbols);
  AuditLog log(local_disk(), file_, kSymbols);
  AuditedChecks audited(&checks, log);
  audited.sent(checked_order(0, OrderSide::kBuy, 1));
  PretradeChecks restored(settings, kSymbols);
  AuditedChecks(&restored, log).restore(audited.save());
  EXPECT_EQ(restored.save(), checks.save());
}

}  // namespace
}  // namespace orrery::audit_log_test
