#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/server_options.h"

namespace moldau::bin {

// `moldau server [FILE] [--data DIR] [--override KEY=VALUE]...`: runs a node in the foreground
// until SIGTERM or SIGINT. `words` follow the name. Returns the exit code.
[[nodiscard]] int run_server(std::string_view called_as, const std::vector<std::string>& words,
                             cli::ServerFile file);

}  // namespace moldau::bin
