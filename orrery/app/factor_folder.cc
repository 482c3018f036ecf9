#include "orrery/app/factor_folder.h"

#include <fmt/format.h>

#include "orrery/app/factor_json.h"
#include "orrery/app/factor_tables.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

constexpr const char* kMark = "evaluation.json";

}  // namespace

void check_factor_folder(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder) || std::filesystem::exists(folder / kMark)) return;
  if (std::filesystem::is_directory(folder) && std::filesystem::is_empty(folder)) return;
  throw user_error(
      ErrorCode::kAlreadyExists,
      fmt::format("the output folder holds something that is no evaluation of factors; name another "
                  "with --out: {}",
                  folder.string()));
}

void write_factor_folder(const FactorJob& job, const JudgedFactors& judged,
                         const std::filesystem::path& folder) {
  check_factor_folder(folder);
  FolderTransaction transaction(folder, true);
  const auto& report = judged.report;
  const auto write = [&](const char* name, const std::string& content) {
    write_file_atomically(transaction.staging() / name, content);
  };
  {
    const DeferredSync until_commit;
    write("factors.csv", ranking_csv(report));
    write("horizons.csv", horizons_csv(report));
    write("decay.csv", decay_csv(report));
    write("by_time.csv", by_time_csv(report));
    write("correlations.csv", correlations_csv(report));
    write_parquet(daily_table(report.evaluation), transaction.staging() / "daily.parquet");
    write("report.html", render_factor_report(report));
  }
  write(kMark, evaluation_json(job, judged));
  transaction.commit();
}

}  // namespace orrery
