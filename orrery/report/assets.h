#pragma once

#include <string_view>

namespace orrery {

/// The bundled script and style sheet of the report, embedded in the program at build time.
/// They contain no `</script` or `</style`.
std::string_view report_script();
std::string_view report_style();

}  // namespace orrery
