// As src.h, for the broker and its handlers.
#pragma once
#include "broker/request_context.h"
#include "env/env.h"
#include "env/task.h"
#include "src.h"
