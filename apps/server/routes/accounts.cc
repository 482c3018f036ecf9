#include <fmt/format.h>

#include <filesystem>

#include "apps/server/route_tools.h"
#include "apps/server/state/account_folders.h"
#include "orrery/app/account_folder.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/base/error.h"

namespace orrery::server::accounts_route {
namespace {

using Kind = ColumnInfo::Kind;

Json status_json(const std::filesystem::path& folder, const AccountStatus& status) {
  const BacktestResult& books = status.books;
  const bool begun = !books.daily.empty();
  Json waiting = Json::array();
  for (const AccountCommand& command : status.waiting) waiting.push_back(to_string(command.kind));
  Json events = Json::array();
  for (const RiskEvent& event : books.risk_events) {
    events.push_back({{"date", to_string(event.date)},
                      {"from", event.from},
                      {"to", event.to},
                      {"drawdown", number_json(event.drawdown)},
                      {"cause", event.cause}});
  }
  const double initial = books.initial_cash.units();
  return {{"account", folder.filename().string()},
          {"mode", mode_name(status.mode)},
          {"sessions", books.daily.size()},
          {"first_session", begun ? Json(to_string(books.daily.front().date)) : Json()},
          {"last_session", begun ? Json(to_string(books.daily.back().date)) : Json()},
          {"initial_cash", initial},
          {"equity", begun ? number_json(books.daily.back().equity.units()) : Json()},
          {"cash", begun ? number_json(books.daily.back().cash.units()) : Json()},
          {"gain", begun ? number_json(books.daily.back().equity.units() / initial - 1.0) : Json()},
          {"positions", begun ? books.daily.back().positions : 0},
          {"orders", status.orders},
          {"ladder",
           {{"there", status.has_ladder},
            {"level", status.risk_level},
            {"drawdown", number_json(status.risk_drawdown)},
            {"waits_for_person", status.waits_for_person}}},
          {"waiting", std::move(waiting)},
          {"risk_events", std::move(events)}};
}

Json status_schema() {
  const Json event = schema::object("A change of the ladder's level",
                                    {{"date", schema::date("After this session")},
                                     {"from", schema::count("The level before")},
                                     {"to", schema::count("The level since")},
                                     {"drawdown", schema::optional_number("From the mark, a share")},
                                     {"cause", schema::text("Why, with the figures")}});
  return schema::object(
      "An account",
      {{"account", schema::text("Its name")},
       {"mode",
        schema::word(
            "on: it trades; paused: it sends no orders; flattened: it closes everything and stays out",
            {"on", "paused", "flattened"})},
       {"sessions", schema::count("How many it has traded")},
       {"first_session", schema::or_null(schema::date("The first"))},
       {"last_session", schema::or_null(schema::date("The last"))},
       {"initial_cash", schema::number("What it began with")},
       {"equity", schema::optional_number("After the last session")},
       {"cash", schema::optional_number("Of that, in cash")},
       {"gain", schema::optional_number("Since the beginning, a share")},
       {"positions", schema::count("Names held")},
       {"orders", schema::count("Sent so far")},
       {"ladder",
        schema::object("The drawdown ladder, as docs/risk.md explains it",
                       {{"there", schema::flag("Whether the study has one")},
                        {"level", schema::count("0 to 4")},
                        {"drawdown", schema::optional_number("From the mark, a share")},
                        {"waits_for_person", schema::flag("It is stopped until somebody confirms")}})},
       {"waiting", schema::list("Words of people that it has not obeyed yet", schema::text("A word"))},
       {"risk_events", schema::list("Changes of the ladder's level", event)}});
}

Operation list_operation(const Services& services) {
  Operation operation = reading("/api/v1/accounts", "listAccounts", "Accounts", "Accounts that are traded");
  operation.slow = true;
  operation.answer = schema::object("Accounts", {{"items", schema::list("By name", status_schema())}});
  operation.run = [&services](const ApiRequest&) -> ApiAnswer {
    Json items = Json::array();
    for (const auto& folder : account_folders(services.data))
      items.push_back(status_json(folder, read_account(folder)));
    return {Json{{"items", std::move(items)}}};
  };
  return operation;
}

Operation get_operation(const Services& services) {
  Operation operation = reading("/api/v1/accounts/{account}", "getAccount", "Accounts",
                                "How an account stands, with its drawdown ladder");
  operation.slow = true;
  operation.parameters = {path_name("account", "The account's name")};
  operation.answer = status_schema();
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    const auto folder = account_named(services.data, request.text("account"));
    return {status_json(folder, read_account(folder))};
  };
  return operation;
}

/// Rows out of an account's books.
Operation books_operation(const Services& services, const std::string& what, const std::string& id,
                          const std::string& summary, Table (*table)(const BacktestResult&),
                          std::vector<ColumnInfo> columns) {
  Operation operation = reading("/api/v1/accounts/{account}/" + what, id, "Accounts", summary);
  operation.slow = true;
  operation.parameters = {path_name("account", "The account's name"), date_query("from", "First day"),
                          date_query("to", "Last day")};
  operation.columns = std::move(columns);
  operation.run = [&services, table](const ApiRequest& request) -> ApiAnswer {
    const auto folder = account_named(services.data, request.text("account"));
    return {RowsAnswer{Json::object(), rows_between(table(read_account(folder).books),
                                                    date_of(request, "from"), date_of(request, "to"))}};
  };
  return operation;
}

Operation command_operation(const Services& services, CommandKind kind, RoleSet roles,
                            const std::string& summary) {
  Operation operation =
      changing(Method::kPost, fmt::format("/api/v1/accounts/{{account}}/{}", to_string(kind)),
               fmt::format("{}Account", to_string(kind)), "Accounts", summary, roles);
  operation.description =
      "It is obeyed before the account's next session, whether or not a program trades it now.";
  operation.success = 202;
  operation.parameters = {path_name("account", "The account's name")};
  operation.answer = schema::object("The word that was left", {{"account", schema::text("The account")},
                                                               {"word", schema::text("What it was told")},
                                                               {"number", schema::count("Of the word")}});
  operation.run = [&services, kind](const ApiRequest& request) -> ApiAnswer {
    const auto folder = account_named(services.data, request.text("account"));
    audit_change(services, request, fmt::format("{} account", to_string(kind)),
                 {{"account", request.text("account")}});
    const AccountCommand command = leave_command(folder, kind);
    return {Json{{"account", request.text("account")}, {"word", to_string(kind)}, {"number", command.number}},
            202};
  };
  return operation;
}

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  api.add(list_operation(services));
  api.add(get_operation(services));
  api.add(books_operation(services, "positions", "listAccountPositions",
                          "What an account held after each session", positions_table,
                          {{"date", Kind::kDate, "Session"},
                           {"symbol", Kind::kText, "The name"},
                           {"quantity", Kind::kNumber, "Shares"},
                           {"price", Kind::kNumber, "Raw price of one"},
                           {"value", Kind::kNumber, "In the account's currency"}}));
  api.add(books_operation(services, "equity", "listAccountEquity", "An account, session by session",
                          equity_table,
                          {{"date", Kind::kDate, "Session"},
                           {"equity", Kind::kNumber, "After the close"},
                           {"cash", Kind::kNumber, "Of that, in cash"},
                           {"net_return", Kind::kNumber, "Of the session, after costs"},
                           {"long_exposure", Kind::kNumber, "A share of equity"},
                           {"short_exposure", Kind::kNumber, "A share of equity, not positive"},
                           {"positions", Kind::kWhole, "Names held"}}));
  api.add(command_operation(services, CommandKind::kPause, kTrading, "Send no more orders"));
  api.add(command_operation(services, CommandKind::kResume, kTrading,
                            "Trade again, after a pause or a flattening"));
  api.add(command_operation(services, CommandKind::kFlatten, kTrading, "Close everything, and stay out"));
  api.add(command_operation(services, CommandKind::kConfirm, kRisk,
                            "Let the drawdown ladder lead back into the market, after its stop"));
}

}  // namespace orrery::server::accounts_route
