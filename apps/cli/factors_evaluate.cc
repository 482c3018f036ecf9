#include "apps/cli/factors_evaluate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "apps/cli/decimals.h"
#include "apps/cli/factor_request.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/moment_option.h"
#include "orrery/app/evaluate_factor_set.h"
#include "orrery/app/factor_folder.h"
#include "orrery/app/factor_json.h"
#include "orrery/base/error.h"
#include "orrery/factor/factor_library.h"
#include "plugins/providers/simulated.h"

namespace orrery::cli {
namespace {

constexpr std::size_t kShownFactors = 15;

struct FactorArguments {
  FactorRequest factors;
  std::vector<std::string> names;  ///< set:factor
  PriceRequest prices;
  FactorEvaluationSpec spec;
  std::string in;
  std::string out;
  std::string from;
  std::string to;
  std::string sample = "each";
  int threads = 0;
  bool json = false;
};

/// `alpha158`, or `alpha158 and 2 more` where several things are judged together.
std::string title_of(const FactorArguments& arguments) {
  std::vector<std::string> parts;
  for (const auto& set : arguments.factors.sets) parts.push_back(std::filesystem::path(set).stem().string());
  const std::size_t single = arguments.names.size() + arguments.factors.expressions.size();
  if (single > 0)
    parts.push_back(
        fmt::format("{} {}factor{}", single, parts.empty() ? "" : "more ", single == 1 ? "" : "s"));
  return fmt::format("{}", fmt::join(parts, ", "));
}

FactorJob job_of(const FactorArguments& arguments) {
  FactorJob job;
  job.title = title_of(arguments);
  if (arguments.names.empty() || !arguments.factors.sets.empty() || !arguments.factors.expressions.empty()) {
    job.definitions = arguments.factors.definitions();
    job.notes = arguments.factors.notes();
  }
  for (const auto& name : arguments.names) job.definitions.push_back(find_factor(name));
  job.prices = arguments.prices.of_file(arguments.in, arguments.threads);
  job.precision = arguments.factors.parsed_precision();
  job.spec = arguments.spec;
  job.spec.common_sample = arguments.sample == "common";
  job.first = day_of("--from", arguments.from);
  job.last = day_of("--to", arguments.to);
  job.threads = arguments.threads;
  job.banner = plugins::providers::simulation_banner_of(arguments.in);
  return job;
}

TextTable ranking_table(const FactorReport& report) {
  const auto sessions = report.evaluation.spec.primary;
  TextTable table = {
      {"factor", "rank IC", "t", "q", "ICIR", "long-short, bp", "even at, bp", "half-life", "resembles"}};
  const auto& order = report.ranking.order;
  for (std::size_t k = 0; k < std::min(kShownFactors, order.size()); ++k) {
    const auto f = order[k];
    const auto& factor = report.evaluation.factors[f];
    const auto& at = factor.horizons[report.evaluation.primary()];
    const auto& resembled = report.ranking.resembles[f];
    const double half_life = factor.decay.half_life;
    table.push_back({factor.name, decimals(at.rank_ic.mean, 4), decimals(report.ranking.t[f], 2),
                     decimals(report.ranking.q_values[f], 3), decimals(at.rank_ic.icir, 3),
                     decimals(at.long_short.gross.mean * 1e4 / sessions, 2),
                     decimals(at.long_short.break_even_bps, 1),
                     std::isinf(half_life) ? "long" : decimals(half_life, 1),
                     resembled ? report.evaluation.factors[resembled->factor].name : ""});
  }
  return table;
}

std::string summary_text(const JudgedFactors& judged, const std::filesystem::path& folder,
                         std::size_t width) {
  const auto& report = judged.report;
  const auto& evaluation = report.evaluation;
  std::string text = report.banner.empty() ? "" : report.banner + "\n\n";
  text += fmt::format("{}: {} factors on {} names, {} to {}, by the return over {} session{}\n\n",
                      report.title, evaluation.factors.size(), report.instruments,
                      to_string(evaluation.dates.front()), to_string(evaluation.dates.back()),
                      evaluation.spec.primary, evaluation.spec.primary == 1 ? "" : "s");
  text += format_table(ranking_table(report), width);
  if (evaluation.factors.size() > kShownFactors) {
    text += fmt::format("… and {} more in the report\n", evaluation.factors.size() - kShownFactors);
  }
  text += "\n" + chance_sentence(report.ranking) + "\n";
  text += fmt::format("{} are left when of two that correlate by more than {} only the better stays.\n",
                      report.ranking.distinct.size(), evaluation.spec.max_correlation);
  text += fmt::format("\nreport   {}\nresults  {}\n", (folder / "report.html").string(), folder.string());
  if (judged.verdict) {
    text += fmt::format("\nThe best, {}, as highest less lowest group every day before costs:\n",
                        evaluation.factors[report.ranking.order.front()].name) +
            verdict_text(*judged.verdict);
  }
  return text;
}

void evaluate_factors_command(CommandLine& line, const FactorArguments& arguments) {
  FactorJob job = job_of(arguments);
  const std::filesystem::path folder =
      arguments.out.empty() ? std::filesystem::path("out") / "factors" : std::filesystem::path(arguments.out);
  check_factor_folder(folder);
  watch_interrupts();
  job.cancelled = interrupted;
  const JudgedFactors judged = judge_factors(job, default_trial_ledger(), line.terminal.progress());
  write_factor_folder(job, judged, folder);
  line.terminal.print(arguments.json ? factor_summary_json(judged, folder)
                                     : summary_text(judged, folder, line.terminal.width()));
}

void add_spec_options(CLI::App& command, FactorArguments& arguments) {
  auto& spec = arguments.spec;
  command
      .add_option("--horizons", spec.horizons, "Sessions that forward returns span; 1 is always among them")
      ->delimiter(',')
      ->capture_default_str()
      ->type_name("N,N,…");
  command.add_option("--rank-by", spec.primary, "The horizon by which factors are ranked and tested")
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--delay", spec.delay,
                  "Sessions from the factor's day to the entry; 0: at the same close, as alphalens does")
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--quantiles", spec.quantiles, "Groups a day")->capture_default_str()->type_name("N");
  command.add_option("--min-names", spec.minimum_names, "Days with fewer names are left out")
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--decay", spec.decay_sessions,
                  "Sessions behind the entry whose single returns are looked at")
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--cost-bps", spec.cost_bps, "Cost a side of the long-short groups, basis points")
      ->capture_default_str()
      ->type_name("BPS");
  command
      .add_option(
          "--max-correlation", spec.max_correlation,
          "Of two factors with a larger correlation in size, the list without doubles keeps the better")
      ->capture_default_str()
      ->type_name("C");
  command
      .add_option("--sample", arguments.sample,
                  "each: every horizon takes the names it has; common: only names with the returns of all "
                  "horizons, as alphalens does")
      ->capture_default_str()
      ->check(CLI::IsMember({"each", "common"}))
      ->type_name("HOW");
}

}  // namespace

void add_factors_evaluate(CLI::App& factors, CommandLine& line) {
  auto* command = add_command(
      factors, "evaluate",
      "Judge factors by what followed them: IC and rank IC by horizon, decay, groups, turnover, costs, "
      "doubles,\n"
      "and what chance makes of so many. Every factor is written down as a trial.",
      "orrery factors evaluate --set alpha158 --in ohlcv.parquet --sectors sectors.csv --out out/alpha158");
  auto arguments = std::make_shared<FactorArguments>();
  add_factor_options(*command, arguments->factors);
  command->add_option("--factor", arguments->names, "A factor of a set, such as alpha158:MA5; repeatable")
      ->type_name("SET:NAME")
      ->allow_extra_args(false);
  command->add_option("--in", arguments->in, "Prices: .parquet, .csv or .csv.gz")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--out", arguments->out,
                   "Folder of the results; an earlier evaluation there is replaced [out/factors]")
      ->type_name("DIR");
  add_price_options(*command, arguments->prices);
  add_spec_options(*command, *arguments);
  command->add_option("--from", arguments->from, "First day whose factors are judged; all before is warm-up")
      ->type_name("DATE");
  command->add_option("--to", arguments->to, "Last day whose factors are judged")->type_name("DATE");
  add_threads_option(*command, arguments->threads);
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  command->callback([&line, arguments] {
    line.action = [&line, arguments] { evaluate_factors_command(line, *arguments); };
  });
}

}  // namespace orrery::cli
