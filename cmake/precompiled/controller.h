// As src.h, for the controller.
#pragma once
#include "controller/decision.h"
#include "controller/view.h"
#include "src.h"
