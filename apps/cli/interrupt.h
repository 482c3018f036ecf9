#pragma once

namespace orrery::cli {

/// What becomes of a read that waits for input when the wish to stop comes.
enum class PendingReads {
  kGoOn,
  kWake,  ///< it ends as at the end of the input
};

/// Takes Ctrl-C (SIGINT) and SIGTERM as the wish to stop: `interrupted` says true from then on. A second one
/// ends the program at once.
void watch_interrupts(PendingReads reads = PendingReads::kGoOn);

/// Takes SIGHUP as the wish to read settings anew.
void watch_reloads();

/// True once after each of those.
bool take_reload();

/// True once the user asked to stop.
bool interrupted();

}  // namespace orrery::cli
