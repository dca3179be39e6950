#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace moldau::harness {

struct RunOptions {
  std::uint64_t seed = 0;
  std::uint64_t events_max = 500'000;  // of the world; a run ends earlier by itself
  std::string planted_bug;             // "": none; names of planted_bugs.h
  bool trace = false;                  // what happens, to standard error
};

struct RunResult {
  bool passed = false;
  std::string failure;  // what a checker saw, with the offsets; empty when it passed
  std::uint64_t events = 0;
  std::uint64_t hash = 0;
};

// One kind of run: what stands in the world, what happens to it, what is checked.
struct Scenario {
  std::string_view name;
  std::string_view about;
  RunResult (*run)(const RunOptions& options);
};

// Sorted by name.
[[nodiscard]] std::span<const Scenario> scenarios();
// nullptr when there is none of this name.
[[nodiscard]] const Scenario* find_scenario(std::string_view name);

// "seed 7: PASS events=1234 hash=00f3…": the contract with scripts.
[[nodiscard]] std::string result_line(std::uint64_t seed, const RunResult& result);

}  // namespace moldau::harness
