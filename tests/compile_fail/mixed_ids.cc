// error: invalid operands
#include "base/ids.h"

bool compare(moldau::Offset a, moldau::LeaderEpoch b) { return a < b; }
