#include "os/daemon.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace moldau::os {
namespace {

TEST(Daemon, GoesOnInTheBackgroundAndWritesToTheFile) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("moldau-daemon-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const std::string output = folder / "server.out";
  const pid_t child = ::fork();
  if (child == 0) {
    if (!go_to_background(output)) ::_exit(1);
    const bool own_session = ::getsid(0) == ::getpid();
    const std::string said = own_session ? "in the background\n" : "in the old session\n";
    (void)!::write(STDOUT_FILENO, said.data(), said.size());
    ::_exit(0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "the caller's process ends well";
  std::string line;
  for (int i = 0; i < 500 && line.empty(); ++i) {
    std::ifstream in(output);
    std::getline(in, line);
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  EXPECT_EQ(line, "in the background");
  std::filesystem::remove_all(folder);
}

TEST(Daemon, OutputThatCannotBeMadeIsAnError) {
  const Result<void> gone = go_to_background("/nowhere/at/all/server.out");
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().code(), Errc::io_failure);
}

}  // namespace
}  // namespace moldau::os
