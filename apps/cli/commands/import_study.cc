#include <fmt/format.h>

#include "apps/cli/command_line.h"
#include "orrery/app/import_qlib_workflow.h"
#include "orrery/app/study.h"
#include "orrery/base/files.h"

namespace orrery::cli {
namespace {

struct ImportStudyArguments {
  std::string workflow;
  std::string prices = "prices.parquet";
  std::string out = "study.yaml";
};

/// What is left to do: the price file, unless it is there, and the run.
std::string next_steps(const ImportedWorkflow& imported, const ImportStudyArguments& arguments) {
  std::string text;
  const auto prices = std::filesystem::absolute(arguments.out).parent_path() / arguments.prices;
  if (!std::filesystem::exists(prices)) {
    text += fmt::format("next     orrery import qlib {}{} --out {}\n",
                        imported.store.empty() ? "DIR" : imported.store,
                        imported.market == "all" ? "" : " --market " + imported.market,
                        prices.lexically_proximate(std::filesystem::current_path()).string());
  }
  return text + fmt::format("{}orrery run {}\n", text.empty() ? "next     " : "         ", arguments.out);
}

void import_study_command(CommandLine& line, const ImportStudyArguments& arguments) {
  const auto name = std::filesystem::path(arguments.workflow).stem().string();
  const auto imported = import_qlib_workflow(read_file(arguments.workflow), arguments.workflow, name,
                                             arguments.prices, line.plugins);
  for (const auto& warning : imported.warnings)
    line.terminal.print(fmt::format("not carried over: {}\n", warning));
  write_file_atomically(arguments.out, imported.study_yaml);
  line.terminal.print(fmt::format("study    {}\n", arguments.out));
  read_study(arguments.out, {}, line.plugins);  // names what the workflow asks for that no study can
  line.terminal.print(next_steps(imported, arguments));
}

}  // namespace

void add_import_study(CLI::App& app, CommandLine& line) {
  auto* command = add_command(app, "import-study", "Write the study that does what a qlib workflow does",
                              "orrery import-study workflow_config_lightgbm_Alpha158.yaml --out study.yaml");
  auto arguments = std::make_shared<ImportStudyArguments>();
  command->add_option("workflow", arguments->workflow, "The workflow, as qrun takes it")
      ->required()
      ->type_name("WORKFLOW.yaml");
  command
      ->add_option("--prices", arguments->prices,
                   "The study's price file, from the study's folder; orrery import qlib makes it")
      ->capture_default_str()
      ->type_name("FILE");
  command->add_option("--out", arguments->out, "The study")->capture_default_str()->type_name("STUDY.yaml");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { import_study_command(line, *arguments); }; });
}

}  // namespace orrery::cli
