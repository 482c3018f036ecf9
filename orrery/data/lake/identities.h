#pragma once

#include "orrery/data/lake/lake_view.h"
#include "orrery/market/identities.h"

namespace orrery {

/// Reads the renames that a view of a lake knows: rows of corporate_actions of the kind `rename`, whose note
/// is the new symbol. None where there is no such table.
Identities read_identities(Lake& lake, const LakeView& view);

}  // namespace orrery
