#include "os/system_error.h"

#include <cerrno>
#include <system_error>

namespace moldau::os {
namespace {

Errc errc_of(int error_number) {
  switch (error_number) {
    case ENOENT:
      return Errc::not_found;
    case EEXIST:
      return Errc::already_exists;
    case ENOSPC:
    case EDQUOT:
      return Errc::no_space;
    case EMFILE:
    case ENFILE:
      return Errc::limit_reached;
    default:
      return Errc::io_failure;
  }
}

}  // namespace

std::string system_text(int error_number) { return std::generic_category().message(error_number); }

std::unexpected<Error> file_error(std::string_view path, std::string_view call, int error_number) {
  return fail(errc_of(error_number), "{}: {}: {}", path, call, system_text(error_number));
}

}  // namespace moldau::os
