#pragma once
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <string>

#include "os/runtime.h"

namespace moldau::os {

// Runs one coroutine on a real env with one shard, to its end.
inline void on_one_shard(std::function<env::Task<void>(env::Env&)> body) {
  Runtime runtime;
  runtime.run(std::move(body));
}

// A directory that goes with the test.
class TempDirectory {
 public:
  TempDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "moldau-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace moldau::os
