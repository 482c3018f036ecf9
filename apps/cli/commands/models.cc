#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "apps/cli/model_text.h"
#include "apps/cli/plural.h"
#include "orrery/app/register_run.h"
#include "orrery/base/error.h"

namespace orrery::cli {
namespace {

struct ModelsArguments {
  std::string run;
  std::string name;
  std::string model;  ///< NAME or NAME@VERSION
  std::string reason;
  bool json = false;
};

ModelStore open_registry() { return ModelStore(default_model_store()); }

void print_changes(CommandLine& line, const ModelsArguments& arguments,
                   const std::vector<StageChange>& changes) {
  line.terminal.print(arguments.json ? changes_json(changes) : changes_text(changes));
}

void list_command(CommandLine& line, const ModelsArguments& arguments) {
  const auto versions = open_registry().versions();
  if (arguments.json) {
    line.terminal.print(versions_json(versions));
  } else if (versions.empty()) {
    line.terminal.print("No model is registered yet; 'orrery models add RUN_FOLDER' registers the first.\n");
  } else {
    line.terminal.print_table(versions_table(versions));
  }
}

void add_model_command(CommandLine& line, const ModelsArguments& arguments) {
  const auto model = describe_run_model(read_stored_run(find_run(arguments.run)), arguments.name);
  auto registry = open_registry();
  const auto added = registry.add(model, arguments.reason);
  if (arguments.json) {
    line.terminal.print(version_json(registry, added));
    return;
  }
  line.terminal.print(fmt::format(
      "{0}, a candidate: {1}, trained to {2}, {3} kept.\n'orrery models promote {0}' makes it live.\n",
      added.reference(), added.lineage.model, to_string(added.lineage.train.last),
      plural(added.files.size(), "file")));
}

/// The named version; of a bare name the live one, or else the last.
ModelVersion shown_version(const ModelStore& registry, const std::string& text) {
  const auto reference = parse_model_reference(text);
  if (reference.version) return registry.find(reference);
  const auto all = registry.versions(reference.name);
  for (const auto& version : all) {
    if (version.stage == ModelStage::kLive) return version;
  }
  return all.back();
}

void show_command(CommandLine& line, const ModelsArguments& arguments) {
  const auto registry = open_registry();
  const auto version = shown_version(registry, arguments.model);
  line.terminal.print(arguments.json ? version_json(registry, version)
                                     : version_text(registry, version, line.terminal.width()));
}

void history_command(CommandLine& line, const ModelsArguments& arguments) {
  const auto changes =
      open_registry().history(arguments.model.empty() ? "" : parse_model_reference(arguments.model).name);
  if (changes.empty() && !arguments.json) {
    line.terminal.print("No model is registered yet.\n");
    return;
  }
  print_changes(line, arguments, changes);
}

void rollback_command(CommandLine& line, const ModelsArguments& arguments) {
  const auto reference = parse_model_reference(arguments.model);
  if (reference.version) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("a rollback chooses the version itself: give the name alone, or use 'orrery "
                                 "models promote {0}', found '{0}'",
                                 arguments.model));
  }
  print_changes(line, arguments, open_registry().rollback(reference.name, arguments.reason));
}

std::vector<ModelVersion> verified_versions(const ModelStore& registry, const std::string& model) {
  if (model.empty()) return registry.versions();
  const auto reference = parse_model_reference(model);
  if (!reference.version) return registry.versions(reference.name);
  return {registry.find(reference)};
}

void verify_command(CommandLine& line, const ModelsArguments& arguments) {
  const auto registry = open_registry();
  const auto versions = verified_versions(registry, arguments.model);
  std::vector<std::string> damage;
  std::size_t files = 0;
  for (const auto& version : versions) {
    files += version.files.size();
    for (const auto& found : registry.damage(version))
      damage.push_back(fmt::format("{}: {}", version.reference(), found));
  }
  if (arguments.json) {
    const nlohmann::ordered_json json = {
        {"verified", damage.empty()}, {"versions", versions.size()}, {"files", files}, {"damage", damage}};
    line.terminal.print(json.dump(1) + "\n");
  } else if (damage.empty()) {
    line.terminal.print(fmt::format("{} of {}: every one as it was kept\n", plural(files, "file"),
                                    plural(versions.size(), "version")));
  }
  if (damage.empty()) return;
  throw external_error(ErrorCode::kDataCorrupt, fmt::format("{}", fmt::join(damage, "\n")));
}

using Arguments = std::shared_ptr<ModelsArguments>;
using Work = void (*)(CommandLine&, const ModelsArguments&);

/// Adds a command under `models` that does `work`.
CLI::App* add_part(CLI::App& models, CommandLine& line, const Arguments& arguments, const std::string& name,
                   const std::string& summary, const std::string& example, Work work) {
  auto* part = add_command(models, name, summary, example);
  part->add_flag("--json", arguments->json, "Print as JSON");
  part->callback(
      [&line, arguments, work] { line.action = [&line, arguments, work] { work(line, *arguments); }; });
  return part;
}

CLI::Option* add_model(CLI::App& part, const Arguments& arguments, const std::string& what,
                       const std::string& type) {
  return part.add_option("model", arguments->model, what)->type_name(type);
}

void add_reason(CLI::App& part, const Arguments& arguments) {
  part.add_option("--reason", arguments->reason, "Why, for the history")->type_name("TEXT");
}

void add_stage_parts(CLI::App& models, CommandLine& line, const Arguments& arguments) {
  auto* promote = add_part(
      models, line, arguments, "promote", "Make a version live; the one that was live is retired",
      "orrery models promote sp500-daily@2 --reason \"better in June\"",
      [](CommandLine& to, const ModelsArguments& given) {
        print_changes(to, given, open_registry().promote(parse_model_reference(given.model), given.reason));
      });
  add_model(*promote, arguments, "The version", "NAME@VERSION")->required();
  auto* rollback = add_part(models, line, arguments, "rollback",
                            "Retire the live version, and make the one live that was before it",
                            "orrery models rollback sp500-daily", rollback_command);
  add_model(*rollback, arguments, "The model", "NAME")->required();
  auto* retire = add_part(
      models, line, arguments, "retire", "Retire a version, or the live one of a name",
      "orrery models retire sp500-daily@1 --reason stale", [](CommandLine& to, const ModelsArguments& given) {
        print_changes(to, given, open_registry().retire(parse_model_reference(given.model), given.reason));
      });
  add_model(*retire, arguments, "The version, or the live one", "NAME[@VERSION]")->required();
  auto* demote = add_part(
      models, line, arguments, "demote", "Make the live version a candidate again",
      "orrery models demote sp500-daily", [](CommandLine& to, const ModelsArguments& given) {
        print_changes(to, given, open_registry().demote(parse_model_reference(given.model), given.reason));
      });
  add_model(*demote, arguments, "The model", "NAME[@VERSION]")->required();
  for (auto* part : {promote, rollback, retire, demote}) add_reason(*part, arguments);
}

}  // namespace

void add_models(CLI::App& app, CommandLine& line) {
  auto* models = add_command(app, "models", "Register the models of runs, and say which one is live",
                             "orrery models add out/sp500-daily");
  models->require_subcommand(0, 1);
  auto arguments = std::make_shared<ModelsArguments>();
  models->add_flag("--json", arguments->json, "Print as JSON");
  models->callback([&line, arguments, models] {
    if (models->get_subcommands().empty())
      line.action = [&line, arguments] { list_command(line, *arguments); };
  });
  add_part(*models, line, arguments, "list", "List the registered versions", "orrery models list",
           list_command);
  auto* add = add_part(*models, line, arguments, "add", "Register the model of a run, a candidate",
                       "orrery models add out/sp500-daily --name sp500", add_model_command);
  add->add_option("run", arguments->run, "A run's folder, or its name under out/")
      ->required()
      ->type_name("RUN");
  add->add_option("--name", arguments->name, "The model's name [the study's]")->type_name("NAME");
  add_reason(*add, arguments);
  auto* show =
      add_part(*models, line, arguments, "show", "Show where a version comes from, its files and its history",
               "orrery models show sp500-daily@1", show_command);
  add_model(*show, arguments, "The version; of a bare name the live or else the last one", "NAME[@VERSION]")
      ->required();
  auto* history = add_part(*models, line, arguments, "history", "Show every change of stages there was",
                           "orrery models history sp500-daily", history_command);
  add_model(*history, arguments, "The model [all]", "NAME");
  auto* verify = add_part(*models, line, arguments, "verify", "Hold the files against their fingerprints",
                          "orrery models verify", verify_command);
  add_model(*verify, arguments, "What to verify [all]", "NAME[@VERSION]");
  add_stage_parts(*models, line, arguments);
}

}  // namespace orrery::cli
