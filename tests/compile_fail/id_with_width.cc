// error: unknown format specifier
#include "base/ids.h"

std::string widened(moldau::Offset a) { return fmt::format("{:>4}", a); }
