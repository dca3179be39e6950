// As src.h, for the node.
#pragma once
#include "env/env.h"
#include "metadata/image.h"
#include "raft/types.h"
#include "record/batch.h"
#include "rpc/response.h"
#include "src.h"
