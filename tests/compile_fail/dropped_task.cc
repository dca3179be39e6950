// error: ignoring return value
#include "env/task.h"

moldau::env::Task<> work();
void caller() { work(); }
