#pragma once
#include <string>

#include "base/result.h"

namespace moldau::os {

// Lets the process go on in the background: in a session of its own, without standard input, with
// standard output and error appended to `output_path`. The process that called ends at once with
// exit code 0; only the one in the background returns from here.
// REQUIRES: no other thread has been started.
// Errors: io_failure, while still in the foreground.
[[nodiscard]] Result<void> go_to_background(const std::string& output_path);

}  // namespace moldau::os
