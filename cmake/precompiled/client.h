// As src.h, for the client.
#pragma once
#include "client/cluster.h"
#include "client/record.h"
#include "env/env.h"
#include "src.h"
