#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace moldau::os {

// "No such file or directory" of ENOENT. Safe on any thread.
[[nodiscard]] std::string system_text(int error_number);

// The error of a file call: not_found, already_exists, no_space, limit_reached (descriptors) or
// io_failure, with "<path>: <call>: <the system's text>".
[[nodiscard]] std::unexpected<Error> file_error(std::string_view path, std::string_view call,
                                                int error_number);

}  // namespace moldau::os
