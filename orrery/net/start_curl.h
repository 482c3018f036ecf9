#pragma once

namespace orrery {

/// Starts libcurl, the first time it is called. Errors: kUnavailable.
void start_curl_once();

}  // namespace orrery
