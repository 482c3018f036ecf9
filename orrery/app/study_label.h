#pragma once

#include <optional>
#include <string>

#include "orrery/app/study.h"
#include "orrery/base/config.h"
#include "orrery/market/market_data.h"
#include "orrery/ml/label_life.h"

namespace orrery {

/// Reads the section `label`. `price` is that of the study's fills, whose delay is read already.
void read_label(ConfigReader reader, Study& study, const std::string& price);

/// What a study's model learns, before the label step.
struct StudyLabel {
  Panel values;
  std::optional<RowPanel> last_rows;  ///< of labels that become known cell by cell; absent: span_rows later
};

/// Computes the study's label. Look-ahead: by the label's span, or up to the cell's last row, which purging
/// takes out. The same bits for any number of threads.
StudyLabel study_label(const Study& study, const MarketData& market, int threads);

/// The label's last rows, where it has some, and the study does not demand a purge that is shorter than its
/// span.
const RowPanel* label_ends(const Study& study, const StudyLabel& label);

/// Whether training purges each label by the session on which it became known, and not whole sessions by the
/// longest span: triple barriers, unless the study sets a number of sessions, or the cells that are known
/// early would all tell the same: events (the others, late, are all 0), and barriers on one side alone.
bool purges_by_touch(const Study& study);

/// What is learned, as the report says it.
std::string label_text(const Study& study);

/// The name of the fills' price among a market's fields.
std::string fill_price_name(FillPrice price);

}  // namespace orrery
