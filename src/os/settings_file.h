#pragma once
#include <string>

#include "base/result.h"

namespace moldau::os {

// The text of a configuration file that a person named on the command line; a pipe is read too.
// REQUIRES: no other thread waits for this one: the calls may wait for the disk.
// Errors: bad_configuration, with what to do: not there, a directory, larger than
// k_settings_file_bytes_max, not readable.
[[nodiscard]] Result<std::string> read_settings_file(const std::string& path);

}  // namespace moldau::os
