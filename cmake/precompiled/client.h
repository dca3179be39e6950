// As src.h, for the client.
#pragma once
#include "client/assignor.h"
#include "client/cluster.h"
#include "client/group_offsets.h"
#include "client/member.h"
#include "client/record.h"
#include "env/env.h"
#include "src.h"
