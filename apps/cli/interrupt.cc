#include "apps/cli/interrupt.h"

#include <csignal>
#include <initializer_list>

namespace orrery::cli {
namespace {

volatile std::sig_atomic_t asked_to_stop = 0;

volatile std::sig_atomic_t asked_to_reload = 0;

void remember_reload(int /*signal*/) { asked_to_reload = 1; }

void remember(int /*signal*/) { asked_to_stop = 1; }

}  // namespace

void watch_interrupts(PendingReads reads) {
  struct sigaction action = {};
  action.sa_handler = remember;
  action.sa_flags = static_cast<int>(SA_RESETHAND | (reads == PendingReads::kGoOn ? SA_RESTART : 0));
  for (const int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
}

void watch_reloads() {
  struct sigaction action = {};
  action.sa_handler = remember_reload;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGHUP, &action, nullptr);
}

bool take_reload() {
  const bool asked = asked_to_reload != 0;
  asked_to_reload = 0;
  return asked;
}

bool interrupted() { return asked_to_stop != 0; }

}  // namespace orrery::cli
