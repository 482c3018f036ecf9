#include "orrery/feature/online_store.h"

#include <fmt/format.h>

#include "orrery/base/error.h"

namespace orrery {

void refuse_older(const std::optional<Materialization>& found, const Materialization& wanted, bool back) {
  if (back || !found || found->session <= wanted.session) return;
  throw user_error(ErrorCode::kAlreadyExists,
                   fmt::format("view {} has the values of {} already, and these are of {}; --back puts them "
                               "there all the same",
                               wanted.view, to_string(found->session), to_string(wanted.session)));
}

}  // namespace orrery
