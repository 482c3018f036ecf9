#include <filesystem>

#include "apps/server/route_tools.h"
#include "orrery/app/run_index.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/parquet.h"

namespace orrery::server::runs_route {
namespace {

using Kind = ColumnInfo::Kind;

Json run_members() {
  Json members = run_about_members();
  members["tags"] = schema::list("As they were given", schema::text("A tag"));
  members["data_fingerprint"] = schema::text("Of the data it read");
  members["test_first"] = schema::date("First tested session");
  members["test_last"] = schema::date("Last tested session");
  members["metrics"] = schema::by_name("Numbers by name, as docs/metrics.md explains them",
                                       schema::optional_number("A metric"));
  return members;
}

Json run_json(const CatalogueRun& run) {
  Json json = run_about(run);
  json["tags"] = run.tags();
  json["data_fingerprint"] = run.stored().key.data_fingerprint;
  json["test_first"] = to_string(run.stored().key.test_first);
  json["test_last"] = to_string(run.stored().key.test_last);
  Json metrics = Json::object();
  for (const auto& [name, value] : run.stored().metrics) metrics[name] = number_json(value);
  json["metrics"] = std::move(metrics);
  return json;
}

Operation list_operation(const Services& services) {
  Operation operation = reading("/api/v1/runs", "listRuns", "Runs", "All runs, the last finished first");
  operation.kept = true;
  operation.columns = {{"run", Kind::kText, "Its name"},
                       {"study", Kind::kText, "The name in its study"},
                       {"banner", Kind::kText, "What marks simulated data; empty for real data"},
                       {"finished", Kind::kText, "When it ended, UTC"},
                       {"tags", Kind::kTexts, "As they were given"},
                       {"test_first", Kind::kDate, "First tested session"},
                       {"test_last", Kind::kDate, "Last tested session"},
                       {"rank_ic_mean", Kind::kNumber, "Mean rank information coefficient"},
                       {"rank_ic_t", Kind::kNumber, "Its Newey-West t"},
                       {"annual_return", Kind::kNumber, "After costs, a share a year"},
                       {"sharpe", Kind::kNumber, "After costs, annualised"},
                       {"max_drawdown", Kind::kNumber, "Largest fall from a peak, a share"},
                       {"preferred", Kind::kText, "'yes' for the one that is recommended from"}};
  operation.run = [&services](const ApiRequest&) -> ApiAnswer {
    std::vector<std::string> names, studies, banners, finished, tags, preferred;
    std::vector<Date> first, last;
    std::vector<double> ic, ic_t, annual, sharpe, drawdown;
    const auto live = services.runs.preferred();
    for (const auto& run : services.runs.runs()) {
      const StoredRun& stored = run->stored();
      names.push_back(run->name());
      studies.push_back(stored.name);
      banners.push_back(stored.banner);
      finished.push_back(stored.finished);
      std::string lines;
      for (const std::string& tag : run->tags()) lines += (lines.empty() ? "" : "\n") + tag;
      tags.push_back(std::move(lines));
      first.push_back(stored.key.test_first);
      last.push_back(stored.key.test_last);
      ic.push_back(stored.metric("rank_ic_mean"));
      ic_t.push_back(stored.metric("rank_ic_t"));
      annual.push_back(stored.metric("annual_return"));
      sharpe.push_back(stored.metric("sharpe"));
      drawdown.push_back(stored.metric("max_drawdown"));
      preferred.push_back(live && live->name() == run->name() ? "yes" : "no");
    }
    return {RowsAnswer{Json::object(),
                       {{{"run", std::move(names)},
                         {"study", std::move(studies)},
                         {"banner", std::move(banners)},
                         {"finished", std::move(finished)},
                         {"tags", std::move(tags)},
                         {"test_first", std::move(first)},
                         {"test_last", std::move(last)},
                         {"rank_ic_mean", std::move(ic)},
                         {"rank_ic_t", std::move(ic_t)},
                         {"annual_return", std::move(annual)},
                         {"sharpe", std::move(sharpe)},
                         {"max_drawdown", std::move(drawdown)},
                         {"preferred", std::move(preferred)}}}}};
  };
  return operation;
}

Operation run_operation(const Services& services) {
  Operation operation = reading("/api/v1/runs/{run}", "getRun", "Runs", "One run with all its metrics");
  operation.kept = true;
  operation.parameters = {path_name("run", "The run's name")};
  operation.answer = schema::object("A run", run_members());
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    return {run_json(*run_of(services, request))};
  };
  return operation;
}

Operation study_operation(const Services& services) {
  Operation operation =
      reading("/api/v1/runs/{run}/study", "getRunStudy", "Runs", "The study as it was run, in YAML");
  operation.parameters = {path_name("run", "The run's name")};
  operation.media = "application/yaml";
  operation.answer = {{"type", "object"}, {"description", "A study, as docs/study.md explains it"}};
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    return {BytesAnswer{"application/yaml",
                        std::make_shared<const std::string>(run_of(services, request)->stored().study_yaml)}};
  };
  return operation;
}

Operation report_operation(const Services& services) {
  Operation operation = reading("/api/v1/runs/{run}/report", "getRunReport", "Runs",
                                "The run's report, a page that needs nothing else");
  operation.slow = true;
  operation.parameters = {path_name("run", "The run's name")};
  operation.media = "text/html; charset=utf-8";
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    const auto file = run_of(services, request)->stored().folder / "report.html";
    ApiAnswer answer{
        BytesAnswer{"text/html; charset=utf-8", std::make_shared<const std::string>(read_file(file))}};
    // The page carries its own script and styles, and may reach nothing.
    answer.headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
        "font-src data:; sandbox allow-scripts");
    return answer;
  };
  return operation;
}

Operation tag_operation(const Services& services) {
  Operation operation =
      changing(Method::kPost, "/api/v1/runs/{run}/tags", "tagRun", "Runs",
               "Give a run tags; 'live' makes it the one that is recommended from", kResearch);
  operation.parameters = {path_name("run", "The run's name")};
  Json tags = schema::list("Tags to add", schema::shaped(schema::text("A tag, without commas"), "^[^,]+$"));
  tags["maxItems"] = 32;
  operation.body = schema::object("Tags", {{"tags", tags}});
  operation.answer =
      schema::object("All its tags", {{"tags", schema::list("As they were given", schema::text("A tag"))}});
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    const auto run = run_of(services, request);
    audit_change(services, request, "tag run", {{"run", run->name()}, {"tags", request.body["tags"]}});
    const auto tags_now = tag_run(run->stored().folder, request.body["tags"].get<std::vector<std::string>>());
    services.runs.rescan();
    return {Json{{"tags", tags_now}}};
  };
  return operation;
}

/// Rows of one of the run's Parquet files, the columns as they are.
Operation table_operation(const Services& services, const std::string& path, const std::string& id,
                          const std::string& file, const std::string& summary,
                          std::vector<ColumnInfo> columns) {
  Operation operation = reading(path, id, "Runs", summary);
  operation.kept = true;
  operation.slow = true;
  if (path.find("{run}") != std::string::npos) {
    operation.parameters = {path_name("run", "The run's name")};
  } else {
    operation.parameters = {run_query()};
  }
  operation.parameters.push_back(date_query("from", "First day"));
  operation.parameters.push_back(date_query("to", "Last day"));
  operation.about = schema::object("The run", run_about_members());
  operation.columns = std::move(columns);
  operation.run = [&services, file, wanted = operation.columns](const ApiRequest& request) -> ApiAnswer {
    const auto run = run_of(services, request);
    std::vector<std::string> names;
    for (const ColumnInfo& column : wanted) names.push_back(column.name);
    return {RowsAnswer{run_about(*run), rows_between(read_parquet(run->stored().folder / file, names),
                                                     date_of(request, "from"), date_of(request, "to"))}};
  };
  return operation;
}

Operation quarantine_operation(const Services& services) {
  Operation operation = reading("/api/v1/runs/{run}/quarantine", "listQuarantine", "Runs",
                                "Rows of a run's prices that were left out or changed, and why");
  operation.kept = true;
  operation.slow = true;
  operation.parameters = {path_name("run", "The run's name")};
  operation.about = schema::object("The run", run_about_members());
  operation.columns = {{"line", Kind::kWhole, "Of the file"},
                       {"date", Kind::kText, "As it stood there"},
                       {"symbol", Kind::kText, "As it stood there"},
                       {"reason", Kind::kText, "What is wrong"},
                       {"column", Kind::kText, "Where"},
                       {"found", Kind::kText, "What stood there"},
                       {"action", Kind::kText, "What was done"}};
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    const auto run = run_of(services, request);
    return {RowsAnswer{run_about(*run), read_parquet(run->stored().folder / "quarantine.parquet")}};
  };
  return operation;
}

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  api.add(list_operation(services));
  api.add(run_operation(services));
  api.add(study_operation(services));
  api.add(report_operation(services));
  api.add(tag_operation(services));
  const std::vector<ColumnInfo> equity = {
      {"date", Kind::kDate, "Session"},
      {"equity", Kind::kNumber, "After the close, in the account's currency"},
      {"cash", Kind::kNumber, "Of that, in cash"},
      {"net_return", Kind::kNumber, "Of the session, after costs; a share"},
      {"gross_return", Kind::kNumber, "Before costs"},
      {"commission", Kind::kNumber, "Paid"},
      {"slippage", Kind::kNumber, "Lost"},
      {"turnover_one_way", Kind::kNumber, "Half of what was bought and sold, a share of equity"},
      {"long_exposure", Kind::kNumber, "A share of equity"},
      {"short_exposure", Kind::kNumber, "A share of equity, not positive"},
      {"positions", Kind::kWhole, "Names held"}};
  api.add(table_operation(services, "/api/v1/performance", "listPerformance", "equity.parquet",
                          "The account of a run, session by session", equity));
  api.add(table_operation(services, "/api/v1/runs/{run}/trades", "listRunTrades", "trades.parquet",
                          "Every booking of a run: deposits, trades, dividends, splits, delistings",
                          {{"date", Kind::kDate, "Session"},
                           {"kind", Kind::kText, "What was booked"},
                           {"symbol", Kind::kText, "The name"},
                           {"side", Kind::kText, "buy or sell"},
                           {"quantity", Kind::kNumber, "Shares"},
                           {"price", Kind::kNumber, "Raw price of one"},
                           {"value", Kind::kNumber, "In the account's currency"},
                           {"commission", Kind::kNumber, "Paid"},
                           {"slippage", Kind::kNumber, "Lost"},
                           {"realised", Kind::kNumber, "Gain that the booking made certain"},
                           {"reason", Kind::kText, "Why"}}));
  api.add(table_operation(services, "/api/v1/runs/{run}/positions", "listRunPositions", "positions.parquet",
                          "What a run held after each session",
                          {{"date", Kind::kDate, "Session"},
                           {"symbol", Kind::kText, "The name"},
                           {"quantity", Kind::kNumber, "Shares"},
                           {"price", Kind::kNumber, "Raw price of one"},
                           {"value", Kind::kNumber, "In the account's currency"}}));
  api.add(quarantine_operation(services));
  api.add(table_operation(services, "/api/v1/runs/{run}/ic", "listRunIc", "daily_ic.parquet",
                          "The information coefficients of a run, session by session",
                          {{"date", Kind::kDate, "Session of the score"},
                           {"ic", Kind::kNumber, "Pearson's, of score and outcome"},
                           {"rank_ic", Kind::kNumber, "Spearman's"},
                           {"pairs", Kind::kWhole, "Names that had both"}}));
}

}  // namespace orrery::server::runs_route
