// As src.h, for the client.
#pragma once
#include "src.h"

#include "client/cluster.h"
#include "client/record.h"
#include "env/env.h"
