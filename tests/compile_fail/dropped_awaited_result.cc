// error: ignoring return value
#include "base/result.h"
#include "env/task.h"

moldau::env::Task<moldau::Result<int>> work();
moldau::env::Task<> caller() { co_await work(); }
