// As src.h, for the group coordinator.
#pragma once
#include "group/classic_group.h"
#include "group/consumer_group.h"
#include "group/machine.h"
#include "src.h"
