#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/tool.h"

namespace moldau::cli {

// The command line of `moldau server`, kafka-server-start.sh and kafka-run-class.sh kafka.Kafka.
// Context: pure. Source: kafka.Kafka, kafka-server-start.sh, kafka-run-class.sh.
struct ServerOptions {
  std::optional<std::string> file;
  std::string data = "./moldau-data";  // without a file
  std::vector<std::string> overrides;  // key=value
  bool daemon = false;
  std::string name = "kafkaServer";  // of the file that a daemon's output goes to
  bool help = false;
  bool version = false;
};

// Kafka's names start nothing without a file; `moldau server` then serves on its own settings.
enum class ServerFile : std::uint8_t { optional, required };

// Errors: invalid_request, with what the person reads above the usage. Without a file that is
// required, `help` is set: the usage says what to give.
[[nodiscard]] Result<ServerOptions> read_server_options(std::span<const std::string> words,
                                                        ServerFile file);
[[nodiscard]] std::string server_usage(std::string_view called_as, ServerFile file);

// kafka-run-class.sh [-daemon] [-name NAME] [-loggc] CLASS [OPTION]...
struct ClassToRun {
  std::string java_class;           // empty: none was given
  std::vector<std::string> before;  // -daemon and -name NAME, which only the server looks at
  std::vector<std::string> words;   // behind the class
};
// What is for a Java machine (-D..., -X..., -loggc) is passed over.
[[nodiscard]] ClassToRun read_class_to_run(std::span<const std::string> words);

}  // namespace moldau::cli
