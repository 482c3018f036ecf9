#include "orrery/data/lake/import_vendor.h"

#include <utility>

#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/provider_facts.h"
#include "orrery/data/lake/vendor_rows.h"

namespace orrery {
namespace {

void add_notes(Lake& lake, const std::vector<ImportNote>& notes, const VendorMapping& mapping,
               Timestamp retrieved) {
  auto table = with_source(notes_table(notes), mapping.source, retrieved);
  for (const auto& rows : facts_of("quarantine", std::move(table), "")) add_versions(lake, rows);
}

}  // namespace

VendorImport import_vendor(Lake& lake, const std::filesystem::path& file, const VendorMapping& mapping,
                           Timestamp retrieved) {
  auto read = read_vendor_rows(file, mapping, retrieved);
  round_moments(read.rows, mapping.definition.schema);
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
