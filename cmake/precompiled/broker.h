// As src.h, for the broker and its handlers.
#pragma once
#include "broker/group_coordinators.h"
#include "broker/handlers/handlers.h"
#include "broker/request_context.h"
#include "broker/transaction_coordinators.h"
#include "env/env.h"
#include "env/task.h"
#include "src.h"
