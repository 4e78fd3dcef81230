/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file limits.h
 * Bounds of everything that grows. What a user may tune is in the configuration; these are the hard ends.
 */
#ifndef ZYNC_BASE_LIMITS_H
#define ZYNC_BASE_LIMITS_H

#define ZYNC_LIMIT_REPLY_BYTES	   (256u * 1024 * 1024) /* one HTTP reply, uncompressed */
#define ZYNC_LIMIT_REQUEST_BYTES   (64u * 1024 * 1024)	/* one HTTP request body */
#define ZYNC_LIMIT_JSON_DEPTH	   128u			/* nesting of any JSON document */
#define ZYNC_LIMIT_CONFIG_BYTES	   (4u * 1024 * 1024)	/* one configuration file */
#define ZYNC_LIMIT_CONFIG_DEPTH	   32u			/* nesting of the YAML */
#define ZYNC_LIMIT_CONFIG_NODES	   200000u		/* YAML nodes, aliases expanded (guards against alias bombs) */
#define ZYNC_LIMIT_CONVERT_BYTES   (1024u * 1024)	/* one Python file to be converted */
#define ZYNC_LIMIT_CONVERT_VALUES  20000u		/* values and statements in it */
#define ZYNC_LIMIT_CONVERT_DEPTH   32u			/* nesting of its brackets */
#define ZYNC_LIMIT_MAPPINGS	   10000u
#define ZYNC_LIMIT_TEMPLATE_SOURCE (16u * 1024)			    /* bytes of one text template */
#define ZYNC_LIMIT_TEMPLATE_STEPS  10000u			    /* nodes evaluated for one text */
#define ZYNC_LIMIT_TEMPLATE_OUTPUT (64u * 1024)			    /* bytes of one rendered text */
#define ZYNC_LIMIT_PAGES	   1000000u			    /* pages of one NetBox walk */
#define ZYNC_LIMIT_LOG_LINE	   4096u			    /* bytes of one log line, longer ones are cut */
#define ZYNC_LIMIT_SECRET_BYTES	   (64u * 1024)			    /* a token, password or key file */
#define ZYNC_LIMIT_SECRET_FORMS	   65536u			    /* texts that the log masks; a secret has up to five */
#define ZYNC_LIMIT_GROUP_DEPTH	   32u				    /* nesting of a host group name */
#define ZYNC_LIMIT_ARENA_BYTES	   ((size_t)4 * 1024 * 1024 * 1024) /* one arena, where nothing smaller is given */

#endif
