// As src.h, for the tools.
#pragma once
#include <nlohmann/json.hpp>

#include "cli/options.h"
#include "cli/session.h"
#include "cli/tool.h"
#include "client/cluster.h"
#include "src.h"
