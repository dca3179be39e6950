// As src.h, for the tools.
#pragma once
#include <nlohmann/json.hpp>

#include "cli/console_settings.h"
#include "cli/options.h"
#include "cli/session.h"
#include "cli/tool.h"
#include "client/cluster.h"
#include "client/group_offsets.h"
#include "client/record.h"
#include "config/keys.h"
#include "src.h"
