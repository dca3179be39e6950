#include "os/descriptor.h"

#include <unistd.h>

namespace moldau::os {

void Descriptor::reset() {
  // An error of close() says nothing that anybody could act on: what must be durable was synced.
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace moldau::os
