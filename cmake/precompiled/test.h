// As src.h, for test programs.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src.h"
