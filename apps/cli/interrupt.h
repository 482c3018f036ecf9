#pragma once

namespace orrery::cli {

/// Takes Ctrl-C (SIGINT) and SIGTERM as the wish to stop: `interrupted` says true from then on. A second one
/// ends the program at once.
void watch_interrupts();

/// True once the user asked to stop.
bool interrupted();

}  // namespace orrery::cli
