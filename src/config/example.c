/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_priv.h"
