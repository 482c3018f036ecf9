#include "orrery/app/route_file.h"

#include <gtest/gtest.h>

#include "orrery/base/files.h"
#include "testing/error_message.h"
#include "testing/paper_accounts.h"
#include "testing/temporary_folder.h"

namespace orrery::route_file_test {
namespace {

RouteTerms read(const std::string& yaml) {
  const testing::TemporaryFolder folder;
  write_file_atomically(folder.path() / "routes.yaml", yaml);
  return read_routes(folder.path() / "routes.yaml", testing::brokers());
}

std::string problem_of(const std::string& yaml) {
  return testing::message_of([&] { read(yaml); });
}

const std::string kRoutes = R"(venues:
  - {name: near, broker: paper, cash: 0.5, commission_bps: 2, min_cost: 1}
  - {name: far, broker: paper, cash: 0.5, commission_bps: 5, types: [limit], shorts: false}
health: {failures: 4, pause_seconds: 5}
)";

TEST(RouteFile, SaysWhatEachVenueChargesAndTakes) {
  const RouteTerms routes = read(kRoutes);
  ASSERT_EQ(routes.venues.size(), 2u);
  EXPECT_EQ(routes.venues[0].name, "near");
  EXPECT_EQ(routes.venues[0].commission_bps, 2.0);
  EXPECT_EQ(routes.venues[0].min_cost, 1.0);
  EXPECT_EQ(routes.venues[1].types, std::vector{OrderType::kLimit});
  EXPECT_FALSE(routes.venues[1].shorts);
  EXPECT_EQ(routes.health.failures, 4);
  EXPECT_EQ(routes.health.pause_seconds, 5.0);
  EXPECT_EQ(routes.health.patience_seconds, 10.0);
}

TEST(RouteFile, EveryMistakeIsNamedWithItsLine) {
  const std::string said = problem_of(R"(venues:
  - {name: near, broker: papre, cash: -1, commission_bps: 2}
  - {name: near, broker: routed, comission_bps: 5}
  - {name: "a/b", broker: paper, commission_bps: x, types: [stopp]}
  - 7
)");
  for (const char* part :
       {"routes.yaml:2:26: venues[0].broker: must be one of paper, found 'papre'", "did you mean 'paper'",
        "venues[0].cash: must be at least 0, found -1", "venues[1].name: must be another one for each venue",
        "venues[1].broker: must be one of paper, found 'routed'", "venues[1].comission_bps: unknown key",
        "venues[1].commission_bps: must say what the venue charges",
        "venues[2].name: must be of a-z, 0-9 and _, found 'a/b'",
        "venues[2].commission_bps: must be a number, found 'x'",
        "venues[2].types: must be of market_on_close",
        "venues[3]: must be a mapping of keys to values, found '7'"}) {
    EXPECT_NE(said.find(part), std::string::npos) << part << "\nin:\n" << said;
  }
  EXPECT_NE(problem_of("venues: []").find("at least one venue"), std::string::npos);
  EXPECT_NE(problem_of("health: {failures: 0}").find("health.failures: must be at least 1"),
            std::string::npos);
  EXPECT_NE(problem_of("venues: [{name: a, broker: paper, cash: 0, commission_bps: 1}]").find("above 0"),
            std::string::npos);
}

TEST(RouteFile, AnAccountRemembersWhatDecides) {
  RouteTerms routes = read(kRoutes);
  const StudySettings before = deciding_settings(routes);
  routes.venues[1].commission_bps = 4.5;
  EXPECT_EQ(changed_settings(before, deciding_settings(routes)),
            std::vector<std::string>{"routes.far.commission_bps was 5 and is 4.5"});
  routes = read(kRoutes);
  routes.health.failures = 9;
  EXPECT_EQ(deciding_settings(routes), before) << "patience is no term";
}

}  // namespace
}  // namespace orrery::route_file_test
