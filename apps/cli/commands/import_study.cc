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

void import_study_command(CommandLine& line, const ImportStudyArguments& arguments) {
  const auto name = std::filesystem::path(arguments.workflow).stem().string();
  const auto imported =
      import_qlib_workflow(read_file(arguments.workflow), arguments.workflow, name, arguments.prices);
  write_file_atomically(arguments.out, imported.study_yaml);
  for (const auto& warning : imported.warnings)
    line.terminal.print(fmt::format("not carried over: {}\n", warning));
  read_study(arguments.out, {}, line.plugins);  // says what of it is no study
  line.terminal.print(fmt::format("study    {}\n", arguments.out));
}

}  // namespace

void add_import_study(CLI::App& app, CommandLine& line) {
  auto* command = add_command(app, "import-study", "Write the study that does what a qlib workflow does",
                              "orrery import-study workflow_config_lightgbm_Alpha158.yaml --out study.yaml");
  auto arguments = std::make_shared<ImportStudyArguments>();
  command->add_option("workflow", arguments->workflow, "The workflow, as qrun takes it")
      ->required()
      ->type_name("WORKFLOW.yaml");
  command->add_option("--prices", arguments->prices, "The study's price file; orrery import qlib makes it")
      ->capture_default_str()
      ->type_name("FILE");
  command->add_option("--out", arguments->out, "The study")->capture_default_str()->type_name("STUDY.yaml");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { import_study_command(line, *arguments); }; });
}

}  // namespace orrery::cli
