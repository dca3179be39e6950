// As src.h, for the simulation.
#pragma once
#include "client/cluster.h"
#include "harness/cluster_run.h"
#include "harness/verdict.h"
#include "sim/world.h"
#include "src.h"
