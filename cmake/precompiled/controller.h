// As src.h, for the controller.
#pragma once
#include "src.h"

#include "controller/decision.h"
#include "controller/view.h"
