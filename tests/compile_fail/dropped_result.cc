// error: ignoring return value
#include "base/result.h"

moldau::Result<int> work();
void caller() { work(); }
