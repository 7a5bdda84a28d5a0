// Long short-term memory whose h is projected to fewer values than there are units (Sak et al. 2014, arXiv 1402.1128).
#pragma once

#include "lstm/kernel.cuh"
#include "recurrent/projected_kernel.cuh"
