#include "orrery/data/lake/import_vendor.h"

#include <utility>

#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/provider_facts.h"
#include "orrery/data/lake/vendor_rows.h"

namespace orrery {
namespace {

/// The lake keeps microseconds; a finer moment goes up, so that nothing is known before its time.
void round_up(Table& rows, const DeltaSchema& schema) {
  for (auto& column : rows.columns) {
    const auto* field = schema.find(column.name);
    if (field == nullptr || field->type != DeltaType::kTimestamp) continue;
    for (auto& moment : std::get<std::vector<std::int64_t>>(column.values)) moment = to_lake_moment(moment);
  }
}

void add_notes(Lake& lake, const std::vector<ImportNote>& notes, const VendorMapping& mapping,
               Timestamp retrieved) {
  Table table = notes_table(notes);
  const auto count = table.rows();
  table.columns.push_back(
      {kSource, DictionaryStrings{std::vector<std::int32_t>(count, 0), {mapping.source}}});
  table.columns.push_back({"retrieved", std::vector<std::int64_t>(count, retrieved.nanoseconds)});
  for (const auto& rows : facts_of("quarantine", std::move(table), "")) add_versions(lake, rows);
}

}  // namespace

VendorImport import_vendor(Lake& lake, const std::filesystem::path& file, const VendorMapping& mapping,
                           Timestamp retrieved) {
  auto read = read_vendor_rows(file, mapping, retrieved);
  round_up(read.rows, mapping.definition.schema);
  VendorImport result;
  result.rows_read = read.read;
  result.unused = std::move(read.unused);
  for (const auto& note : read.notes) ++result.quarantined[note.reason];
  using Kind = VendorKnown::Kind;
  const bool is_published = mapping.known.kind == Kind::kMoment || mapping.known.kind == Kind::kDay;
  std::vector<std::string> account;
  if (is_published) account = {kKnownTime};
  result.facts = add_versions(lake, {mapping.definition, account, std::move(read.rows)});
  if (!read.notes.empty()) add_notes(lake, read.notes, mapping, retrieved);
  return result;
}

}  // namespace orrery
