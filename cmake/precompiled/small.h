// As src.h, for modules that are compiled for size (cmake/MoldauModules.cmake).
#pragma once
#include "src.h"
