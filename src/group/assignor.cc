#include "group/assignor.h"

namespace moldau::group {

std::optional<AssignorName> assignor_of(std::string_view name) {
  if (name == name_of(AssignorName::uniform)) return AssignorName::uniform;
  if (name == name_of(AssignorName::range)) return AssignorName::range;
  return std::nullopt;
}

std::string_view name_of(AssignorName assignor) {
  switch (assignor) {
    case AssignorName::uniform:
      return "uniform";
    case AssignorName::range:
      return "range";
  }
  return "";
}

GroupAssignment assign(AssignorName assignor, const AssignmentQuestion& question) {
  if (question.members.empty()) return {};
  switch (assignor) {
    case AssignorName::uniform:
      return assign_uniformly(question);
    case AssignorName::range:
      return assign_ranges(question);
  }
  return {};
}

}  // namespace moldau::group
