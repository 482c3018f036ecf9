#include "apps/cli/vendor_summary.h"

namespace orrery::cli {
namespace {

struct VendorArguments {
  std::string path, mapping;
  std::string lake = "lake";
  bool json = false;
};

void vendor_command(CommandLine& line, const VendorArguments& arguments) {
  run_vendor_import(line, arguments.lake, arguments.path, read_vendor_mapping(arguments.mapping),
                    arguments.json);
}

}  // namespace

void add_import_vendor(CLI::App& import, CommandLine& line) {
  auto* command =
      add_command(import, "vendor",
                  "Take an export of Bloomberg, RavenPack, Refinitiv or another vendor, as a mapping says",
                  "orrery import vendor examples/mappings/bloomberg_bars.csv --mapping "
                  "examples/mappings/bloomberg_bars.yaml --lake lake");
  auto arguments = std::make_shared<VendorArguments>();
  command->add_option("path", arguments->path, "The export: text (.gz too), Parquet, Feather")
      ->required()
      ->type_name("FILE");
  command->add_option("--mapping", arguments->mapping, "Which column is what; docs/sources/vendor.md")
      ->required()
      ->type_name("FILE.yaml");
  command->add_option("--lake", arguments->lake, "The lake's folder, or s3://BUCKET/PREFIX")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { vendor_command(line, *arguments); }; });
}

}  // namespace orrery::cli
