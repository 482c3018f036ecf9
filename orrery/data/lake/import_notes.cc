#include "orrery/data/lake/import_notes.h"

#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/delta_schema.h"
#include "orrery/data/text_codes.h"

namespace orrery {

Table notes_table(const std::vector<ImportNote>& notes) {
  TextCodes tables, symbols, places, reasons, columns, found;
  std::vector<Date> days;
  for (const auto& note : notes) {
    tables.append(tables.code(note.table));
    symbols.append(note.symbol.empty() ? -1 : symbols.code(note.symbol));
    places.append(places.code(note.place));
    reasons.append(reasons.code(note.reason));
    columns.append(columns.code(note.column));
    found.append(found.code(note.found));
    days.push_back(note.date.value_or(kMissingDate));
  }
  return {{{"table", tables.take()},
           {"symbol", symbols.take()},
           {"date", std::move(days)},
           {"url", places.take()},
           {"reason", reasons.take()},
           {"column", columns.take()},
           {"found", found.take()}}};
}

Table with_source(Table rows, const std::string& source, Timestamp retrieved) {
  const auto count = rows.rows();
  rows.columns.push_back({kSource, repeated_text(count, source)});
  rows.columns.push_back({"retrieved", std::vector<std::int64_t>(count, retrieved.nanoseconds)});
  return rows;
}

}  // namespace orrery
