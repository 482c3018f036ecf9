#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "apps/server/api/problem.h"
#include "apps/server/api/route_table.h"
#include "apps/server/api/row_page.h"
#include "apps/server/api/schema.h"

namespace orrery::server::api_test {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> faults(const Json& schema, const char* value) {
  std::vector<FieldProblem> problems;
  check_value(schema, Json::parse(value), "body", problems);
  std::vector<std::string> places;
  for (const FieldProblem& problem : problems) places.push_back(problem.where);
  return places;
}

TEST(Schema, FindsEveryFaultWithItsPlace) {
  const Json schema =
      schema::object("a thing",
                     {{"name", schema::text("its name", 3)},
                      {"size", schema::whole("its size", 1, 5)},
                      {"days", schema::list("its days", schema::date("a day"))},
                      {"kind", schema::or_null(schema::word("its kind", {"a", "b"}))},
                      {"figures", schema::by_name("by name", schema::optional_number("a figure"))}},
                     {"kind", "figures"});
  using Places = std::vector<std::string>;
  EXPECT_EQ(faults(schema, R"({"name": "äöü", "size": 5, "days": ["2024-02-29"], "kind": null})"), Places());
  EXPECT_EQ(faults(schema,
                   R"({"name": "äöüx", "size": 6, "days": ["2023-02-29", "2024-02-29T00:00"], "kind": "c"})"),
            (Places{"body/name", "body/size", "body/days/0", "body/days/1", "body/kind"}));
  EXPECT_EQ(
      faults(schema, R"({"name": 1, "size": 1.5, "days": {}, "figures": {"x": null, "y": "z"}, "more": 1})"),
      (Places{"body/name", "body/size", "body/days", "body/figures/y", "body/more"}));
  EXPECT_EQ(faults(schema, R"({})"), (Places{"body/name", "body/size", "body/days"}));
  EXPECT_EQ(faults(schema, R"([])"), Places{"body"});
  // JSON Schema 2020-12, validation, 6.1.1: any number with a zero fractional part is an integer.
  const Json whole = schema::whole("n", 0, 5);
  for (const char* good : {"5", "5.0", "50e-1", "-0.0"}) EXPECT_EQ(faults(whole, good), Places()) << good;
  for (const char* bad : {"4.5", "6.0", "1e300", "true"})
    EXPECT_EQ(faults(whole, bad), Places{"body"}) << bad;
}

TEST(Schema, ReadsParametersAsTheirType) {
  std::vector<FieldProblem> problems;
  EXPECT_EQ(value_of_text(schema::whole("n", -5, 5), "-3", "n", problems), Json(-3));
  EXPECT_EQ(value_of_text(schema::number("x"), "1e-3", "x", problems), Json(1e-3));
  EXPECT_EQ(value_of_text(schema::flag("f"), "true", "f", problems), Json(true));
  EXPECT_EQ(value_of_text(schema::text("t"), "12", "t", problems), Json("12"));
  EXPECT_TRUE(problems.empty());
  for (const char* wrong : {"", "3x", "0x3", " 3", "+3", "6", "99999999999999999999"}) {
    value_of_text(schema::whole("n", -5, 5), wrong, "n", problems);
  }
  for (const char* wrong : {"nan", "1,5", "--1"}) value_of_text(schema::number("x"), wrong, "x", problems);
  EXPECT_EQ(problems.size(), 10U);
}

TEST(Routes, TheMoreLiteralOneIsTaken) {
  RouteTable routes;
  const auto add = [&](Method method, const std::string& path, const std::string& id) {
    Operation operation;
    operation.method = method;
    operation.path = path;
    operation.id = id;
    routes.add(operation);
  };
  add(Method::kGet, "/runs/{run}", "getRun");
  add(Method::kGet, "/runs/best", "getBest");
  add(Method::kPost, "/runs/{run}", "changeRun");
  EXPECT_EQ(routes.find(Method::kGet, "/runs/best").operation->id, "getBest");
  const auto match = routes.find(Method::kGet, "/runs/a%2Fb");
  EXPECT_EQ(match.operation->id, "getRun");
  EXPECT_EQ(match.values.front(), std::make_pair(std::string("run"), std::string("a/b")));
  EXPECT_EQ(routes.find(Method::kDelete, "/runs/x").allowed, "GET, POST");
  for (const char* none : {"/runs", "/runs/", "/runs/x/y", "/", "", "/runs/%zz", "*"}) {
    EXPECT_EQ(routes.find(Method::kGet, none).operation, nullptr) << none;
  }
  EXPECT_THROW(add(Method::kGet, "/other", "getRun"), std::exception);
}

TEST(Query, IsDecodedOrRefused) {
  const auto found = query_parameters("a=1&b=x%20y+z&&c&d==");
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (NamedTexts{{"a", "1"}, {"b", "x y z"}, {"c", ""}, {"d", "="}}));
  EXPECT_FALSE(query_parameters("a=%"));
  EXPECT_FALSE(query_parameters("a=%1"));
  EXPECT_FALSE(query_parameters("a=%g1"));
}

class Pages : public ::testing::Test {
 protected:
  Pages() {
    operation_.columns = {{"name", ColumnInfo::Kind::kText, "n"},
                          {"weight", ColumnInfo::Kind::kNumber, "w"},
                          {"why", ColumnInfo::Kind::kTexts, "y"}};
    http_.target = "/rows";
  }
  RowPage page(const Json& parameters) {
    Table rows{{{"name", std::vector<std::string>{"a", "b", "c", "d"}},
                {"weight", std::vector<double>{2.0, kMissing, 3.0, 2.0}},
                {"why", std::vector<std::string>{"", "one", "one\ntwo", "x"}}}};
    const Identity nobody;
    const Json none;
    return page_of(operation_, std::move(rows), ApiRequest{http_, nobody, parameters, none});
  }
  static std::string names(const RowPage& page) {
    std::string all;
    for (const auto& name : std::get<std::vector<std::string>>(page.rows.columns.front().values)) all += name;
    return all;
  }

  Operation operation_;
  HttpRequest http_;
};

TEST_F(Pages, MissingValuesComeLastEitherWay) {
  EXPECT_EQ(names(page({{"sort", "weight"}})), "adcb");
  EXPECT_EQ(names(page({{"sort", "-weight,-name"}})), "cdab");
  EXPECT_THROW(page({{"sort", "size"}}), ApiProblem);
}

TEST_F(Pages, GoOnWhereTheLastEnded) {
  const RowPage first = page({{"limit", 3}});
  EXPECT_EQ(names(first), "abc");
  const RowPage second = page({{"limit", 3}, {"cursor", first.next}});
  EXPECT_EQ(names(second), "d");
  EXPECT_EQ(second.next, "");
  EXPECT_THROW(page({{"limit", 3}, {"cursor", first.next}, {"sort", "name"}}), ApiProblem);
  EXPECT_THROW(page({{"cursor", "x"}}), ApiProblem);
}

TEST_F(Pages, AreWrittenWithNullsAndLists) {
  EXPECT_EQ(
      page_json(page({{"limit", 3}, {"fields", "weight,why"}}), Json::object()).substr(0, 94),
      R"({"items":[{"weight":2.0,"why":[]},{"weight":null,"why":["one"]},{"weight":3.0,"why":["one","tw)");
}

}  // namespace
}  // namespace orrery::server::api_test
