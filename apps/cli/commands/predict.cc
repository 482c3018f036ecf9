#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "apps/cli/command_line.h"
#include "apps/cli/decimals.h"
#include "apps/cli/model_subject.h"
#include "apps/cli/moment_option.h"
#include "apps/cli/plural.h"
#include "orrery/app/predict_scores.h"
#include "orrery/base/error.h"
#include "orrery/data/csv.h"
#include "orrery/data/parquet.h"

namespace orrery::cli {
namespace {

struct PredictArguments {
  std::string model, data, from, to, out;
  std::string precision = std::string(to_string(ServingPrecision::kTrained));
  std::size_t top = 20;
  int threads = 0;
  bool json = false;
};

ServingPrecision precision_of(const std::string& text) {
  const auto found = std::find(kServingPrecisions.begin(), kServingPrecisions.end(), text);
  return static_cast<ServingPrecision>(found - kServingPrecisions.begin());
}

std::string interval_text(const Prediction& row) {
  if (!std::isfinite(row.lower) || !std::isfinite(row.upper)) return "–";
  return fmt::format("{} to {}", percent(row.lower), percent(row.upper));
}

std::string heading(const Predictions& predictions, const ModelSubject& subject) {
  const auto stage =
      subject.version ? fmt::format(" ({})", to_string(subject.version->stage)) : std::string();
  return fmt::format("{}{}, {}: trained on {} to {}\n", subject.title, stage, predictions.model,
                     to_string(predictions.trained_first), to_string(predictions.trained_last));
}

/// The last session's first names.
std::string scores_text(const Predictions& predictions, std::size_t top, std::size_t width) {
  const Date last = predictions.rows.back().date;
  TextTable table = {{"rank", "symbol", "score", "expected return",
                      fmt::format("{:.0f} % interval", 100.0 * predictions.coverage)}};
  std::size_t names = 0;
  for (const auto& row : predictions.rows) {
    if (row.date != last) continue;
    names += 1;
    if (top != 0 && row.rank > top) continue;
    table.push_back({std::to_string(row.rank), row.symbol, fmt::format("{:.6g}", row.score),
                     percent(row.expected), interval_text(row)});
  }
  const std::size_t shown = table.size() - 1;
  return fmt::format("after the close of {}, {}{}\n\n{}", to_string(last), plural(names, "name"),
                     shown < names ? fmt::format(", the first {}", shown) : "", format_table(table, width));
}

/// Where the scores are that the screen does not show.
std::string rest_text(const Predictions& predictions, const std::string& file) {
  if (!file.empty()) return fmt::format("\n{} scores   {}\n", predictions.rows.size(), file);
  const Date last = predictions.rows.back().date;
  const auto earlier =
      std::ranges::count_if(predictions.rows, [&](const auto& row) { return row.date < last; });
  if (earlier == 0) return "";
  return fmt::format("\n{} scores of earlier sessions: --out FILE or --json.\n", earlier);
}

std::string cost_text(const PrecisionCost& cost) {
  return fmt::format(
      "\n{} beside the numbers it was trained in: rank correlation {:.6f}, largest difference {:.3g} ({:.3g} "
      "deviations of the scores), {:.3f} s instead of {:.3f} s\n",
      to_string(cost.precision), cost.rank_correlation, cost.largest_difference,
      cost.largest_difference / cost.deviation, cost.seconds, cost.trained_seconds);
}

/// Said before anything is computed.
void require_table_file(const std::filesystem::path& file) {
  if (file.empty() || file.extension() == ".parquet" || file.extension() == ".csv") return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("--out: a .parquet or .csv file, found '{}'", file.string()));
}

void write_table(const Predictions& predictions, const std::filesystem::path& file) {
  const Table table = prediction_table(predictions);
  return file.extension() == ".csv" ? write_csv(table, file) : write_parquet(table, file);
}

void predict_command(CommandLine& line, const PredictArguments& arguments) {
  PredictOptions options;
  options.data = arguments.data;
  options.first = day_of("--from", arguments.from);
  options.last = day_of("--to", arguments.to);
  options.precision = precision_of(arguments.precision);
  options.threads = arguments.threads;
  require_table_file(arguments.out);
  const auto subject = find_model(arguments.model);
  const auto run = read_stored_run(subject.folder);
  auto predictions = predict_scores(run, line.plugins, options, line.terminal.progress());
  predictions.banner = banner_of(run, arguments.data);
  if (!arguments.out.empty()) write_table(predictions, arguments.out);
  if (arguments.json) {
    line.terminal.print(predictions_json(predictions));
    return;
  }
  std::string text = predictions.banner.empty() ? "" : predictions.banner + "\n\n";
  text += heading(predictions, subject) + scores_text(predictions, arguments.top, line.terminal.width());
  if (predictions.cost) text += cost_text(*predictions.cost);
  text += rest_text(predictions, arguments.out);
  line.terminal.print(text);
}

}  // namespace

void add_predict(CLI::App& app, CommandLine& line) {
  auto* command =
      add_command(app, "predict", "Score the last session, or more of them, by a model that is stored",
                  "orrery predict sp500-daily --data prices.parquet --out scores.parquet");
  auto arguments = std::make_shared<PredictArguments>();
  command
      ->add_option(
          "model", arguments->model,
          "A registered model, its live version if none is named, or a run's folder [the one that is live]")
      ->type_name("NAME[@VERSION]|RUN");
  command->add_option("--data", arguments->data, "Prices with newer sessions [the study's]")
      ->type_name("FILE|LAKE");
  command->add_option("--from", arguments->from, "The first session [the last one of the prices]")
      ->type_name("YYYY-MM-DD");
  command->add_option("--to", arguments->to, "The last session [the last one of the prices]")
      ->type_name("YYYY-MM-DD");
  command->add_option("--top", arguments->top, "How many names to show; 0: all [20]")->type_name("N");
  command
      ->add_option("--precision", arguments->precision,
                   "The numbers a network computes in; what they cost is told [trained]")
      ->check(CLI::IsMember(std::vector<std::string>(kServingPrecisions.begin(), kServingPrecisions.end())));
  command->add_option("--out", arguments->out, "Write all scores to this .parquet or .csv")
      ->type_name("FILE");
  add_threads_option(*command, arguments->threads);
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { predict_command(line, *arguments); }; });
}

}  // namespace orrery::cli
